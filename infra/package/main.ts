import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi/errors";
import type { Provider } from "@pulumi/pulumi/provider";
import { main } from "@pulumi/pulumi/provider/server";
import type { PackageSpec } from "./given";

/** From dist/package, where this is bundled to, and where the schema is copied to. */
const schema = readFileSync(join(__dirname, "schema.json"), "utf8");
const spec = JSON.parse(schema) as PackageSpec;

/** Components are loaded when the first one is asked for: whoever wants the schema alone waits for none. */
const provider: Provider = {
  version: spec.version,
  schema,
  construct: async (...[name, type, given, opts]) => {
    const { construct } = require("./provider") as typeof import("./provider");
    return await construct(spec, { name, type, given, opts });
  },
};

// The server prints the stack of what was refused only once an output was known; a refusal has its line alone.
process.prependListener("unhandledRejection", (refusal) => {
  if (RunError.isInstance(refusal)) (refusal as Error).stack = "";
});

void main(provider, process.argv.slice(2));
