import { oddKeysOf, seeEncryption } from "../../../infra/config/plain-secrets";

const CONFIG = {
  apps: { fulfilment: { clientId: "id" }, catalog: { clientId: "id2" } },
  recoveryWindowDays: 7,
  clientSecrets: { fulfilment: "shpss_canary", catalog: "shpss_canary" },
  accessTokens: { heritage: "shpat_canary" },
};
const ENCRYPTED = "secure: v1:abc:def";
const PLAIN_CONFIG =
  "  shopify-secrets:apps: { fulfilment: { clientId: id }, catalog: { clientId: id2 } }\n  recoveryWindowDays: '7'\n";

function fileWith(clientSecrets: string, key = "shopify-secrets:clientSecrets"): string {
  return `config:\n${PLAIN_CONFIG}  ${key}:\n${clientSecrets}\n  shopify-secrets:accessTokens:\n    heritage:\n      ${ENCRYPTED}\n`;
}
const ONE_PLAIN = `    fulfilment:\n      ${ENCRYPTED}\n    catalog: shpss_canary`;
const ALL_ENCRYPTED = `    fulfilment:\n      ${ENCRYPTED}\n    catalog:\n      ${ENCRYPTED}`;

function see(text: string | undefined, isEncrypted: (key: string) => boolean = () => true) {
  const seen = seeEncryption(CONFIG, {
    isEncrypted,
    stackFile: { name: "Pulumi.test.yaml", text },
  });
  expect(JSON.stringify(seen)).not.toContain("canary");
  return seen;
}
const pathsOf = (text: string) => see(text).problems.map(({ path }) => path);

test("encrypted values are no problem, one by one or as a whole", () => {
  for (const text of [fileWith(ALL_ENCRYPTED), fileWith(`    ${ENCRYPTED}`)]) {
    expect(see(text)).toEqual({ problems: [], unseen: undefined, isEnvironment: false });
  }
});

test("a map that the engine does not hold for a secret is named value by value", () => {
  const { problems } = see(fileWith(ALL_ENCRYPTED), (key) => key !== "accessTokens");
  expect(problems).toEqual([
    {
      path: "shopify-secrets:accessTokens.heritage",
      says: expect.stringMatching(
        /plain text.*replace it at Shopify.*pulumi config set --secret --path 'shopify-secrets:accessTokens\.heritage'/,
      ),
    },
  ]);
});

test.each([
  ["under its namespace", fileWith(ONE_PLAIN)],
  ["without the namespace", fileWith(ONE_PLAIN, "clientSecrets")],
  [
    "in the long form of the namespace",
    fileWith(ONE_PLAIN, "shopify-secrets:config:clientSecrets"),
  ],
  [
    "in one of two forms of the key",
    `${fileWith(ALL_ENCRYPTED)}  clientSecrets: { catalog: shpss_canary }\n`,
  ],
  [
    "by a merge key",
    fileWith(`    <<: { catalog: shpss_canary }\n    fulfilment:\n      ${ENCRYPTED}`),
  ],
  [
    "as JSON",
    fileWith("    {}").replace(
      "clientSecrets:\n    {}",
      `clientSecrets: '{"catalog":"shpss_canary","fulfilment":{"secure":"v1:a"}}'`,
    ),
  ],
  [
    "as a block",
    fileWith(`    fulfilment:\n      ${ENCRYPTED}\n    catalog: |\n      shpss_canary`),
  ],
])("one plain value among encrypted ones is found %s", (_how, text) => {
  expect(pathsOf(text)).toEqual(["shopify-secrets:clientSecrets.catalog"]);
});

describe("what cannot be seen is said, and never taken for encrypted", () => {
  test.each([
    ["there is no file", undefined, /there is no Pulumi\.test\.yaml/],
    ["the file is no YAML", "not: [yaml", /Pulumi\.test\.yaml is not one document of YAML/],
    ["the file holds no config", "config: 1", /does not hold them/],
    [
      "the file lacks one of them",
      fileWith(`    fulfilment:\n      ${ENCRYPTED}`),
      /is not what the engine read \(--config-file\?\)/,
    ],
    [
      "the engine read another file",
      fileWith(ALL_ENCRYPTED).replace("id2", "id3"),
      /is not what the engine read/,
    ],
    [
      "the engine read another file, which has one secret more",
      fileWith(`${ALL_ENCRYPTED}\n    spare:\n      ${ENCRYPTED}`),
      /is not what the engine read/,
    ],
  ])("when %s", (_when, text, why) => {
    const { unseen = "", problems } = see(text);
    expect(problems).toEqual([]);
    expect(unseen).toMatch(why);
    expect(unseen).toContain("shopify-secrets:clientSecrets.catalog");
    expect(unseen).toContain("cannot be seen");
  });

  test("only those that it does not hold, when it is the right file", () => {
    const { unseen = "" } = see(`config:\n${PLAIN_CONFIG}  clientSecrets:\n    ${ENCRYPTED}\n`);
    expect(unseen).toContain("accessTokens.heritage is encrypted cannot be seen");
    expect(unseen).not.toContain("clientSecrets");
  });

  test("and an environment of Pulumi ESC is told apart", () => {
    const seen = see("environment:\n  - shopify\nconfig:\n  aws:region: eu-west-1\n");
    expect(seen.isEnvironment).toBe(true);
    expect(seen.unseen).toMatch(/does not hold them.*fn::secret/);
  });
});

test("a secret that was set without --path is looked at as well", () => {
  const config = { "clientSecrets.fulfilment": "shpss_canary" };
  const signs = { stackFile: { name: "Pulumi.test.yaml", text: "config: {}" } };
  const plain = seeEncryption(config, { ...signs, isEncrypted: () => false });
  expect(plain.problems.map(({ path }) => path)).toEqual([
    "shopify-secrets:clientSecrets.fulfilment",
  ]);
  expect(seeEncryption(config, { ...signs, isEncrypted: () => true }).problems).toEqual([]);
});

test.each([
  "00123",
  "1e3",
  "0x1f",
  "0o17",
  "0b11",
  "1_000",
  "1.50",
  ".5",
  "null",
  "~",
  "2026-10-01",
])("a store's key %s, which the engine changes, is a problem in the stack's file", (key) => {
  const text = `config:\n  stores:\n    ${key}: { kind: custom-app, shop: acme.myshopify.com }\n`;
  expect(oddKeysOf({ name: "Pulumi.test.yaml", text })).toEqual([
    {
      path: expect.stringMatching(/^shopify-secrets:stores\./),
      says: expect.stringMatching(/another key: put it in quotes in Pulumi\.test\.yaml$/),
    },
  ]);
});

test("keys that stay themselves are none, and other namespaces are not ours", () => {
  const text =
    "config:\n  stores:\n    123: {}\n    '00123': {}\n    007-x: {}\n    yes: {}\n    no: {}\n    <<: {}\n  aws:map:\n    007: x\n007: y\n";
  expect(oddKeysOf({ name: "Pulumi.test.yaml", text })).toEqual([]);
});
