import type { ShopDomain } from "../../contract/brands";
import { parseEnrolRequest } from "../../contract/enrolment";
import { Sealed } from "../../contract/sealed";
import { FleetStand } from "../lambda/stand/fleet-stand";
import { SHOP, STORE, StoreStand } from "../lambda/stand/store-stand";
import { APP, HOUR, PREFIX } from "../simulation/stage";
import { codeOf, deedsOf, NOTHING, polluting, valueWrites } from "./deeds";

const OTHER_SHOP = "evil.myshopify.com" as ShopDomain;
const VERSION = "0123456789abcdef0123456789abcdef";
const SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret";

afterEach(() => {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

describe("the rotate function", () => {
  let world: StoreStand;

  beforeEach(async () => {
    world = await StoreStand.create({ kind: "client-credentials" });
    await world.scheduleRotation();
    world.clock.now += 8 * HOUR;
    world.calls.length = 0;
  });

  const event = (given: object = {}) => ({
    Step: "createSecret",
    SecretId: world.arn,
    ClientRequestToken: VERSION,
    ...given,
  });
  const ODD_EVENTS: Readonly<Record<string, () => unknown>> = {
    nothing: () => undefined,
    "a text": () => "createSecret",
    "a list": () => [event()],
    "an object of no service": () => ({}),
    "API Gateway's event": () => ({ version: "2.0", routeKey: "GET /callback", headers: {} }),
    "EventBridge's event": () => ({ source: "aws.secretsmanager", detail: event() }),
    "a step that is none": () => event({ Step: "deleteSecret" }),
    "a step of a prototype": () => event({ Step: "__proto__" }),
    "a name instead of an ARN": () => event({ SecretId: `${PREFIX}/stores/acme/token` }),
    "an ARN of another service": () => event({ SecretId: "arn:aws:s3:::bucket/shopify" }),
    "an ARN with a path in it": () => event({ SecretId: `${SECRETS}:${PREFIX}/../x?y-AbCdEf` }),
    "an ARN of a megabyte": () => event({ SecretId: `${SECRETS}:${"x".repeat(1_000_000)}` }),
    "a version of a megabyte": () => event({ ClientRequestToken: "x".repeat(1_000_000) }),
    "a version with line breaks": () => event({ ClientRequestToken: `${VERSION}\n{}` }),
    "keys for the prototypes alone": () => polluting(),
  };

  test.each(Object.entries(ODD_EVENTS))("%s is no event of Secrets Manager", async (_name, odd) => {
    expect(await codeOf(() => world.rotationStep(odd() as object))).toBe("event_malformed");
    expect(deedsOf(world)).toEqual(NOTHING);
  });

  test.each([
    `${SECRETS}:shopify/other/stores/acme/token-AbCdEf`,
    `${SECRETS}:${PREFIX}-eu/stores/acme/token-AbCdEf`,
    `${SECRETS}:${PREFIX}/apps/erp/credential-AbCdEf`,
    `${SECRETS}:billing/database-AbCdEf`,
  ])("%s is not its to touch", async (SecretId) => {
    for (const Step of ["createSecret", "testSecret", "finishSecret"]) {
      expect(await codeOf(() => world.rotationStep(event({ SecretId, Step })))).toBe(
        "secret_out_of_prefix",
      );
    }
    expect(deedsOf(world)).toEqual(NOTHING);
  });

  test("a version that Secrets Manager did not ask for is not made", async () => {
    const code = await codeOf(() => world.rotationStep(event()));
    expect(code).toMatch(/^version_(?:unknown|not_pending)$/);
    expect(valueWrites(world)).toBe(0);
    expect(deedsOf(world).requests).toBe(0);
  });

  test("keys for the prototypes beside a good event change nothing", async () => {
    const odd = polluting(event()) as object;
    expect(await codeOf(() => world.rotationStep(odd))).toMatch(/^version_/);
    expect(deedsOf(world).requests).toBe(0);
  });
});

describe("the enrol function", () => {
  const good = (arn: string) => ({
    action: "enrol",
    store: STORE,
    secret_arn: arn,
    kind: "custom-app",
    shop: SHOP,
    app: APP,
    app_secret_version: "",
    access_token: "",
    token_source: "config",
    salt: "0123456789abcdef",
  });

  test.each<[string, object]>([
    ["an unknown key", { shell: "rm" }],
    ["another action", { action: "delete" }],
    ["a shop that is no shop", { shop: "acme.myshopify.com.evil.example" }],
    ["a shop with a port", { shop: "acme.myshopify.com:8443" }],
    ["a shop with a path", { shop: "acme.myshopify.com/x" }],
    ["a shop with a user", { shop: "evil.example#.myshopify.com" }],
    ["a kind of a prototype", { kind: "toString" }],
    ["a store key with a path", { store: "../apps/erp" }],
    ["a token that is none", { access_token: { length: 20 } }],
    ["no salt", { salt: "" }],
  ])("%s is refused by the parser", async (_name, odd) => {
    const code = await codeOf(async () => parseEnrolRequest({ ...good(`${SECRETS}:x`), ...odd }));
    expect(code).toBe("event_malformed");
  });

  test.each<[string, string, object]>([
    [
      "another stack's secret",
      "secret_out_of_prefix",
      { secretArn: `${SECRETS}:shopify/x/stores/a` },
    ],
    [
      "an app secret",
      "secret_out_of_prefix",
      { secretArn: `${SECRETS}:${PREFIX}/apps/erp/credential-AbCdEf` },
    ],
    ["another shop than the declared one", "declaration_mismatch", { shop: OTHER_SHOP }],
    ["another kind than the declared one", "declaration_mismatch", { kind: "offline" }],
    ["another app than the declared one", "declaration_mismatch", { app: "another" }],
    [
      "a token that goes into no header",
      "token_malformed",
      { accessToken: Sealed.of("shpat_a\r\nhost: evil") },
    ],
    [
      "a client secret as a token",
      "token_is_client_secret",
      { accessToken: Sealed.of("shpss_0123456789") },
    ],
  ])("%s is refused: %s", async (_name, expected, given) => {
    const world = await StoreStand.create({ kind: "custom-app" });
    world.calls.length = 0;
    expect(await codeOf(() => world.enrol(given))).toBe(expected);
    expect(deedsOf(world)).toMatchObject({ requests: 0, writes: 0 });
  });
});

describe("a record and a declaration that disagree about the shop", () => {
  const RENEWALS: Readonly<Record<string, (world: StoreStand) => Promise<unknown>>> = {
    "a renewal": (world) => world.renew(),
    "a rotation": async (world) => {
      await world.scheduleRotation();
      await world.rotateNow();
      throw world.failures[0];
    },
  };

  test.each(Object.entries(RENEWALS))("stop %s before anything is sent", async (_name, renew) => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    await world.declare("client-credentials", undefined, OTHER_SHOP);
    world.clock.now += 20 * HOUR;
    world.calls.length = 0;
    expect(await codeOf(() => renew(world))).toBe("declaration_mismatch");
    expect(deedsOf(world).requests).toBe(0);
    expect(valueWrites(world)).toBe(0);
  });

  test("stop a pair's renewal too, whose refresh token would go to the other shop", async () => {
    const world = await StoreStand.create({ kind: "offline-expiring" });
    await world.declare("offline-expiring", undefined, OTHER_SHOP);
    world.clock.now += HOUR;
    world.calls.length = 0;
    expect(await codeOf(() => world.renew())).toBe("declaration_mismatch");
    expect(deedsOf(world).requests).toBe(0);
  });

  test("stop the sweep at that store", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "custom-app" });
    const Description = (
      (await world.model.handle("DescribeSecret", {
        SecretId: world.arnOf("acme"),
      })) as { Description: string }
    ).Description.replace("acme.myshopify", "evil.myshopify");
    await world.model.handle("UpdateSecret", { SecretId: world.arnOf("acme"), Description });
    world.calls.length = 0;
    const result = await world.act({ action: "check", stores: [], stage: "AWSCURRENT" });
    expect(result).toMatchObject({ stores: [{ store: "acme", code: "declaration_mismatch" }] });
    expect(deedsOf(world).requests).toBe(0);
  });
});

describe("a description that somebody edited", () => {
  test.each([
    ["another domain", { shop: "evil.example" }],
    ["a shop with a path", { shop: "evil.example/.myshopify.com" }],
    ["an upper-case shop", { shop: "ACME.myshopify.com" }],
    ["an API version with a path", { api: "2026-10/../../x" }],
    ["another version of itself", { v: 2 }],
    ["no object", undefined],
  ])("%s is no declaration", async (_name, odd) => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    const declared = {
      v: 1,
      kind: "client-credentials",
      shop: SHOP,
      app: APP,
      scopes: "",
      api: "2026-10",
    };
    const Description =
      odd === undefined ? "acme's token" : JSON.stringify({ ...declared, ...odd });
    await world.model.handle("UpdateSecret", { SecretId: world.arn, Description });
    world.calls.length = 0;
    for (const work of [() => world.renew(), () => world.enrol()]) {
      expect(await codeOf(work)).toBe("declaration_malformed");
    }
    expect(deedsOf(world).requests).toBe(0);
    expect(valueWrites(world)).toBe(0);
  });

  test("keys for the prototypes in a declaration are unknown keys", async () => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    const declared = {
      v: 1,
      kind: "client-credentials",
      shop: SHOP,
      app: APP,
      scopes: "",
      api: "2026-10",
    };
    const Description = `{"__proto__":{"shop":"evil.example"},${JSON.stringify(declared).slice(1)}`;
    await world.model.handle("UpdateSecret", { SecretId: world.arn, Description });
    world.clock.now += 20 * HOUR;
    await world.renew();
    expect((await world.current())?.record.shop).toBe(SHOP);
  });
});
