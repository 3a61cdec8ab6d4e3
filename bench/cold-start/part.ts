import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureEmulator, SILENT_PROGRESS } from "../../local/toolchain";
import budgets from "../../scripts/budgets.json";
import { type Part, table } from "../part";
import { cellOf } from "../spread";
import { type BundleLoad, measureLoads } from "./load";

/** What a function costs before its first line runs, and what each dependency has to do with it. */
export const coldStartPart: Part = {
  title: "Cold start",
  packages: ["@aws-sdk/client-secrets-manager", "undici", "valibot"],
  async run({ isQuick }) {
    // The functions' own runtime, out of the local world's toolchain.
    const { nodeBinDir } = await ensureEmulator(SILENT_PROGRESS);
    const node = join(nodeBinDir, "node");
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const rounds = isQuick ? 11 : 41;
    const loads = await measureLoads(node, rounds);
    const bytes = (name: string, size: number) => `${name} ${size.toLocaleString("en")}`;
    const allowed = Object.entries(budgets).map(([file, size]) => bytes(`\`${file}\``, size));
    return [
      `Each bundle is loaded in ${rounds} fresh processes of Node ${version}, the functions' runtime, taking turns. What a function never runs is left out`,
      "of its bundle (`scripts/build-bundles.ts`): other sources of credentials than the environment, in which Lambda puts the role's; undici's HTTP/2,",
      "its parser without SIMD and fetch's bodies. undici is here by decision of the project's owner; its price is the difference of the third row to the second.\n",
      loadsTable(loads),
      `\n\`npm run check\` fails when a bundle grows past its budget in \`scripts/budgets.json\`, in bytes zipped: ${allowed.join(", ")}.`,
    ].join("\n");
  },
};

function loadsTable(loads: readonly BundleLoad[]): string {
  const [base] = loads;
  const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
  const kilo = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
  const against = (one: number, other: number | undefined) =>
    (one / (other ?? Number.NaN)).toFixed(2);
  const rows = loads.map(({ title, rawBytes, zippedBytes, wallMs, cpuMs }) => [
    title,
    kilo(rawBytes),
    kilo(zippedBytes),
    cellOf(wallMs, milliseconds),
    against(wallMs.median, base?.wallMs.median),
    cellOf(cpuMs, milliseconds),
    against(cpuMs.median, base?.cpuMs.median),
  ]);
  const head = [
    "bundle",
    "size",
    "zipped",
    "load",
    "against the first",
    "processor",
    "against the first",
  ];
  return table([head, ...rows]);
}
