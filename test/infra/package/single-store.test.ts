import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { spellLike } from "../../../infra/config/words";
import type { PackageSpec } from "../../../infra/package/given";
import { construct } from "../../../infra/package/provider";
import { SCHEMA_FILE } from "../../../scripts/build-schema";
import { ofType, type Recorded, recordResources } from "../recorded";

const spec = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as PackageSpec;
const SECRET = "aws:secretsmanager/secret:Secret";
const INVOCATION = "aws:lambda/invocation:Invocation";
const ROTATION = "aws:secretsmanager/secretRotation:SecretRotation";
const TOKEN = "shpat_canary-token";

const ACME = {
  key: "acme",
  kind: "client-credentials",
  shop: "acme.myshopify.com",
  app: "fulfilment",
  clientId: "6f1c0a0c5f3e4b7f8d9e0a1b2c3d4e5f",
  prefix: "shops/prod",
  kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
  enrolFunctionName: "shops-prod-enrol",
  rotationFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:shops-prod-rotate",
  appSecretVersion: "0123456789abcdef0123456789abcdef",
};
const HERITAGE = { ...ACME, key: "heritage", kind: "custom-app", shop: "heritage.myshopify.com" };

beforeEach(() => {
  jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  jest.spyOn(pulumi.log, "info").mockResolvedValue();
  jest.spyOn(process, "cwd").mockReturnValue("/");
});

afterEach(() => spellLike((property) => property));

const constructed = (given: Readonly<Record<string, unknown>>, name = "acme") =>
  construct(spec, { type: "shopify-secrets:index:StoreSecret", name, given, opts: {} });

/** What a program in another language has made by it, and what it gets. */
async function made(given: Readonly<Record<string, unknown>>) {
  let outputs = {};
  const seen = await recordResources(async () => {
    const { state } = await constructed(given);
    outputs = state as object;
  });
  return { seen, outputs };
}

async function refusalOf(given: Readonly<Record<string, unknown>>): Promise<string> {
  let refusal: unknown;
  const seen = await recordResources(async () => {
    await constructed(given).catch((error: unknown) => {
      refusal = error;
    });
  });
  expect(ofType(seen, SECRET)).toEqual([]);
  return String((refusal as Error | undefined)?.message);
}

const only = (seen: readonly Recorded[], type: string) => {
  const found = ofType(seen, type);
  expect(found).toHaveLength(1);
  return found[0]?.inputs ?? {};
};

test("is made of plain names, ARNs and the keys of a fleet's store", async () => {
  const { seen, outputs } = await made({ ...ACME, scopes: ["read_orders"], rotationHours: 6 });
  expect(only(seen, SECRET)).toMatchObject({
    name: "shops/prod/stores/acme/token",
    kmsKeyId: ACME.kmsKeyArn,
    recoveryWindowInDays: 30,
  });
  expect(only(seen, INVOCATION)["functionName"]).toBe(ACME.enrolFunctionName);
  expect(JSON.parse(String(only(seen, INVOCATION)["input"]))).toMatchObject({
    store: "acme",
    app: "fulfilment",
    app_secret_version: ACME.appSecretVersion,
    access_token: "",
  });
  expect(only(seen, ROTATION)["rotationLambdaArn"]).toBe(ACME.rotationFunctionArn);
  expect(Object.keys(outputs).sort()).toEqual(["readerPolicy", "secretArn", "secretName"]);
});

test("where it is, the provider says unless the program does", async () => {
  const place = { accountId: "111122223333", partition: "aws-cn", region: "cn-north-1" };
  const readers = ["arn:aws-cn:iam::111122223333:role/app"];
  const { seen } = await made({ ...ACME, place, readers });
  expect(String(only(seen, SECRET)["policy"])).toContain("arn:aws-cn:iam::111122223333:role/");
});

test("a token is a secret, and plain text is refused unseen", async () => {
  const { seen } = await made({ ...HERITAGE, accessToken: pulumi.secret(TOKEN) });
  const input = only(seen, INVOCATION)["input"] as { readonly value?: string };
  expect(JSON.parse(input.value ?? "{}")).toMatchObject({ access_token: TOKEN });
  const refusal = await refusalOf({ ...HERITAGE, accessToken: TOKEN });
  expect(refusal).toContain("acme.accessToken stands in plain text");
  expect(refusal).not.toContain(TOKEN);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["hours", { rotationHours: 5 }, "  acme.rotationHours must be 4, 6, 8 or 12"],
  ["a shop", { shop: "acme" }, "  acme.shop must be"],
  ["a kind", { kind: "custom" }, "  acme.kind must be one of"],
  ["a prefix", { prefix: "Shops" }, "  acme.prefix must be"],
  ["a distribution", { distribution: "mine" }, "  acme.distribution must be one of"],
  [
    "an unknown key",
    { rotationHour: 8 },
    "  acme.rotationHour unknown key (did you mean rotationHours?)",
  ],
])("%s that is wrong is told by the component's own path", async (_what, change, says) => {
  expect(await refusalOf({ ...ACME, ...change })).toContain(says);
});

test("a key that is no key is told of", async () => {
  expect(await refusalOf({ ...ACME, key: "Acme Shop" })).toContain("  acme.key a key is made of");
});

test("the paths are in the program's spelling", async () => {
  jest.spyOn(process, "cwd").mockRestore();
  jest.spyOn(process, "cwd").mockReturnValue(`${__dirname}/../../../examples/python`);
  expect(await refusalOf({ ...ACME, rotationHours: 5 })).toContain("acme.rotation_hours must be");
});
