import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { warnUnlessStatusTagsAreIgnored } from "../../../infra/components/ignored-tags";
import { recordResources } from "../recorded";

class Component extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions = {}) {
    super("test:index:Component", name, {}, opts);
    warnUnlessStatusTagsAreIgnored(this);
  }
}

async function warningsOf(program: () => void, isPreview = false): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  await recordResources(program, isPreview);
  await new Promise((resolve) => setImmediate(resolve)); // outputs settle after the last registration
  return warnings;
}

test.each([
  ["nothing", undefined],
  ["other prefixes", { keyPrefixes: ["team:"] }],
  ["keys alone", { keys: ["shopify-secrets:state"] }],
])("a provider that ignores %s is told about once", async (_what, ignoreTags) => {
  const warnings = await warningsOf(() => {
    const provider = new Provider("aws", ignoreTags === undefined ? {} : { ignoreTags });
    new Component("first", { provider });
    new Component("second", { provider });
  });
  expect(warnings).toEqual([
    expect.stringContaining('ignoreTags: { keyPrefixes: ["shopify-secrets:"] }'),
  ]);
});

test.each(["shopify-secrets:", "shopify-"])(
  "a provider that ignores %s is in order",
  async (prefix) => {
    const warnings = await warningsOf(() => {
      const provider = new Provider("aws", { ignoreTags: { keyPrefixes: ["team:", prefix] } });
      new Component("only", { providers: { aws: provider } });
    });
    expect(warnings).toEqual([]);
  },
);

test("without a provider of its own, the stack's config counts", async () => {
  const ignoreTags = '{"keyPrefixes":["shopify-secrets:"]}';
  const warnings = await warningsOf(() => {
    pulumi.runtime.setAllConfig({ "aws:ignoreTags": ignoreTags });
    new Component("only");
  });
  expect(warnings).toEqual([]);
});

test.each([
  ["does not ignore them", {}, 1],
  ["ignores them", { ignoreTags: { keyPrefixes: ["shopify-secrets:"] } }, 0],
])("at the preview of a new provider that %s", async (_what, args, count) => {
  const warnings = await warningsOf(() => {
    new Component("only", { provider: new Provider("aws", args) });
  }, true);
  expect(warnings).toHaveLength(count);
});
