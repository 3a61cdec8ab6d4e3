import * as pulumi from "@pulumi/pulumi";
import type { AppKey, SecretArn, ShopDomain } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { INSTALLED, SECRET_TAGS } from "../../contract/names";
import { declarationOfInstalled } from "../../contract/open-installs";
import { keptTagsOf } from "../../contract/store/kept";
import { type ListedSecret, secretFactsOf } from "../../contract/store/secret-facts";
import { type Lookups, refuseBeforeStart } from "../../infra/before-start";
import { parseFleet } from "../../infra/config/parse-fleet";
import { wordsOfProgram } from "../../infra/config/words";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const PUBLIC = { clientId: "id-of-reach", distribution: "public" };
const OPEN = { ...PUBLIC, installs: "open" };
const STORE = { kind: "offline-expiring", shop: "wholegrain.myshopify.com", app: "reach" };

const fleetWith = (apps: Readonly<Record<string, object>>, stores = {}) => {
  const clientSecrets = Object.fromEntries(Object.keys(apps).map((app) => [app, "shpss_canary"]));
  const { fleet, problems } = parseFleet({ apps, clientSecrets, stores }, reading("shopify/prod"));
  expect(problems).toEqual([]);
  return fleet;
};

const arnOf = (key: string) =>
  `arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/${key}/token-AbCdEf` as SecretArn;

function arrived(
  key: string,
  {
    app = "reach",
    versions = ["v".repeat(32)],
    tags = {} as Readonly<Record<string, string>>,
  } = {},
): ListedSecret {
  const installation = { app: app as AppKey, shop: `${key}.myshopify.com` as ShopDomain };
  const declaration = declarationOfInstalled(installation, { apiVersion: "2026-10" as never });
  const facts = secretFactsOf({
    Name: `shopify/prod/stores/${key}/token`,
    Description: encodeDeclaration(declaration),
    SecretVersionsToStages: Object.fromEntries(versions.map((id) => [id, ["AWSCURRENT"]])),
    Tags: [
      { Key: SECRET_TAGS.origin, Value: INSTALLED },
      { Key: SECRET_TAGS.store, Value: key },
      { Key: SECRET_TAGS.clientId, Value: `id-of-${app}` },
      ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ],
  });
  return { secretArn: arnOf(key), facts };
}

let warnings: string[];

beforeEach(() => {
  warnings = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
});

/** Everything that is seen before the start, but for the merchants who came. */
function around(pages: readonly (readonly ListedSecret[])[], asked: number[] = []): Lookups {
  return {
    place: async () => PLACE,
    lastOutputs: async () => ({}),
    storeSecretNames: async () => [],
    arrived: async function* () {
      for (const [index, page] of pages.entries()) {
        asked.push(index);
        yield page;
      }
    },
  };
}

const CAME = [[arrived("wholegrain"), arrived("bakery")]];

test("an app that is closed while its merchants' stores stand is refused, with what keeps them", async () => {
  await expect(refuseBeforeStart(fleetWith({ reach: PUBLIC }), around(CAME))).rejects.toThrow(
    "shopify-secrets:apps.reach.installs is not open any more, and merchants came to it by themselves (wholegrain and 1 more): nobody would hear that they uninstall or ask to be forgotten. Keep them and take in nobody: pulumi config set --path 'shopify-secrets:apps.reach.installs' open; pulumi config set --path 'shopify-secrets:apps.reach.newStoresAnHour' 0. To end it, remove their secrets first, see \"Close an open app\" in docs/install.md",
  );
});

test("an app that left config is refused as well, also beside one that is open", async () => {
  for (const apps of [{}, { other: OPEN }]) {
    const start = refuseBeforeStart(fleetWith(apps), around([[arrived("wholegrain")]]));
    await expect(start).rejects.toThrow(
      /apps\.reach is not declared any more, and merchants came to it by themselves \(wholegrain\): nothing would renew their tokens\..*apps\.reach\.clientId' id-of-reach; .*apps\.reach\.distribution' public; pulumi config set --secret --path 'shopify-secrets:clientSecrets\.reach'; .*installs' open; .*newStoresAnHour' 0/,
    );
  }
});

test("a token that AWS did not take yet counts: it is kept in its store's tags", async () => {
  const kept = arrived("wholegrain", { versions: [], tags: keptTagsOf("sealed") });
  await expect(refuseBeforeStart(fleetWith({ reach: PUBLIC }), around([[kept]]))).rejects.toThrow(
    "merchants came to it by themselves (wholegrain)",
  );
});

test.each([
  ["of another shop", { ...STORE, shop: "other.myshopify.com" }],
  ["that does not adopt its secret", STORE],
])("a store of config under the merchant's key %s does not take it over", async (_what, store) => {
  const fleet = fleetWith({ reach: PUBLIC }, { wholegrain: store });
  await expect(refuseBeforeStart(fleet, around([[arrived("wholegrain")]]))).rejects.toThrow(
    "merchants came to it by themselves (wholegrain)",
  );
});

test("a store that was taken over minutes ago counts as config's, whatever AWS still lists", async () => {
  const deployed: Lookups = {
    ...around([[arrived("wholegrain")]]),
    lastOutputs: async () => ({ stores: { wholegrain: { secretArn: arnOf("wholegrain") } } }),
  };
  await refuseBeforeStart(fleetWith({ reach: PUBLIC }, { wholegrain: STORE }), deployed);
});

test("each app that was closed is named once", async () => {
  const pages = [[], [arrived("wholegrain"), arrived("bakery", { app: "second" })]];
  const start = refuseBeforeStart(fleetWith({ reach: PUBLIC }), around(pages));
  await expect(start).rejects.toThrow(/apps\.reach\.installs[\s\S]*apps\.second/);
});

test("a program reads it in its own words", async () => {
  const words = wordsOfProgram("fleet");
  const start = refuseBeforeStart(fleetWith({ reach: PUBLIC }), around(CAME), words);
  await expect(start).rejects.toThrow(
    "fleet.apps.reach.installs is not open any more, and merchants came to it by themselves (wholegrain and 1 more): nobody would hear that they uninstall or ask to be forgotten. Keep them and take in nobody: set fleet.apps.reach.installs to open; set fleet.apps.reach.newStoresAnHour to 0.",
  );
});

test.each<[string, Parameters<typeof fleetWith>, readonly (readonly ListedSecret[])[]]>([
  ["the app is open", [{ reach: OPEN }], CAME],
  ["its door is closed for a while", [{ reach: { ...OPEN, newStoresAnHour: 0 } }], CAME],
  ["nobody came", [{ reach: PUBLIC }], [[]]],
  ["nobody got a token", [{ reach: PUBLIC }], [[arrived("wholegrain", { versions: [] })]]],
  [
    "config takes over the one who came",
    [{ reach: PUBLIC }, { wholegrain: { ...STORE, adopt: arnOf("wholegrain") } }],
    [[arrived("wholegrain")]],
  ],
])("nothing is refused where %s", async (_what, given, pages) => {
  await refuseBeforeStart(fleetWith(...given), around(pages));
  expect(warnings).toEqual([]);
});

test("it looks no further than to the first page that has one", async () => {
  const asked: number[] = [];
  const pages = [[], ...CAME, [arrived("third")]];
  await expect(
    refuseBeforeStart(fleetWith({ reach: PUBLIC }), around(pages, asked)),
  ).rejects.toThrow("is not open any more");
  expect(asked).toEqual([0, 1]);
});

test("where AWS gives no list nothing is refused, and it is said; with an app that is open it is not", async () => {
  const silent: Lookups = {
    ...around([]),
    // biome-ignore lint/correctness/useYield: it fails before
    arrived: async function* () {
      throw new Error("AccessDenied");
    },
  };
  await refuseBeforeStart(fleetWith({ reach: PUBLIC }), silent);
  expect(warnings).toEqual([
    "there was no answer about stores that came by themselves: an open app that is closed is not seen",
  ]);
  warnings = [];
  await refuseBeforeStart(fleetWith({ reach: OPEN }), silent);
  expect(warnings).toEqual([]);
});
