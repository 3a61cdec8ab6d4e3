import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { PackageSpec } from "../../../infra/package/given";
import { construct } from "../../../infra/package/provider";
import { SCHEMA_FILE } from "../../../scripts/build-schema";
import { recordResources } from "../recorded";

const spec = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as PackageSpec;
const WHAT_TO_DO = `this is version ${spec.version} of the package; a program that was written for another one takes this one's SDK (pulumi package add), or that version`;
const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };

beforeEach(() => {
  jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  jest.spyOn(process, "cwd").mockReturnValue("/");
});

/** What a program of another version is told; nothing may have been registered. */
async function toldOf(kind: string, given: Readonly<Record<string, unknown>>): Promise<string> {
  let refusal: unknown;
  const type = `shopify-secrets:index:${kind}`;
  const seen = await recordResources(async () => {
    await construct(spec, { type, name: "shops", given, opts: {} }).catch((error: unknown) => {
      refusal = error;
    });
  });
  expect(seen).toEqual([]);
  expect(pulumi.RunError.isInstance(refusal)).toBe(true);
  return (refusal as Error).message;
}

test("a component that only a newer version has", async () => {
  const told = await toldOf("Canary", {});
  expect(told).toBe(`shopify-secrets:index:Canary is unknown here: ${WHAT_TO_DO}`);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["Fleet", { stores: {}, waves: 3 }, "shops.waves"],
  ["Fleet", { stores: { heritage: { ...HERITAGE, region: "x" } } }, "shops.stores.heritage.region"],
  ["EnrolFunction", { prefix: "shops/dev", kmsKeyArn: "x", waves: 3 }, "shops.waves"],
  ["StoreSecret", { ...HERITAGE, key: "heritage", waves: 3 }, "shops.waves"],
])("a key of a %s that only a newer version has", async (kind, given, path) => {
  const told = await toldOf(kind, given);
  expect(told).toMatch(
    new RegExp(`^  ${path.replaceAll(".", "\\.")} unknown key.*; known here: `, "m"),
  );
  expect(told.endsWith(`\n${WHAT_TO_DO}`)).toBe(true);
});

test("a program of this version with another mistake is not told of versions", async () => {
  const told = await toldOf("Fleet", { stores: { heritage: { ...HERITAGE, kind: "custom" } } });
  expect(told).toContain("shops.stores.heritage.kind must be one of");
  expect(told).not.toContain("version");
});
