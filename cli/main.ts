import { run } from "./run";
import { quietOutputs, terminalSurroundings } from "./terminal";

// The SDK prints at every start which Node it will ask for one day; that is for package.json to say.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

quietOutputs();
run(process.argv.slice(2), terminalSurroundings()).then(
  (exitCode) => {
    process.exitCode ??= exitCode;
  },
  (error: unknown) => {
    const name = error instanceof Error ? error.name : typeof error;
    process.stderr.write(`shopify-secrets: ${name}. Next: open an issue\n`);
    process.exitCode = 3;
  },
);
