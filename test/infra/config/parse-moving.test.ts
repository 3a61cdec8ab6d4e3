import { parseFleet } from "../../../infra/config/parse-fleet";
import { reading } from "./at";

const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };
const ARN =
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/prod/stores/heritage/token-AbCdEf";
const LIST = [JSON.stringify({ store: "heritage", ...HERITAGE })];

const parse = (config: Readonly<Record<string, unknown>>, lines: readonly string[] = LIST) =>
  parseFleet(
    { fleet: { list: "stores.jsonl" }, ...config },
    { ...reading("shopify/prod"), readLines: () => lines },
  );
const told = (...given: Parameters<typeof parse>) =>
  parse(...given).problems.map(({ path, says }) => `${path} ${says}`);

const TO_LIST = { stores: { heritage: HERITAGE }, moving: { toList: ["heritage"] } };
const TO_CONFIG = {
  stores: { heritage: { ...HERITAGE, adopt: ARN } },
  moving: { toConfig: ["heritage"] },
};

test.each([
  ["to-list", TO_LIST],
  ["to-config", TO_CONFIG],
] as const)("a store that moves %s may stand in both", (way, config) => {
  const { fleet, problems } = parse(config);
  expect(problems).toEqual([]);
  expect(fleet.stores.map(({ key, moving }) => [key, moving])).toEqual([["heritage", way]]);
  expect(fleet.listed?.stores.map(({ key }) => key)).toEqual(["heritage"]);
});

test("one that does not move may not", () => {
  expect(told({ stores: { heritage: HERITAGE } })).toEqual([
    expect.stringContaining("stands in config as well: keep one of them"),
  ]);
});

test.each<[string, Parameters<typeof parse>, string]>([
  [
    "no such store",
    [{ moving: { toList: ["acme"] } }, LIST],
    "shopify-secrets:moving.toList[0] names a store that config does not declare: remove it",
  ],
  [
    "both ways",
    [{ ...TO_CONFIG, moving: { toList: ["heritage"], toConfig: ["heritage"] } }, LIST],
    "shopify-secrets:moving.toConfig[0] names store heritage a second time: remove it",
  ],
  [
    "what a list cannot say",
    [{ ...TO_LIST, stores: { heritage: { ...HERITAGE, protect: true } } }, LIST],
    "shopify-secrets:stores.heritage.protect is for stores of config: take it out, and deploy, before the store moves to the list",
  ],
  [
    "no ARN to take over",
    [{ ...TO_CONFIG, stores: { heritage: HERITAGE } }, LIST],
    "shopify-secrets:stores.heritage is to be taken out of the list, and has no adopt: shopify-secrets move --to-config heritage, which writes it",
  ],
  [
    "a list without it",
    [TO_LIST, []],
    "shopify-secrets:stores.heritage moves to-list, and the list does not name it: shopify-secrets move --to-list heritage",
  ],
  [
    "a list that says otherwise",
    [TO_LIST, [JSON.stringify({ store: "heritage", ...HERITAGE, scopes: ["read_orders"] })]],
    "shopify-secrets:stores.heritage moves, and the list declares it otherwise: let both say the same",
  ],
  [
    "an unknown way",
    [{ ...TO_LIST, moving: { toLists: ["heritage"] } }, LIST],
    "shopify-secrets:moving.toLists unknown key (did you mean toList?); known here: toList, toConfig",
  ],
])("%s", (_what, given, says) => {
  expect(told(...given)).toContain(says);
});
