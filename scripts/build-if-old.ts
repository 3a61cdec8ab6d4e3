import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { isStale } from "../infra/is-stale";
import { linkCommand } from "./command-link";

const PROJECT = join(__dirname, "..");
/** What `dist` is made of; `dist/infra` and `dist/contract` are of the library, which is built apart. */
const SOURCES = ["cli", "contract", "lambda", "local", "reader", "scripts", "package-lock.json"];
const OUTPUTS = ["dist/cli", "dist/lambda", "dist/local", "dist/reader", "dist/third-party"];

// Installing runs no scripts: whoever needs `dist` sees to it.
if (OUTPUTS.some((output) => isStale(PROJECT, output, SOURCES))) {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: PROJECT, stdio: "inherit" });
}
// `npm ci` after a build takes the command's link away, and leaves `dist` as it is.
linkCommand(PROJECT);
