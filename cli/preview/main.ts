import { EXIT } from "../exit-codes";
import { terminalSurroundings } from "../terminal";
import { preview } from "./preview";

preview(process.argv.slice(2), terminalSurroundings()).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : "the preview failed"}\n`);
    process.exitCode = EXIT.failed;
  },
);
