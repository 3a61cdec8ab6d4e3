import * as pulumi from "@pulumi/pulumi";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { listedSecretsOf } from "../../contract/store/secret-facts";
import { parseFleet } from "../../infra/config/parse-fleet";
import type { StoreSpec } from "../../infra/config/spec";
import { warnOfUnmovedStores } from "../../infra/unmoved-stores";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const NAME = "shopify/prod/stores/west/token";
const ARN = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${NAME}-AbCdEf`;

const secretOf = (origin: string, DeletedDate?: Date) =>
  listedSecretsOf([
    { ARN, Name: NAME, DeletedDate, Tags: [{ Key: SECRET_TAGS.origin, Value: origin }] },
  ]);

async function warningsOf(
  listed: ReturnType<typeof secretOf> | undefined,
  {
    store = {},
    outputs = {},
  }: { readonly store?: Partial<StoreSpec>; readonly outputs?: object } = {},
): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  const west = { kind: "custom-app", shop: "west.myshopify.com" };
  const { fleet } = parseFleet({ stores: { west } }, reading("shopify/prod"));
  const stores = fleet.stores.map((one) => ({ ...one, ...store }));
  warnOfUnmovedStores({ stores }, pulumi.output(PLACE), {
    listed: async () => listed,
    lastOutputs: async () => outputs as never,
  });
  await new Promise((resolve) => setImmediate(resolve)); // outputs settle without any waiting
  return warnings;
}

test("a store that went from the list to config by hand is told of before AWS refuses it", async () => {
  expect(await warningsOf(secretOf(LISTED))).toEqual([
    "west: its secret is the list's, and pulumi up can make no second one of that name. Next: take the store out of config, leave its line in the list, and move it: shopify-secrets move --help",
  ]);
});

test.each<[string, Parameters<typeof warningsOf>]>([
  ["is on its way", [secretOf(LISTED), { store: { moving: "to-config" } }]],
  ["adopts its secret", [secretOf(LISTED), { store: { adopt: ARN as never } }]],
  [
    "was moved minutes ago",
    [secretOf(LISTED), { outputs: { stores: { west: { secretArn: ARN } } } }],
  ],
  ["has a secret of config's", [secretOf("")]],
  ["has one that is being deleted", [secretOf(LISTED, new Date(0))]],
  ["has none that AWS tells of", [undefined]],
])("nothing is said of a store that %s", async (_what, given) => {
  expect(await warningsOf(...given)).toEqual([]);
});
