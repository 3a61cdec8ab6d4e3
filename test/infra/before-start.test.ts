import * as pulumi from "@pulumi/pulumi";
import { SECRET_TAGS } from "../../contract/names";
import { listedSecretsOf } from "../../contract/store/secret-facts";
import { type Lookups, refuseBeforeStart } from "../../infra/before-start";
import { parseFleet } from "../../infra/config/parse-fleet";
import type { FleetSpec } from "../../infra/config/spec";
import { LONGEST_LOOK_MS } from "../../infra/store-list";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const STORE = { kind: "custom-app", shop: "heritage.myshopify.com" };

function fleetOf(config: Readonly<Record<string, unknown>> = {}): FleetSpec {
  const { fleet, problems } = parseFleet(
    { stores: { heritage: STORE }, ...config },
    reading("shopify/prod"),
  );
  expect(problems).toEqual([]);
  return fleet;
}

/** A first deployment in an empty account, but for what is given. */
function around(given: Partial<Lookups> = {}): Lookups {
  return {
    place: async () => PLACE,
    lastOutputs: async () => ({}),
    storeSecretNames: async () => [],
    ...given,
  };
}

let warnings: string[];

beforeEach(() => {
  warnings = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
});

test("a first deployment, and one more under the same prefix, are not refused", async () => {
  await refuseBeforeStart(fleetOf(), around());
  const names = ["shopify/prod/stores/heritage/token", "shopify/other/stores/acme/token"];
  const outputs = { prefix: "shopify/prod", enrolFunctionName: "shopify-prod-enrol" };
  await refuseBeforeStart(
    fleetOf(),
    around({ lastOutputs: async () => outputs, storeSecretNames: async () => names }),
  );
  expect(warnings).toEqual([]);
});

describe("the key of refresh tokens, which is protected", () => {
  const refreshKeyArn = "arn:aws:kms:us-east-1:123456789012:key/0f0f";
  const lookups = around({ lastOutputs: async () => ({ prefix: "shopify/prod", refreshKeyArn }) });

  test("leaves with the last store that needs it: what Pulumi stops at is told before", async () => {
    await refuseBeforeStart(fleetOf(), lookups);
    expect(warnings).toEqual([expect.stringContaining("pulumi state unprotect '<urn>'")]);
    expect(warnings[0]).toContain(refreshKeyArn);
  });

  test("stays with a store that needs it, and nothing is said", async () => {
    const apps = { catalog: { clientId: "6f1c0a", distribution: "public" } };
    const stores = {
      partner: { kind: "offline-expiring", app: "catalog", shop: "partner.myshopify.com" },
    };
    const clientSecrets = { catalog: "shpss_0123456789abcdef" };
    await refuseBeforeStart(fleetOf({ apps, stores, clientSecrets }), lookups);
    expect(warnings).toEqual([]);
  });
});

describe("a prefix that is another than at the last deployment", () => {
  const KEEPS = "pulumi config set shopify-secrets:prefix shopify/stage";

  test.each([
    ["by the output", { prefix: "shopify/stage" }],
    [
      "of an older version, by its secrets' names",
      {
        enrolFunctionName: "shopify-stage-enrol",
        stores: { heritage: { secretName: "shopify/stage/stores/heritage/token" } },
      },
    ],
    ["of an older version without stores", { enrolFunctionName: "shopify-stage-enrol" }],
  ])("is refused with the line to set: %s", async (_how, outputs) => {
    const refused = refuseBeforeStart(fleetOf(), around({ lastOutputs: async () => outputs }));
    await expect(refused).rejects.toThrow(KEEPS);
    await expect(refused).rejects.toThrow(/nothing was touched/);
  });

  test("may be left on purpose", async () => {
    const lastOutputs = async () => ({ prefix: "shopify/stage" });
    await refuseBeforeStart(fleetOf({ abandonPrefix: "shopify/stage" }), around({ lastOutputs }));
    const other = refuseBeforeStart(
      fleetOf({ abandonPrefix: "shopify/x" }),
      around({ lastOutputs }),
    );
    await expect(other).rejects.toThrow(KEEPS);
  });
});

describe("a prefix that is left on purpose", () => {
  const at = (origin: string, isEmpty = false) =>
    listedSecretsOf([
      {
        ARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:shopify/stage/stores/west/token-AbCdEf",
        Name: "shopify/stage/stores/west/token",
        Tags: [{ Key: SECRET_TAGS.origin, Value: origin }],
        SecretVersionsToStages: isEmpty ? {} : { ["v".repeat(32)]: ["AWSCURRENT"] },
      },
    ]);
  const leaving = (given: Partial<Lookups>) =>
    refuseBeforeStart(
      fleetOf({ abandonPrefix: "shopify/stage" }),
      around({ lastOutputs: async () => ({ prefix: "shopify/stage" }), ...given }),
    );
  const paged = (
    stores: ReturnType<typeof at>,
    under: string[] = [],
  ): NonNullable<Lookups["ofList"]> =>
    async function* ({ prefix }) {
      under.push(prefix);
      if (prefix === "shopify/stage") yield stores;
    };

  test.each<[string, Partial<Lookups>]>([
    ["the list made", { ofList: paged(at("listed")) }],
    ["came by themselves", { ofList: paged([]), arrived: paged(at("installed-by-merchant")) }],
  ])(
    "is not left with stores that %s, which Pulumi neither deletes nor makes anew",
    async (_what, given) => {
      await expect(leaving(given)).rejects.toThrow(
        "shopify-secrets:abandonPrefix would leave stores behind that config does not declare (west): nothing would renew or watch their tokens. Keep them: pulumi config set shopify-secrets:prefix shopify/stage. To move on purpose, retire them first",
      );
    },
  );

  test("may be left with none of them, or with such as have no token", async () => {
    const under: string[] = [];
    await leaving({ ofList: paged([], under), arrived: paged(at("listed", true), under) });
    expect(under).toContain("shopify/stage");
  });
});

describe("another stack of the account", () => {
  const withOther = (prefix: string, ...own: string[]) =>
    around({ storeSecretNames: async () => [`${prefix}/stores/acme/token`, ...own] });

  test.each([
    ["shopify-prod", /names of shopify-prod's/],
    ["shopify", /shopify\/prod within shopify/],
    ["shopify/prod/eu", /shopify\/prod\/eu within shopify\/prod/],
  ])("under %s is in the way", async (other, says) => {
    await expect(refuseBeforeStart(fleetOf(), withOther(other))).rejects.toThrow(says);
  });

  test("that only begins alike is not", async () => {
    await refuseBeforeStart(fleetOf(), withOther("shopify/prod-eu"));
  });

  test("that this one lives with already is only told", async () => {
    await refuseBeforeStart(fleetOf(), withOther("shopify", "shopify/prod/stores/heritage/token"));
    expect(warnings).toEqual([expect.stringContaining("lies within another stack's")]);
  });
});

describe("what AWS would refuse in the middle of up", () => {
  const LONG = "shopify/marketplace-production-apac1"; // 36 characters

  test.each([
    ["us-east-1", undefined],
    ["eu-central-1", 33],
    ["us-gov-west-1", 32],
    ["ap-southeast-2", 31],
  ])("a role's name of more than 64 characters, in %s", async (region, most) => {
    const partition = region.startsWith("us-gov") ? "aws-us-gov" : "aws";
    const place = async () => ({ ...PLACE, region, partition });
    const start = refuseBeforeStart(fleetOf({ prefix: LONG }), around({ place }));
    if (most === undefined) await start;
    else await expect(start).rejects.toThrow(`must have at most ${most} characters in ${region}`);
  });

  test("a partition whose conditions nobody has proved", async () => {
    const place = async () => ({ ...PLACE, region: "cn-north-1", partition: "aws-cn" });
    await expect(refuseBeforeStart(fleetOf(), around({ place }))).rejects.toThrow(
      /aws:region is cn-north-1: shopify-secrets does not know the partition aws-cn/,
    );
  });

  const readers = (count: number, account: string) =>
    Array.from(
      { length: count },
      (_, at) =>
        `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Reader${at}_0123456789abcdef`,
    );

  test("a secret's policy of more than 20,480 characters", async () => {
    const stores = { heritage: { ...STORE, readers: readers(100, PLACE.accountId) } };
    await expect(refuseBeforeStart(fleetOf({ stores }), around())).rejects.toThrow(
      /stores\.heritage\.readers are too many: .* AWS takes 20480/,
    );
  });

  test("a key's policy of more than 32,768 characters", async () => {
    const stores = Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [
        `store-${at}`,
        {
          kind: "custom-app",
          shop: `shop-${at}.myshopify.com`,
          readers: readers(50, String(111111111111 + at)),
        },
      ]),
    );
    await expect(refuseBeforeStart(fleetOf({ stores }), around())).rejects.toThrow(
      /too many readers of other accounts: .* AWS takes 32768/,
    );
  });
});

test("who does not answer, or refuses, holds nothing up: a warning each", async () => {
  jest.useFakeTimers();
  const silent = () => new Promise<never>(() => undefined);
  const refusing = async () => Promise.reject(new Error("AccessDeniedException"));
  const started = refuseBeforeStart(
    fleetOf(),
    around({ lastOutputs: silent, storeSecretNames: refusing }),
  );
  await jest.advanceTimersByTimeAsync(LONGEST_LOOK_MS);
  await started;
  jest.useRealTimers();
  expect(warnings.sort()).toEqual([
    expect.stringContaining("another stack with such a prefix is not seen"),
    expect.stringContaining("a changed prefix is not seen"),
  ]);
});

test("where nobody answers at all, all of them are waited for at once", async () => {
  jest.useFakeTimers();
  const silent = () => new Promise<never>(() => undefined);
  const arrived = () => ({ [Symbol.asyncIterator]: () => ({ next: silent }) });
  const stores = { partner: { kind: "offline", shop: "partner.myshopify.com", app: "fulfilment" } };
  const apps = { fulfilment: { clientId: "id", distribution: "custom" } };
  const started = refuseBeforeStart(
    fleetOf({ apps, clientSecrets: { fulfilment: "shpss_canary" }, stores }),
    around({
      lastOutputs: silent,
      storeSecretNames: silent,
      renewedAs: silent,
      arrived,
      ofList: arrived,
      appsThere: silent,
    }),
  );
  await jest.advanceTimersByTimeAsync(LONGEST_LOOK_MS);
  await started;
  jest.useRealTimers();
  expect(warnings).toHaveLength(5);
});

describe("a token of an hour that nobody would renew any more", () => {
  const NAME = "shopify/prod/stores/partner/token";
  const partner = (kind: string, more: object = {}) =>
    fleetOf({
      apps: { catalog: { clientId: "id", distribution: "public" } },
      clientSecrets: { catalog: "shpss_0123456789abcdef" },
      stores: { partner: { kind, app: "catalog", shop: "partner.myshopify.com" } },
      ...more,
    });
  const holdsPair = around({ renewedAs: async () => new Map([[NAME, "offline-expiring"]]) });

  test("is refused before anything is touched, with the line that keeps it", async () => {
    await expect(refuseBeforeStart(partner("offline"), holdsPair)).rejects.toThrow(
      /stores\.partner\.kind is offline now.*kind' offline-expiring/,
    );
  });

  test("also a token that the app's key got, with the kind under which it is renewed", async () => {
    const signed = around({ renewedAs: async () => new Map([[NAME, "client-credentials"]]) });
    await expect(refuseBeforeStart(partner("offline"), signed)).rejects.toThrow(
      /stores\.partner\.kind is offline now.*kind' client-credentials/,
    );
  });

  test("also where an app's offlineTokens were taken out", async () => {
    const apps = { catalog: { clientId: "id", distribution: "public", offlineTokens: "expiring" } };
    await refuseBeforeStart(partner("offline", { apps }), holdsPair);
    await expect(refuseBeforeStart(partner("offline"), holdsPair)).rejects.toThrow("partner");
  });

  test.each([
    ["it stays one", partner("offline-expiring"), holdsPair],
    [
      "the store holds a token without an end",
      partner("offline"),
      around({ renewedAs: async () => new Map() }),
    ],
    [
      "config brings another token",
      partner("offline", { accessTokens: { partner: "shpat_0123456789abcdef" } }),
      holdsPair,
    ],
  ])("is not where %s", async (_why, spec, host) => {
    await refuseBeforeStart(spec, host);
  });

  test("is not seen where nobody may look, which is said", async () => {
    const renewedAs = async () => {
      throw new Error("AccessDeniedException");
    };
    await refuseBeforeStart(partner("offline"), around({ renewedAs }));
    expect(warnings.join()).toContain("a token that nobody would renew any more is not seen");
  });
});
