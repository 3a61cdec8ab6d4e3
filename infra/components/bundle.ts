import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { plainRefusal } from "../plain-refusal";

// Seen from infra/components and, once built, from dist/infra/components.
const BUNDLE_ROOTS = ["../../dist/lambda", "../../lambda"];

/**
 * The built bundle of a function, as an archive of its folder: a zip carries times, and so would show a
 * difference after each build. The path is relative, so that no machine's folders stand in the state.
 */
export function bundleOf(
  name: string,
  bundlesFolder: string | undefined,
): pulumi.asset.FileArchive {
  const roots = bundlesFolder ?? BUNDLE_ROOTS.map((root) => join(__dirname, root));
  const folder = [roots]
    .flat()
    .map((root) => join(root, name))
    .find((candidate) => existsSync(join(candidate, "index.mjs")));
  if (folder === undefined) {
    throw plainRefusal(`the bundle ${name} is missing: run npm run build`);
  }
  return new pulumi.asset.FileArchive(relative(process.cwd(), folder));
}
