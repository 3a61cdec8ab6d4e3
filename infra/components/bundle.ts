import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { FunctionRole } from "../../contract/names";

// Seen from infra/components and, once built, from dist/infra/components.
const BUNDLE_ROOTS = ["../../dist/lambda", "../../lambda"];

/**
 * The built bundle of a function, as an archive of its folder: a zip carries times, and so would show a
 * difference after each build. The path is relative, so that no machine's folders stand in the state.
 */
export function bundleOf(
  role: FunctionRole,
  bundlesFolder: string | undefined,
): pulumi.asset.FileArchive {
  const roots = bundlesFolder ?? BUNDLE_ROOTS.map((root) => join(__dirname, root));
  const folder = [roots]
    .flat()
    .map((root) => join(root, role))
    .find((candidate) => existsSync(join(candidate, "index.mjs")));
  if (folder === undefined) {
    throw new pulumi.RunError(`the bundle of the ${role} function is missing: run npm run build`);
  }
  return new pulumi.asset.FileArchive(relative(process.cwd(), folder));
}
