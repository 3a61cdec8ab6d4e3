import * as pulumi from "@pulumi/pulumi";
import { Fleet } from "../../infra/components/fleet";
import type { FleetArgs } from "../../infra/components/fleet-args";
import { ConfigNode } from "../../infra/config/node";
import { secretOnceKnown, wantedClientSecret } from "../../infra/config/parse-secrets";
import { spellLike, wordsOfProgram } from "../../infra/config/words";
import { declareFleet, provisionFleet } from "../../infra/library";
import { ofType, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const INVOCATION = "aws:lambda/invocation:Invocation";
const CLIENT_SECRET = "shpss_canary-client-secret";
const TOKEN = "shpat_canary-token";

const bundles = stubBundles();

afterAll(() => bundles.remove());
beforeEach(() => {
  jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  jest.spyOn(pulumi.log, "info").mockResolvedValue();
});

const ARGS: FleetArgs = {
  apps: { fulfilment: { clientId: "client-id", clientSecret: CLIENT_SECRET } },
  stores: {
    acme: { kind: "client-credentials", shop: "acme.myshopify.com", app: "fulfilment" },
    heritage: { kind: "custom-app", shop: "heritage.myshopify.com", accessToken: TOKEN },
    hooli: { kind: "offline-expiring", shop: "hooli.myshopify.com", app: "fulfilment" },
  },
  bundlesFolder: bundles.folder,
  alarms: true,
};

function withApp(changes: Readonly<Record<string, unknown>>): FleetArgs {
  const app = { clientId: "client-id", clientSecret: CLIENT_SECRET, ...changes };
  return { ...ARGS, apps: { fulfilment: app } };
}

/** What makes a resource the same as another one, as far as mocks tell. */
const namesIn = (seen: readonly Recorded[]) => seen.map(({ type, name }) => `${type} ${name}`);

function repeatsIn(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** What a secret input holds, opened as the engine would. */
function secretIn(resource: Recorded | undefined, input: string): string {
  const given = resource?.inputs[input] as { readonly value?: string } | undefined;
  if (given?.value === undefined) throw new Error(`${input} is no secret`);
  return given.value;
}

describe("two fleets in one program", () => {
  test("have no name in common, and no secret's name", async () => {
    const seen = await recordResources(() => {
      new Fleet("shops", ARGS);
      new Fleet("more", ARGS);
    });
    expect(repeatsIn(namesIn(seen))).toEqual([]);
    const secrets = ofType(seen, SECRET).map(({ inputs }) => inputs["name"]);
    expect(secrets).toContain("shops/test/stores/acme/token");
    expect(secrets).toContain("more/test/stores/acme/token");
    expect(repeatsIn(secrets.map(String))).toEqual([]);
  });

  test("would have without their names", async () => {
    const spec = declareFleet(
      { stores: { heritage: { kind: "custom-app", shop: "heritage.myshopify.com" } } },
      "shops/test",
    );
    const seen = await recordResources(() => {
      provisionFleet(spec, { bundlesFolder: bundles.folder });
      provisionFleet(spec, { bundlesFolder: bundles.folder });
    });
    expect(repeatsIn(namesIn(seen))).not.toEqual([]);
  });

  test("a fleet's resources are those of a stack, under names that begin with the fleet's", async () => {
    const named = await recordResources(() => void new Fleet("shops", ARGS));
    expect(named.length).toBeGreaterThan(30);
    const others = named.filter(({ name }) => name !== "shops" && !name.startsWith("shops-"));
    expect(namesIn(others)).toEqual([]);
  });
});

describe("secrets that are outputs", () => {
  // Made where they are used: jest would look into an output of a table, which has every property.
  test.each<[string, () => pulumi.Input<string>]>([
    ["a secret output", () => pulumi.secret(CLIENT_SECRET)],
    ["a promise", () => Promise.resolve(CLIENT_SECRET)],
    ["plain text, which is sealed", () => CLIENT_SECRET],
  ])("%s reaches the app's secret, and nothing else", async (_what, give) => {
    const args = withApp({ clientSecret: give() });
    const seen = await recordResources(() => void new Fleet("shops", args));
    const [version] = ofType(seen, VERSION);
    expect(JSON.parse(secretIn(version, "secretString"))).toMatchObject({
      client_secret: CLIENT_SECRET,
    });
    const others = seen.filter((one) => one !== version);
    expect(JSON.stringify(others)).not.toContain(CLIENT_SECRET);
  });

  test("a token reaches its enrolment, as a secret", async () => {
    const stores = { ...ARGS.stores };
    const heritage = { ...ARGS.stores["heritage"], accessToken: pulumi.secret(` ${TOKEN}\n`) };
    const args = { ...ARGS, stores: { ...stores, heritage } } as FleetArgs;
    const seen = await recordResources(() => void new Fleet("shops", args));
    const enrolment = ofType(seen, INVOCATION).find(({ name }) => /heritage/.test(name));
    expect(JSON.parse(secretIn(enrolment, "input"))).toMatchObject({ access_token: TOKEN });
  });

  test("all of them in one output give each app and store its own", async () => {
    const spec = declareFleet(
      {
        apps: { fulfilment: { clientId: "client-id" } },
        stores: {
          heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
          partner: { kind: "offline", shop: "partner.myshopify.com" },
          acme: { kind: "client-credentials", shop: "acme.myshopify.com", app: "fulfilment" },
        },
        clientSecrets: pulumi.secret({ fulfilment: CLIENT_SECRET }),
        accessTokens: pulumi.secret({ heritage: TOKEN }),
      },
      "shops/test",
    );
    const seen = await recordResources(() => {
      provisionFleet(spec, { bundlesFolder: bundles.folder });
    });
    expect(secretIn(ofType(seen, VERSION)[0], "secretString")).toContain(CLIENT_SECRET);
    const inputOf = (store: string) =>
      secretIn(
        ofType(seen, INVOCATION).find(({ name }) => name === `${store}-enrolment`),
        "input",
      );
    expect(JSON.parse(inputOf("heritage"))).toMatchObject({ access_token: TOKEN });
    expect(JSON.parse(inputOf("partner"))).toMatchObject({ access_token: "" });
    expect(() => inputOf("acme")).toThrow(/no secret/);
  });

  test("one that the program does not give comes from stack config, for its own apps and stores alone", async () => {
    const config = {
      "shopify-secrets:clientSecrets": JSON.stringify({ fulfilment: CLIENT_SECRET, other: "x" }),
      "shopify-secrets:accessTokens": JSON.stringify({ heritage: TOKEN, elsewhere: "y" }),
    };
    const stores = { heritage: { kind: "custom-app", shop: "heritage.myshopify.com" } } as const;
    const seen = await recordResources(() => {
      pulumi.runtime.setAllConfig(config, Object.keys(config));
      new Fleet("shops", { ...withApp({ clientSecret: undefined }), stores });
    });
    expect(secretIn(ofType(seen, VERSION)[0], "secretString")).toContain(CLIENT_SECRET);
    expect(secretIn(ofType(seen, INVOCATION)[0], "input")).toContain(TOKEN);
  });

  test.each([
    ["another secret", TOKEN, "holds an access token, and a client secret belongs here"],
    ["the client ID", "client-id", "is the client ID: the client secret stands beside it"],
    ["nothing", undefined, "is missing"],
    ["an empty text", " ", "must not be empty"],
  ])("%s is refused once it is known, by its path and unseen", (_what, value, says) => {
    const report = { problems: [], words: wordsOfProgram("shops") };
    const node = new ConfigNode("shopify-secrets:clientSecrets.fulfilment", undefined, report);
    const look = () => secretOnceKnown(node, value, wantedClientSecret("client-id"));
    const said = `1 problem in shops; something may have been touched:\n  shops.apps.fulfilment.clientSecret ${says}`;
    expect(look).toThrow(said);
    expect(look).not.toThrow(TOKEN);
  });
});

/** What a fleet says of its mistakes. */
function refusalOf(args: unknown): string {
  try {
    new Fleet("shops", args as FleetArgs);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
}

describe("mistakes are told in the words of the program", () => {
  beforeEach(() => pulumi.runtime.setAllConfig({}));

  const store = (changes: object) => ({
    ...ARGS,
    stores: { acme: { ...ARGS.stores["acme"], ...changes } },
  });

  test.each([
    [
      "a missing secret",
      withApp({ clientSecret: undefined }),
      /shops\.apps\.fulfilment\.clientSecret is missing: pulumi config set --secret --path 'shopify-secrets:clientSecrets\.fulfilment'/,
    ],
    [
      "a wrong kind",
      store({ kind: "offlin" }),
      /shops\.stores\.acme\.kind must be one of .*did you mean offline\?/,
    ],
    [
      "an unknown key",
      store({ rotationHour: 8 }),
      /shops\.stores\.acme\.rotationHour unknown key \(did you mean rotationHours\?\); known here: kind, shop, accessToken, app/,
    ],
    [
      "an unknown key of an app",
      withApp({ secret: "x" }),
      /shops\.apps\.fulfilment\.secret unknown key.*known here: clientId, clientSecret, previousClientSecret, distribution/,
    ],
    [
      "an unknown setting",
      { ...ARGS, prefixx: "x" },
      /shops\.prefixx unknown key \(did you mean prefix\?\)/,
    ],
    [
      "a token of the wrong kind",
      store({ accessToken: TOKEN }),
      /shops\.stores\.acme\.accessToken kind client-credentials takes no token/,
    ],
    ["a topic", { ...ARGS, alarmsTopicArn: "x" }, /shops\.alarmsTopicArn must be the full ARN/],
    [
      "an output that decides what there is",
      () => store({ shop: pulumi.output("acme.myshopify.com") }),
      /shops\.stores\.acme\.shop is an output/,
    ],
    ["stores that are no map", { ...ARGS, stores: "acme" }, /shops\.stores must be a map/],
    [
      "an app that is no map",
      { ...ARGS, apps: { fulfilment: "x" } },
      /shops\.apps\.fulfilment must be a map/,
    ],
  ])("%s", (_what, args, says) => {
    const refusal = refusalOf(typeof args === "function" ? args() : args);
    expect(refusal).toMatch(says);
    expect(refusal).toMatch(/^\d problems? in shops; nothing was touched:/);
    // Secrets may stand in config: the command for them does what it says.
    expect(refusal.replace(/pulumi config set --secret --path '[^']+'/g, "")).not.toMatch(
      /pulumi config|shopify-secrets:/,
    );
  });

  test("as its language writes them, and keys of one's own as they are", () => {
    spellLike((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    try {
      const refusal = refusalOf({ ...store({ rotationHours: 5 }), tags: { costCenter: "\n" } });
      expect(refusal).toContain("shops.stores.acme.rotation_hours ");
      expect(refusal).toContain("shops.tags.costCenter ");
      expect(refusalOf(store({ protct: true }))).toContain(
        "access_token, app, scopes, rotation_hours",
      );
    } finally {
      spellLike((name) => name);
    }
  });
});
