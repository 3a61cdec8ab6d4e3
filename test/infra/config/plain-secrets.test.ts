import { plainSecretsOf } from "../../../infra/config/plain-secrets";

const CONFIG = {
  clientSecrets: { fulfilment: "shpss_canary", catalog: "shpss_canary" },
  accessTokens: { heritage: "shpat_canary" },
};
const ENCRYPTED = "secure: v1:abc:def";

function fileWith(clientSecrets: string): string {
  return `config:\n  shopify-secrets:clientSecrets:\n${clientSecrets}\n  shopify-secrets:accessTokens:\n    heritage:\n      ${ENCRYPTED}\n`;
}

test("encrypted values are no problem, one by one or as a whole", () => {
  const oneByOne = fileWith(
    `    fulfilment:\n      ${ENCRYPTED}\n    catalog:\n      ${ENCRYPTED}`,
  );
  const asAWhole = fileWith(`    ${ENCRYPTED}`);
  for (const stackFile of [oneByOne, asAWhole]) {
    expect(plainSecretsOf(CONFIG, { isEncrypted: () => true, stackFile })).toEqual([]);
  }
});

test("a map that the engine does not hold for a secret is named value by value", () => {
  const problems = plainSecretsOf(CONFIG, {
    isEncrypted: (key) => key !== "accessTokens",
    stackFile: undefined,
  });
  expect(problems).toEqual([
    {
      path: "shopify-secrets:accessTokens.heritage",
      says: expect.stringMatching(
        /plain text.*replace it at Shopify.*pulumi config set --secret --path 'shopify-secrets:accessTokens\.heritage'/,
      ),
    },
  ]);
});

test("one plain value among encrypted ones is found in the stack's file", () => {
  const stackFile = fileWith(`    fulfilment:\n      ${ENCRYPTED}\n    catalog: shpss_canary`);
  const problems = plainSecretsOf(CONFIG, { isEncrypted: () => true, stackFile });
  expect(problems.map(({ path }) => path)).toEqual(["shopify-secrets:clientSecrets.catalog"]);
  expect(JSON.stringify(problems)).not.toContain("canary");
});

test.each(["", "not: [yaml", "config: 1", "config:\n  shopify-secrets:clientSecrets: text\n"])(
  "an odd stack file is left to the engine: %j",
  (stackFile) => {
    expect(plainSecretsOf(CONFIG, { isEncrypted: () => true, stackFile })).toEqual([]);
  },
);
