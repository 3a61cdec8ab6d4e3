import * as pulumi from "@pulumi/pulumi";
import type { AppKey, SecretArn } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { type ListedSecret, secretFactsOf } from "../../contract/store/secret-facts";
import { STATUS_TAGS } from "../../contract/store/status";
import { type Lookups, refuseBeforeStart } from "../../infra/before-start";
import { parseFleet } from "../../infra/config/parse-fleet";
import { keepingPairs } from "../../infra/refresh-tokens";
import { LONGEST_LOOK_MS } from "../../infra/store-list";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const ERP = { clientId: "id-of-erp", distribution: "custom" };
const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };
const PAIR =
  '{"store":"west","kind":"offline-expiring","shop":"west.myshopify.com","app":"fulfilment"}';

/** The stack with its list, or what is left of it. */
function fleetWith(
  given: {
    readonly list?: readonly string[];
    readonly stores?: object;
    readonly erp?: boolean;
  } = {},
) {
  const { list, stores = { heritage: HERITAGE }, erp = false } = given;
  const { fleet, problems } = parseFleet(
    {
      apps: { fulfilment: { clientId: "id-of-fulfilment" }, ...(erp && { erp: ERP }) },
      clientSecrets: { fulfilment: "shpss_canary", ...(erp && { erp: "shpss_canary" }) },
      stores,
      ...(list && { fleet: { list: "stores.jsonl" } }),
    },
    { ...reading("shopify/prod"), readLines: () => list ?? [] },
  );
  expect(problems).toEqual([]);
  return fleet;
}

interface There {
  readonly kind?: string;
  readonly app?: string;
  readonly versions?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly credential?: string;
}

function there(
  key: string,
  { kind = "offline-expiring", app = "fulfilment", versions, tags = {}, credential }: There = {},
): ListedSecret {
  const shop = `${key}.myshopify.com`;
  const declaration = {
    kind,
    app,
    shop,
    scopes: [],
    apiVersion: "2026-10",
    distribution: "custom",
  };
  const all = {
    [SECRET_TAGS.origin]: LISTED,
    [SECRET_TAGS.store]: key,
    [SECRET_TAGS.clientId]: `id-of-${app}`,
    ...tags,
  };
  const facts = secretFactsOf({
    Name: `shopify/prod/stores/${key}/token`,
    Description: encodeDeclaration({ ...declaration, credential } as never),
    SecretVersionsToStages: Object.fromEntries(
      (versions ?? ["v".repeat(32)]).map((id) => [id, ["AWSCURRENT"]]),
    ),
    Tags: Object.entries(all).map(([Key, Value]) => ({ Key, Value })),
  });
  const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${facts.name}-AbCdEf`;
  return { secretArn: arn as SecretArn, facts };
}

const KEY = { refreshKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/of-pairs" };

/** A stack with the key of refresh tokens and two apps, as it was deployed last. */
function around(
  pages: readonly (readonly ListedSecret[])[],
  given: Partial<Lookups> & { readonly asked?: number[] } = {},
): Lookups {
  const { asked = [], ...others } = given;
  return {
    place: async () => PLACE,
    lastOutputs: async () => KEY,
    storeSecretNames: async () => [],
    appsThere: async () => ["fulfilment", "erp"] as AppKey[],
    ofList: async function* () {
      for (const [index, page] of pages.entries()) {
        asked.push(index);
        yield page;
      }
    },
    ...others,
  };
}

let warnings: string[];
/** That the key is protected which leaves is another matter. */
const ofTheList = () => warnings.filter((text) => !text.includes("it is protected"));

beforeEach(() => {
  warnings = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
});

afterEach(() => {
  jest.useRealTimers();
});

const END = 'To end it, retire them first, see "End a list" in docs/fleets.md';

test("a list with one-hour stores that leaves config is refused, with what keeps them", async () => {
  const start = refuseBeforeStart(
    fleetWith({ erp: true }),
    around([[there("west"), there("north")]]),
  );
  await expect(start).rejects.toThrow(
    `shopify-secrets:fleet.list is gone, and stores of the list hold one-hour tokens (west and 1 more): nothing would renew them. Keep them: pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl. ${END}`,
  );
});

test("a pair that a signed store keeps for the way back counts", async () => {
  const signed = there("west", {
    kind: "offline",
    credential: "signing-key",
    tags: { [STATUS_TAGS.refreshExpiresAt]: "2027-01-20T12:00:00Z" },
  });
  const start = refuseBeforeStart(fleetWith({ erp: true }), around([[signed]]));
  await expect(start).rejects.toThrow("one-hour tokens (west)");
});

test.each([
  ["with the list", undefined],
  ["while the list stays", []],
])(
  "an app that leaves config %s is refused while stores of the list live by it",
  async (_, list) => {
    const pages = [[there("east", { kind: "client-credentials", app: "erp" })]];
    const spec = fleetWith(list === undefined ? {} : { list });
    const start = refuseBeforeStart(await keepingPairs(spec, async () => KEY), around(pages));
    await expect(start).rejects.toThrow(
      `shopify-secrets:apps.erp is not declared any more, and stores of the list get their tokens by it (east): nothing would renew them. Keep it: pulumi config set --path 'shopify-secrets:apps.erp.clientId' id-of-erp; pulumi config set --path 'shopify-secrets:apps.erp.distribution' custom; pulumi config set --secret --path 'shopify-secrets:clientSecrets.erp'. ${END}`,
    );
  },
);

test("an app that signs is kept without a client secret", async () => {
  const store = there("east", {
    kind: "client-credentials",
    app: "erp",
    credential: "signing-key",
  });
  const start = refuseBeforeStart(fleetWith(), around([[store]]));
  await expect(start).rejects.toThrow(
    /apps\.erp\.distribution' custom; pulumi config set --path 'shopify-secrets:apps\.erp\.credential' signing-key\. To end it/,
  );
});

test("the list and an app that leave together are both named", async () => {
  const pages = [[], [there("west"), there("east", { kind: "client-credentials", app: "erp" })]];
  const start = refuseBeforeStart(fleetWith(), around(pages));
  await expect(start).rejects.toThrow(/fleet\.list is gone[\s\S]*apps\.erp is not declared/);
});

const DEAD_END = [[there("west"), there("east", { kind: "client-credentials", app: "erp" })]];

interface Harmless {
  readonly given?: Parameters<typeof fleetWith>[0];
  readonly lookups?: Partial<Lookups>;
  readonly pages?: typeof DEAD_END;
}

test.each<[string, Harmless]>([
  ["the list stays, and names one such store", { given: { list: [PAIR], erp: true } }],
  ["the list stays, emptied", { given: { list: [], erp: true } }],
  [
    "a one-hour store of config keeps what renews them",
    {
      given: {
        stores: { acme: { kind: "offline-expiring", shop: "acme.myshopify.com", app: "erp" } },
        erp: true,
      },
    },
  ],
  ["nothing stands any more", { pages: [[]] }],
  ["nobody got a token", { pages: [[there("west", { versions: [] })]] }],
  [
    "what stands has tokens without an end",
    { pages: [[there("south", { kind: "offline", app: "erp" })]] },
  ],
  [
    "the apps stay, and no token is of an hour",
    {
      lookups: { appsThere: async () => ["fulfilment" as AppKey] },
      pages: [[there("east", { kind: "client-credentials" })]],
    },
  ],
  [
    "this very stack renewed none of them before",
    { given: { erp: true }, lookups: { lastOutputs: async () => ({}) } },
  ],
])("nothing is refused where %s", async (_what, { given = {}, lookups = {}, pages = DEAD_END }) => {
  const spec = await keepingPairs(fleetWith(given), async () => KEY);
  await refuseBeforeStart(spec, around(pages, lookups));
  expect(ofTheList()).toEqual([]);
});

test("the list is looked through only where something of it may be lost", async () => {
  const asked: number[] = [];
  const spec = fleetWith({ list: [PAIR], erp: true });
  await refuseBeforeStart(spec, around(DEAD_END, { asked }));
  expect(asked).toEqual([]);
  const pages = [[], ...DEAD_END, [there("third")]];
  await expect(refuseBeforeStart(fleetWith(), around(pages, { asked }))).rejects.toThrow("west");
  expect(asked).toEqual([0, 1]);
});

test("a list that takes longer than a courtesy to read is read to its end, as long as pages come", async () => {
  jest.useFakeTimers();
  const pages = [...Array.from({ length: 200 }, () => []), [there("west")]];
  const slow = around([], {
    ofList: async function* () {
      for (const page of pages) {
        await new Promise((resolve) => setTimeout(resolve, LONGEST_LOOK_MS / 2));
        yield page;
      }
    },
  });
  const refused = expect(refuseBeforeStart(fleetWith({ erp: true }), slow)).rejects.toThrow("west");
  await jest.advanceTimersByTimeAsync(pages.length * LONGEST_LOOK_MS);
  await refused;
});

test("where AWS gives no list nothing is refused, and it is said", async () => {
  const silent = around([], {
    // biome-ignore lint/correctness/useYield: it fails before
    ofList: async function* () {
      throw new Error("AccessDenied");
    },
  });
  await refuseBeforeStart(fleetWith({ erp: true }), silent);
  expect(ofTheList()).toEqual([
    "there was no answer about stores of a list: one that nothing would renew any more is not seen",
  ]);
});

describe("what renews tokens of an hour stays with the list", () => {
  const keepsOf = async (list: readonly string[] | undefined, outputs: object) =>
    (await keepingPairs(fleetWith(list && { list }), async () => outputs as never)).listed
      ?.keepsPairs;

  test("where the last deployment had it, or cannot be asked", async () => {
    expect(await keepsOf([], KEY)).toBe(true);
    expect(await keepsOf([], {})).toBe(false);
    const unknown = keepingPairs(fleetWith({ list: [] }), async () => {
      throw new Error("no answer");
    });
    expect((await unknown).listed?.keepsPairs).toBe(true);
  });

  test("and not without one, or where a store of it says so already", async () => {
    expect(await keepsOf(undefined, KEY)).toBeUndefined();
    expect(await keepsOf([PAIR], KEY)).toBeUndefined();
  });
});
