import { readRecord } from "../../../local/demo/records";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { changesIn } from "../infra/declared-stack";
import { languagesHere, Program, type Tools } from "./program";

const { clientId, clientSecret } = DEV_APPS.catalog;
const PARTNER_TOKEN = DEV_STORES.partner.accessToken;

/** How a program of each language says what the tests change in the example. */
interface Sayings {
  /** Another app, and stores of the two kinds that the example lacks; its secrets are the program's own. */
  readonly everyKind: readonly (readonly [string, string])[];
  readonly wrongHours: readonly (readonly [string, string])[];
  readonly hoursPath: string;
  readonly unknownKey: readonly (readonly [string, string])[];
  readonly unknownKeySays: RegExp;
  readonly plainSecret: readonly (readonly [string, string])[];
  readonly plainSecretPath: string;
}

const SAYINGS = {
  yaml: {
    everyKind: [
      [
        "  clientId:\n    type: string\n",
        "  clientId:\n    type: string\n  catalogSecret:\n    type: string\n    secret: true\n  partnerToken:\n    type: string\n    secret: true\n",
      ],
      [
        "      stores:\n",
        `        catalog:\n          clientId: ${clientId}\n          clientSecret: \${catalogSecret}\n          distribution: custom\n      stores:\n        partner:\n          kind: offline\n          app: catalog\n          shop: partner.myshopify.com\n          accessToken: \${partnerToken}\n        hooli:\n          kind: offline-expiring\n          app: catalog\n          shop: hooli.myshopify.com\n`,
      ],
    ],
    wrongHours: [
      ["kind: client-credentials\n", "kind: client-credentials\n          rotationHours: 5\n"],
    ],
    hoursPath: "shops.stores.acme.rotationHours",
    unknownKey: [
      ["kind: client-credentials\n", "kind: client-credentials\n          rotationHour: 8\n"],
    ],
    unknownKeySays: /rotationHour/,
    plainSecret: [[`\${catalogSecret}`, clientSecret]],
    plainSecretPath: "shops.apps.catalog.clientSecret",
  },
  python: {
    everyKind: [
      [
        "    stores={\n",
        `    stores={\n        "partner": {\n            "kind": "offline",\n            "app": "catalog",\n            "shop": "partner.myshopify.com",\n            "access_token": config.require_secret("partnerToken"),\n        },\n        "hooli": shopify_secrets.FleetStoreArgs(\n            kind=shopify_secrets.Kind.OFFLINE_EXPIRING,\n            app="catalog",\n            shop="hooli.myshopify.com",\n        ),\n`,
      ],
      [
        "    apps={\n",
        `    apps={\n        "catalog": shopify_secrets.FleetAppArgs(\n            client_id="${clientId}",\n            client_secret=config.require_secret("catalogSecret"),\n            distribution=shopify_secrets.Distribution.CUSTOM,\n        ),\n`,
      ],
    ],
    wrongHours: [['app="fulfilment",\n', 'app="fulfilment",\n            rotation_hours=5,\n']],
    hoursPath: "shops.stores.acme.rotation_hours",
    unknownKey: [['"kind": "offline",\n', '"kind": "offline",\n            "rotation_hour": 8,\n']],
    unknownKeySays:
      /shops\.stores\.partner\.rotation_hour unknown key.*known here: kind, shop, access_token/,
    plainSecret: [['config.require_secret("catalogSecret")', `"${clientSecret}"`]],
    plainSecretPath: "shops.apps.catalog.client_secret",
  },
} satisfies Readonly<Record<string, Sayings>>;

let world: World;
let tools: Tools;

beforeAll(async () => {
  tools = await languagesHere();
  world = await beginWorld("2026-11-23T09:35:00Z");
  world.shopify.imitation.control.addShop({ shop: "hooli.myshopify.com" });
});

afterAll(async () => await world?.stop());

/** Deploys a program that has to come up. */
async function upOf(program: Program): Promise<string> {
  const { exitCode, output } = await program.up();
  if (exitCode !== 0) throw new Error(`pulumi up failed:\n${output}`);
  return output;
}

/** Tries a change of a program, and takes it back. */
async function refusalIn(
  program: Program,
  changes: readonly (readonly [string, string])[],
): Promise<string> {
  const before = program.source;
  program.change(...changes);
  try {
    return await program.refusal();
  } finally {
    program.write(before);
  }
}

/** Whether a store's token works at Shopify; its record says so too. */
async function expectLiving(secretName: string): Promise<void> {
  const { record } = await readRecord(world, secretName);
  expect(record).toMatchObject({ shop: DEV_STORES.acme.shop, checked: "ok" });
  const accessToken = record.accessToken.unseal();
  expect(world.shopify.imitation.control.tokenLife({ accessToken }).death).toBeNull();
}

/** Destroys a stack, and gives the types of what is left of it at AWS. */
async function destroyed(program: Program): Promise<string[]> {
  await program.engine.run(["destroy", "--yes", "--skip-preview", "--continue-on-error"]);
  const { deployment } = JSON.parse(await program.must("stack", "export")) as {
    readonly deployment: { readonly resources?: readonly { readonly type: string }[] };
  };
  return (deployment.resources ?? []).map(({ type }) => type).filter((type) => /^aws:/.test(type));
}

/** The tests build on each other: the life of one stack, declared in one language. */
describe.each(Object.keys(SAYINGS) as (keyof typeof SAYINGS)[])("a program in %s", (language) => {
  const sayings: Sayings = SAYINGS[language];
  let program: Program;

  beforeAll(async () => {
    program = new Program(world, language, tools);
    await program.begin();
  });

  afterAll(async () => await program?.engine.stop());

  async function stores(): Promise<Readonly<Record<string, StoreOutput>>> {
    const outputs = JSON.parse(await program.must("stack", "output", "--json")) as {
      readonly stores: Readonly<Record<string, StoreOutput>>;
    };
    return outputs.stores;
  }

  const up = () => upOf(program);
  const refusalOf = (changes: readonly (readonly [string, string])[]) =>
    refusalIn(program, changes);

  test("the example provisions its stores, and one's token works", async () => {
    const output = await up();
    expect(output).not.toContain("does not ignore tags");
    expect(output).toContain("heritage: the store has no access token yet");
    await expectLiving(`shops/${language}/stores/acme/token`);
  });

  test("stores of every kind, with secrets that are the program's own outputs", async () => {
    program.change(...sayings.everyKind);
    await program.must("config", "set", "--secret", "catalogSecret", clientSecret);
    await program.must("config", "set", "--secret", "partnerToken", PARTNER_TOKEN);
    await up();
    expect(Object.keys(await stores()).sort()).toEqual(["acme", "heritage", "hooli", "partner"]);
    const { record } = await readRecord(world, `shops/${language}/stores/partner/token`);
    expect(record).toMatchObject({ kind: "offline", checked: "ok" });
    expect(record.accessToken.unseal()).toBe(PARTNER_TOKEN);
  });

  test("its outputs and its state hold no secret in clear text", async () => {
    const { record } = await readRecord(world, `shops/${language}/stores/acme/token`);
    const shown = `${await program.must("stack", "output", "--json")}${await program.must("stack", "export")}`;
    const secrets = [
      clientSecret,
      DEV_APPS.fulfilment.clientSecret,
      PARTNER_TOKEN,
      record.accessToken.unseal(),
    ];
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  test("a second up changes nothing, also after a refresh", async () => {
    await program.must("preview", "--refresh", "--expect-no-changes");
    expect(changesIn(await up())).toEqual([]);
  });

  test("a mistake is told by the path that the program knows", async () => {
    const refusal = await refusalOf(sayings.wrongHours);
    expect(refusal).toContain(`${sayings.hoursPath} must be 4, 6, 8 or 12`);
    expect(refusal).toContain("1 problem in shops; nothing was touched:");
    expect(refusal).not.toMatch(/^ +at /m);
  });

  test("an unknown key is refused", async () => {
    expect(await refusalOf(sayings.unknownKey)).toMatch(sayings.unknownKeySays);
  });

  test("a secret in plain text is refused, and not shown", async () => {
    const refusal = await refusalOf(sayings.plainSecret);
    expect(refusal).toContain(`${sayings.plainSecretPath} stands in plain text`);
    expect(refusal).not.toContain(clientSecret);
  });

  test("a wrong client secret fails with the line that every program gets, and the store lives on", async () => {
    await program.setClientSecret("shpss_00000000000000000000000000000000");
    const { exitCode, output } = await program.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(
      /Shopify refuses the client secret of app fulfilment.*Next: pulumi config set --secret --path 'shopify-secrets:clientSecrets\.fulfilment'/,
    );
    await program.setClientSecret(DEV_APPS.fulfilment.clientSecret);
    await up();
    await expectLiving(`shops/${language}/stores/acme/token`);
  });

  test("destroy takes it all away", async () => {
    // The key of the refresh tokens is protected, and outlives the stack.
    expect(await destroyed(program)).toEqual(["aws:kms/key:Key"]);
  });
});

describe("a program in go", () => {
  let program: Program;

  beforeAll(async () => {
    program = new Program(world, "go", tools);
    await program.begin();
  });

  afterAll(async () => await program?.engine.stop());

  test("compiles against its SDK, and provisions its stores", async () => {
    const output = await upOf(program);
    expect(output).not.toContain("does not ignore tags");
    await expectLiving("shops/go/stores/acme/token");
  });

  test("a second up changes nothing", async () => {
    expect(changesIn(await upOf(program))).toEqual([]);
  });

  test("a mistake is told by the path that the program knows", async () => {
    const refusal = await refusalIn(program, [
      ["\t\t\t\t\tApp: ", "\t\t\t\t\tRotationHours: pulumi.IntRef(5),\n\t\t\t\t\tApp: "],
    ]);
    expect(refusal).toContain("shops.Stores.acme.RotationHours must be 4, 6, 8 or 12");
  });

  test("a secret in plain text is refused, and not shown", async () => {
    const refusal = await refusalIn(program, [
      [
        "\t\t\t\t\tDistribution: ",
        `\t\t\t\t\tClientSecret: pulumi.String("${clientSecret}"),\n\t\t\t\t\tDistribution: `,
      ],
    ]);
    expect(refusal).toContain("shops.Apps.fulfilment.ClientSecret stands in plain text");
    expect(refusal).not.toContain(clientSecret);
  });

  test("destroy takes it all away", async () => {
    expect(await destroyed(program)).toEqual([]);
  });
});

describe("a program that puts the parts together itself", () => {
  let program: Program;

  beforeAll(async () => {
    program = new Program(world, "yaml-parts", tools);
    await program.begin();
    const { clientSecret: ours } = DEV_APPS.fulfilment;
    await program.must("config", "set", "--secret", "clientSecret", ours);
  });

  afterAll(async () => await program?.engine.stop());

  test("has a store whose token works", async () => {
    await upOf(program);
    await expectLiving("parts/dev/stores/acme/token");
    expect(changesIn(await upOf(program))).toEqual([]);
  });

  test("is told of a mistake by the store's own path", async () => {
    const refusal = await refusalIn(program, [["acme.myshopify.com", "acme.example.com"]]);
    expect(refusal).toContain("acme.shop must be");
    expect(refusal).toContain("1 problem in acme; nothing was touched:");
  });

  test("destroy takes it all away", async () => {
    expect(await destroyed(program)).toEqual([]);
  });
});
