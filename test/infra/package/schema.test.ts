import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_KEYS } from "../../../infra/config/parse-fleet";
import { STORE_KEYS } from "../../../infra/config/parse-stores";
import * as library from "../../../infra/library";
import { MAKE } from "../../../infra/package/components";
import { inferSchema, SCHEMA_FILE } from "../../../scripts/build-schema";
import { incompatibilitiesOf, type WireSchema } from "./incompatibilities";

const text = readFileSync(SCHEMA_FILE, "utf8");
const schema = JSON.parse(text) as WireSchema;

/** The schema of the last version that somebody's SDK was made from; a release puts its own in this place. */
const released = JSON.parse(
  readFileSync(join(__dirname, "schema-0.1.0.json"), "utf8"),
) as WireSchema;

const propertiesOf = ({ resources, types }: WireSchema) => [
  ...Object.entries(resources).flatMap(([token, one]) => [
    ...Object.entries(one.inputProperties).map((entry) => [token, ...entry] as const),
    ...Object.entries(one.properties).map((entry) => [token, ...entry] as const),
  ]),
  ...Object.entries(types).flatMap(([token, { properties = {} }]) =>
    Object.entries(properties).map((entry) => [token, ...entry] as const),
  ),
];

test("the schema that is served is the one of the sources (npm run build:schema)", () => {
  expect(JSON.parse(text)).toEqual(inferSchema());
});

test("it has every component that the provider makes, and no other", () => {
  const tokens = Object.keys(MAKE).map((name) => `shopify-secrets:index:${name}`);
  expect(Object.keys(schema.resources).sort()).toEqual(tokens.sort());
});

test("whatever the library exports as a component is in it", () => {
  const exported = Object.entries(library).filter(
    ([, one]) => typeof one === "function" && one.prototype instanceof pulumi.ComponentResource,
  );
  expect(exported.map(([name]) => name).sort()).toEqual(Object.keys(MAKE).sort());
});

test("every component, type and property is described, in words alone", () => {
  const all = propertiesOf(schema);
  expect(all.length).toBeGreaterThan(150);
  const wanting = all
    .filter(
      ([, , { description = "" }]) =>
        !/^\S.*[.)]$/s.test(description) || /\[object|@link/.test(description),
    )
    .map(([token, name]) => `${token} ${name}`);
  expect(wanting).toEqual([]);
  const tokens = Object.entries({ ...schema.resources, ...schema.types });
  expect(
    tokens.filter(([, one]) => (one.description ?? "") === "").map(([token]) => token),
  ).toEqual([]);
});

test("secrets are secret wherever they are given", () => {
  const given = propertiesOf(schema).filter(([, name]) =>
    /^(?:previousC|c)lientSecret$|^accessToken$/.test(name),
  );
  expect(given.length).toBe(6);
  expect(given.filter(([, , { secret, plain }]) => secret !== true || plain === true)).toEqual([]);
});

test("what decides which resources there are is plain", () => {
  const fleet = schema.resources["shopify-secrets:index:Fleet"];
  const inputs = Object.entries(fleet?.inputProperties ?? {});
  expect(inputs.filter(([, { plain }]) => plain !== true)).toEqual([]);
});

test("a fleet takes what config takes", () => {
  const elsewhere = ["clientSecrets", "previousClientSecrets", "accessTokens"];
  // A file is for a program to read, outputs it has anyway, and a component is renamed by aliases.
  const without = ["storesFile", "fleet", "moving", "readerPolicies", "formerFleet", ...elsewhere];
  const fleet = schema.resources["shopify-secrets:index:Fleet"];
  const keys = Object.keys(fleet?.inputProperties ?? {});
  expect(keys.filter((key) => key !== "alarmsTopicArn").sort()).toEqual(
    CONFIG_KEYS.filter((key) => !without.includes(key)).sort(),
  );
  const store = schema.types["shopify-secrets:index:FleetStore"];
  expect(Object.keys(store?.properties ?? {}).sort()).toEqual(
    [...STORE_KEYS, "accessToken"].sort(),
  );
});

describe("the next version", () => {
  test("takes every program that was written for the released one", () => {
    expect(incompatibilitiesOf(released, schema)).toEqual([]);
  });

  const changed = (change: (copy: WireSchema) => void): WireSchema => {
    const copy = structuredClone(released);
    change(copy);
    return copy;
  };
  const fleetIn = (copy: WireSchema) => copy.resources["shopify-secrets:index:Fleet"];

  test.each<[string, (copy: WireSchema) => void, RegExp]>([
    [
      "a component that went",
      (copy) => delete copy.resources["shopify-secrets:index:Alarms"],
      /Alarms is gone/,
    ],
    [
      "an input that went",
      (copy) => delete fleetIn(copy)?.inputProperties["tags"],
      /Fleet\.tags is gone/,
    ],
    [
      "an output that went",
      (copy) => delete fleetIn(copy)?.properties["prefix"],
      /Fleet\.prefix is gone/,
    ],
    [
      "an input of another type",
      (copy) => Object.assign(fleetIn(copy)?.inputProperties["prefix"] ?? {}, { type: "number" }),
      /Fleet\.prefix has another type/,
    ],
    [
      "an input that is required now",
      (copy) => fleetIn(copy)?.requiredInputs?.push("apps"),
      /Fleet\.apps is required now/,
    ],
    [
      "an output that may be missing now",
      (copy) => fleetIn(copy)?.required?.pop(),
      /may be missing now/,
    ],
    [
      "a kind that went",
      (copy) => copy.types["shopify-secrets:index:Kind"]?.enum?.pop(),
      /Kind .* is gone/,
    ],
    [
      "a key of a store that went",
      (copy) => delete copy.types["shopify-secrets:index:FleetStore"]?.properties?.["shop"],
      /FleetStore\.shop is gone/,
    ],
  ])("%s is seen", (_what, change, says) => {
    expect(incompatibilitiesOf(released, changed(change)).join("\n")).toMatch(says);
  });

  test("what is new and optional breaks nothing", () => {
    const grown = changed((copy) => {
      Object.assign(fleetIn(copy)?.inputProperties ?? {}, { more: { type: "string" } });
    });
    expect(incompatibilitiesOf(released, grown)).toEqual([]);
  });
});
