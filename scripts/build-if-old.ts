import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { isStale } from "../infra/is-stale";
import { linkCommand, linkProgram } from "./command-link";

const PROJECT = join(__dirname, "..");
/** What `dist` is made of; `dist/infra` and `dist/contract` are of the library, which is built apart. */
const SOURCES = [
  "cli",
  "contract",
  "infra",
  "lambda",
  "local",
  "reader",
  "scripts",
  "package-lock.json",
];
const OUTPUTS = [
  "dist/cli",
  "dist/lambda",
  "dist/local",
  "dist/package",
  "dist/reader",
  "dist/third-party",
];

// Installing runs no scripts: whoever needs `dist` sees to it.
if (OUTPUTS.some((output) => isStale(PROJECT, output, SOURCES))) {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: PROJECT, stdio: "inherit" });
}
// `npm ci` after a build takes the command's link away, and leaves `dist` as it is.
linkCommand(PROJECT);
linkProgram(PROJECT, "pulumi-resource-shopify-secrets", join(PROJECT, "dist/package/main.js"));
