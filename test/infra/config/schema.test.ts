import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { KIND_FACTS, KINDS } from "../../../contract/kinds";
import { ROTATION_HOURS } from "../../../contract/schedule";
import { CONFIG_KEYS, parseFleet } from "../../../infra/config/parse-fleet";
import { LOG_RETENTION_DAYS, MOST_TAGS } from "../../../infra/config/parse-settings";
import { STORE_KEYS } from "../../../infra/config/parse-stores";
import { SECRET_KEYS } from "../../../infra/config/plain-secrets";
import { reading } from "./at";
import { accepts, type Schema } from "./json-schema";
import { ACME, HERITAGE, MISTAKES, VALID } from "./mistakes";

const PROJECT = join(__dirname, "../../..");
const schema = JSON.parse(
  readFileSync(join(PROJECT, "infra/config/stack-config.schema.json"), "utf8"),
) as Schema;

type Config = Readonly<Record<string, unknown>>;

/** A config as it stands in the stack's file: under its namespace, and the secrets encrypted. */
function stackFileOf(config: Config): unknown {
  const entries = Object.entries(config).map(([key, value]) => [
    `shopify-secrets:${key}`,
    (SECRET_KEYS as readonly string[]).includes(key) ? encrypted(value) : value,
  ]);
  return { config: { "aws:region": "eu-west-1", ...Object.fromEntries(entries) } };
}

function encrypted(values: unknown): unknown {
  const names = Object.keys(values as Config);
  return Object.fromEntries(names.map((name) => [name, { secure: "v1:x:y" }]));
}

function definition(name: string): Record<string, unknown> {
  return (schema["definitions"] as Record<string, Record<string, unknown>>)[name] ?? {};
}

/** Mistakes that lie between values, or in a secret, where no schema sees them. */
const BEYOND_A_SCHEMA = new Set([
  "an API version of tomorrow",
  "a fleet's API version of tomorrow",
  "an app that does not exist",
  "an app without a client secret",
  "a client secret of no app",
  "a token as client secret",
  "a token of no store",
  "a token for a kind that has none",
  "a client secret where a token belongs",
  "a refresh token where an access token belongs",
  "a token with a line break",
  "a token that is a number",
  "a client ID as client secret",
  "a client secret without its app's key",
  "another store's secret to adopt",
  "a store that was always called so",
  "a former key that is still a store",
  "more scopes than a description holds",
  "two stores with one secret name",
  "a VPC that is both left and used",
  "one app twice on one shop",
  "two tags that differ in capitals",
  "a token under the key before a rename",
]);

describe("the schema", () => {
  test("accepts a config without a mistake, and the stack dev", () => {
    const dev: unknown = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
    expect(accepts(schema, stackFileOf(VALID))).toBe(true);
    expect(accepts(schema, dev)).toBe(true);
  });

  test.each(MISTAKES.filter(([what]) => !BEYOND_A_SCHEMA.has(what)))(
    "refuses %s",
    (_what, changes) => {
      expect(accepts(schema, stackFileOf({ ...VALID, ...changes }))).toBe(false);
    },
  );

  test("leaves to the parser only what no schema sees", () => {
    for (const [what, changes] of MISTAKES.filter(([name]) => BEYOND_A_SCHEMA.has(name))) {
      expect([what, accepts(schema, stackFileOf({ ...VALID, ...changes }))]).toEqual([what, true]);
    }
  });

  test("refuses a secret in plain text", () => {
    const file = { config: { "shopify-secrets:clientSecrets": { fulfilment: "shpss_1" } } };
    expect(accepts(schema, file)).toBe(false);
  });

  test("knows the parser's keys and lists, and no others", () => {
    const config = (schema["properties"] as Record<string, Record<string, unknown>>)["config"];
    const keys = Object.keys(config?.["properties"] as object);
    expect(keys.sort()).toEqual(CONFIG_KEYS.map((key) => `shopify-secrets:${key}`).sort());
    const store = definition("store")["properties"] as Record<string, Config>;
    expect(Object.keys(store).sort()).toEqual([...STORE_KEYS].sort());
    expect(store["kind"]?.["enum"]).toEqual(KINDS);
    const tags = config?.["properties"] as Record<string, Config>;
    expect(tags["shopify-secrets:tags"]?.["maxProperties"]).toBe(MOST_TAGS);
    expect(definition("logRetentionDays")["enum"]).toEqual(LOG_RETENTION_DAYS);
    expect(definition("rotationHours")["enum"]).toEqual(
      ROTATION_HOURS.filter((hours) => hours < 24),
    );
  });

  test("accepts whatever the parser accepts", () => {
    fc.assert(
      fc.property(configs(), (config) => {
        const { problems } = parseFleet(config, reading("shopify/test"));
        fc.pre(problems.length === 0);
        expect(accepts(schema, stackFileOf(config))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

/** Configs without a mistake, but for the rare pair of equal stores. */
function configs(): fc.Arbitrary<Config> {
  const store = fc.constantFrom(...KINDS).chain((kind) =>
    fc.record(
      {
        kind: fc.constant(kind),
        shop: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).map((name) => `${name}.myshopify.com`),
        ...(KIND_FACTS[kind].app === "required" ? { app: fc.constant("fulfilment") } : {}),
        scopes: fc.oneof(fc.constant(["read_orders"]), fc.constant("read_orders, write_products")),
        apiVersion: fc.constantFrom("2026-07", "2026-10"),
        protect: fc.boolean(),
        readers: fc.constant(["arn:aws:iam::123456789012:role/team/orders"]),
      },
      { requiredKeys: ["kind", "shop"] },
    ),
  );
  const tagText = fc.stringMatching(/^[A-Za-z0-9+\-=._:/@][A-Za-z0-9 +\-=._:/@]{0,8}$/);
  return fc
    .record(
      {
        stores: fc.dictionary(fc.stringMatching(/^[a-z0-9]{1,12}$/), store, { maxKeys: 3 }),
        prefix: fc.stringMatching(/^[a-z0-9]{1,8}(?:[/-][a-z0-9]{1,8}){0,2}$/),
        rotationHours: fc.constantFrom(4, 6, 8, 12),
        recoveryWindowDays: fc.constantFrom(0, 7, 30),
        logRetentionDays: fc.constantFrom(...LOG_RETENTION_DAYS),
        storesAtOnce: fc.integer({ min: 1, max: 50 }),
        tags: fc.dictionary(tagText, tagText, { maxKeys: 2 }),
      },
      { requiredKeys: [] },
    )
    .map((changes) => ({ ...VALID, ...changes }));
}

test("the samples themselves are without a mistake", () => {
  expect([ACME, HERITAGE].map(({ kind }) => kind)).toEqual(["client-credentials", "custom-app"]);
  expect(parseFleet(VALID, reading("shopify/test")).problems).toEqual([]);
});
