import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SILENT_PROGRESS, thisMachine } from "../../../local/toolchain";
import { ensureEntry } from "../../../local/toolchain/cache";

/** A Node to try the packed package on: a version of the npm package that carries the binary, pinned by its content. */
interface PinnedNode {
  readonly version: string;
  readonly integrity: string;
}

/** Every line of Node that is alive, where its binaries are pinned; other platforms try the machine's own alone. */
const PINNED: Readonly<Record<string, readonly PinnedNode[]>> = {
  "linux-x64": [
    {
      version: "22.23.5",
      integrity:
        "sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==",
    },
    {
      version: "24.22.3",
      integrity:
        "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
    },
    {
      version: "26.12.1",
      integrity:
        "sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==",
    },
  ],
};

const PLATFORM = `${process.platform}-${process.arch}`;

/** The versions of Node to try, the machine's own first. */
export const NODE_VERSIONS: readonly string[] = [
  process.versions.node,
  ...(PINNED[PLATFORM] ?? []).map(({ version }) => version),
];

/** The program of one of them, out of the cache or installed there. */
export async function nodeOf(version: string): Promise<string> {
  const pinned = PINNED[PLATFORM]?.find((one) => one.version === version);
  if (pinned === undefined) return process.execPath;
  const name = `node-${PLATFORM}`;
  const program = join("node_modules", name, "bin/node");
  const fill = async (folder: string) => {
    const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"];
    const args = [...install, `--prefix=${folder}`, `${name}@${version}`];
    execFileSync("npm", args, { cwd: folder, stdio: "pipe" });
    const lock = JSON.parse(
      readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"),
    ) as { packages: Record<string, { integrity?: string }> };
    const { integrity } = lock.packages[`node_modules/${name}`] ?? {};
    if (integrity !== pinned.integrity) throw new Error(`${name}@${version} is not the pinned one`);
    return { files: [program], facts: {} };
  };
  const plan = { name: `node-${version}-${PLATFORM}`, fill };
  const { folder } = await ensureEntry(thisMachine(), plan, SILENT_PROGRESS);
  return join(folder, program);
}
