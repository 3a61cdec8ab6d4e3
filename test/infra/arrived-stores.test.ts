import * as pulumi from "@pulumi/pulumi";
import type { AppKey, SecretArn, ShopDomain } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { INSTALLED, SECRET_TAGS } from "../../contract/names";
import { declarationOfInstalled } from "../../contract/open-installs";
import { type ListedSecret, secretFactsOf } from "../../contract/store/secret-facts";
import { warnOfArrivedStores } from "../../infra/arrived-stores";
import { parseFleet } from "../../infra/config/parse-fleet";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const STORE = { kind: "offline-expiring", shop: "wholegrain.myshopify.com", app: "reach" };

const fleetWith = (
  stores: Readonly<Record<string, object>>,
  lines: readonly object[] | undefined = undefined,
) => {
  const app = { clientId: "id", distribution: "public", installs: "open" };
  const config = {
    apps: { reach: app },
    clientSecrets: { reach: "shpss_canary" },
    stores,
    ...(lines && { fleet: { list: "stores.jsonl" } }),
  };
  const readLines = () => (lines ?? []).map((line) => JSON.stringify(line));
  const { fleet, problems } = parseFleet(config, { ...reading("shopify/prod"), readLines });
  expect(problems).toEqual([]);
  return fleet;
};

const arnOf = (key: string) =>
  `arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/${key}/token-AbCdEf` as SecretArn;

function arrived(
  key: string,
  given: { origin?: string; shop?: string; deleted?: Date } = {},
): ListedSecret {
  const shop = (given.shop ?? "wholegrain.myshopify.com") as ShopDomain;
  const installation = { app: "reach" as AppKey, shop };
  const { apiVersion } = fleetWith({});
  const declaration = declarationOfInstalled(installation, { apiVersion: apiVersion as never });
  const facts = secretFactsOf({
    Name: `shopify/prod/stores/${key}/token`,
    Description: encodeDeclaration(declaration),
    Tags: [{ Key: SECRET_TAGS.origin, Value: given.origin ?? INSTALLED }],
    ...(given.deleted === undefined ? {} : { DeletedDate: given.deleted }),
  });
  return { secretArn: arnOf(key), facts };
}

async function warningsOf(
  stores: Readonly<Record<string, object>>,
  listed: readonly ListedSecret[] | undefined,
  lines?: readonly object[],
): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  warnOfArrivedStores(fleetWith(stores, lines), pulumi.output(PLACE), async () => listed);
  await new Promise((resolve) => setImmediate(resolve)); // outputs settle without any waiting
  return warnings;
}

test("a store that is declared after its merchant came is told how to take over what is there", async () => {
  expect(await warningsOf({ wholegrain: STORE }, [arrived("wholegrain")])).toEqual([
    `wholegrain: its merchant came by himself and has a store already, wholegrain; another secret would end its tokens. Next: pulumi config set --path 'shopify-secrets:stores.wholegrain.adopt' '${arnOf("wholegrain")}'`,
  ]);
});

test("under another key it takes the name over as well, and then config is whole", async () => {
  const [warning] = await warningsOf({ grain: STORE }, [arrived("wholegrain")]);
  expect(warning).toContain(
    "Next: pulumi config set --path 'shopify-secrets:stores.grain.secretName' 'shopify/prod/stores/wholegrain/token', then pulumi config set --path 'shopify-secrets:stores.grain.adopt'",
  );
  const secretName = "shopify/prod/stores/wholegrain/token";
  const taken = { grain: { ...STORE, secretName, adopt: arnOf("wholegrain") } };
  expect(await warningsOf(taken, [arrived("wholegrain")])).toEqual([]);
});

test.each<[string, readonly ListedSecret[] | undefined]>([
  ["nobody has come", []],
  ["another merchant has", [arrived("other", { shop: "other.myshopify.com" })]],
  ["the store is of a list", [arrived("wholegrain", { origin: "listed" })]],
  ["what he had is being deleted", [arrived("wholegrain", { deleted: new Date(0) })]],
  ["AWS gives no list", undefined],
])("nothing is said where %s", async (_what, listed) => {
  expect(await warningsOf({ wholegrain: STORE }, listed)).toEqual([]);
});

test("a store of config whose secret's name a merchant of another shop has is told of", async () => {
  const store = { ...STORE, shop: "other.myshopify.com" };
  expect(await warningsOf({ wholegrain: store }, [arrived("wholegrain")])).toEqual([
    "wholegrain: a merchant who came by himself has a secret of that name, of another shop: pulumi up could not make this one. Next: shopify-secrets status wholegrain, and give the store another key in config",
  ]);
});

describe("a store of the list", () => {
  const line = (store: string, shop = "wholegrain.myshopify.com") => ({ ...STORE, store, shop });

  test("whose merchant came by himself is told of, under whatever key", async () => {
    for (const key of ["grain", "wholegrain"]) {
      expect(await warningsOf({}, [arrived("wholegrain")], [line(key)])).toEqual([
        `stores.jsonl: the merchants of ${key} (as wholegrain) came by themselves and have their stores already; shopify-secrets apply leaves them alone. Next: take their lines out of stores.jsonl`,
      ]);
    }
  });

  test("whose key a merchant of another shop has is told of", async () => {
    const lines = [line("wholegrain", "other.myshopify.com")];
    expect(await warningsOf({}, [arrived("wholegrain")], lines)).toEqual([
      "stores.jsonl: merchants who came by themselves, of other shops, have the keys of wholegrain; shopify-secrets apply leaves them alone. Next: give the stores other keys in stores.jsonl",
    ]);
  });

  test("is named among ten, however many they are", async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `shop-${index}`);
    const there = keys.map((key) => arrived(key, { shop: `${key}.myshopify.com` }));
    const lines = keys.map((key) => line(`my-${key}`, `${key}.myshopify.com`));
    const warnings = await warningsOf({}, there, lines);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/my-shop-9 \(as shop-9\) and 2 more came/);
  });

  test("is not told of where nobody came", async () => {
    const others = [arrived("other", { shop: "other.myshopify.com" })];
    expect(await warningsOf({}, others, [line("grain")])).toEqual([]);
  });
});
