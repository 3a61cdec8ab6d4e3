import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { refuse } from "../../infra/config/refuse";

const INFRA = join(__dirname, "../../infra");

/** As Pulumi throws it on: from below the SDK's `resource.ts`, as its source map names it. */
const FRAME =
  "\n    at Stack.initializeAndRegisterOutputs (/project/node_modules/@pulumi/resource.ts:1598:22)";

test("a refusal has no stack: Node may go round in circles over one of the SDK's frames", () => {
  let refused: Error | undefined;
  const plain = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => `${error}${FRAME}`;
  try {
    refuse([{ path: "shopify-secrets:stores", says: "is odd" }]);
  } catch (error) {
    refused = error as Error;
    expect(refused.stack).toBe("");
  } finally {
    Error.prepareStackTrace = plain;
  }
  expect(refused?.message).toBe(
    "1 problem in config; nothing was touched:\n  shopify-secrets:stores is odd",
  );
  expect(inspect(refused, { colors: true })).not.toContain("node_modules");
});

test.each([
  [["stores.jsonl:2.kind", "stores.jsonl:15", "stores.jsonl"], "3 problems in stores.jsonl;"],
  [["shopify-secrets:apps", "stores.jsonl:2"], "2 problems in config and stores.jsonl;"],
  [["stores.yaml:acme.kind", "stores.csv:3"], "2 problems in stores.yaml and stores.csv;"],
  [["Pulumi.prod.yaml: line 3", "shopify-secrets:apps.a.csv"], "2 problems in config;"],
])("problems of %j are counted where they stand", (paths, says) => {
  const problems = paths.map((path) => ({ path, says: "is odd" }));
  expect(() => refuse(problems)).toThrow(says);
});

test("every refusal of the program is made that way", () => {
  const sources = readdirSync(INFRA, { recursive: true, encoding: "utf8" });
  const own = sources.filter((name) => name.endsWith(".ts") && name !== "plain-refusal.ts");
  const others = own.filter((name) =>
    /new (?:pulumi\.)?RunError\(/.test(readFileSync(join(INFRA, name), "utf8")),
  );
  expect(own.length).toBeGreaterThan(50);
  expect(others).toEqual([]);
});
