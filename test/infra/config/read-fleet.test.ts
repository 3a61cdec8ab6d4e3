import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readFleet } from "../../../infra/config/read-fleet";

const SECRETS = ["shopify-secrets:clientSecrets", "shopify-secrets:accessTokens"];
const PLAIN = {
  "shopify-secrets:apps": '{"fulfilment":{"clientId":"id"}}',
  "shopify-secrets:stores":
    '{"acme":{"kind":"client-credentials","shop":"acme.myshopify.com","app":"fulfilment"}}',
  "shopify-secrets:clientSecrets": '{"fulfilment":"shpss_canary"}',
  "aws:region": "us-east-1",
};

const folder = mkdtempSync(join(tmpdir(), "project-"));

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: ({ inputs }) => inputs,
    },
    "shopify-secrets",
    "test",
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

function readWith(changes: Readonly<Record<string, string>>, secretKeys = SECRETS) {
  pulumi.runtime.setAllConfig({ ...PLAIN, ...changes }, secretKeys);
  return readFleet(folder);
}

function refusalOf(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it was not refused");
}

test("reads maps, numbers and texts as the engine hands them over", () => {
  const { settings, stores } = readWith({
    "shopify-secrets:recoveryWindowDays": "7",
    "shopify-secrets:prefix": "shops/live",
  });
  expect(settings).toMatchObject({ recoveryWindowDays: 7, prefix: "shops/live" });
  expect(stores[0]?.secretName).toBe("shops/live/stores/acme/token");
});

test("a text that reads as a number stays a text", () => {
  expect(readWith({ "shopify-secrets:prefix": "2026" }).settings.prefix).toBe("2026");
});

test("the prefix is the stack's own when config names none", () => {
  expect(readWith({}).settings.prefix).toBe("shopify/test");
});

test("all problems come in one error without a stack, and no value in it", () => {
  const error = refusalOf(() =>
    readWith({
      "shopify-secrets:colour": "red",
      "shopify-secrets:accessTokens": '{"acme":"shpat_canary","ghost":"shpat_canary"}',
    }),
  );
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(error.message.split("\n")).toEqual([
    "3 problems in config; nothing was touched:",
    expect.stringMatching(/^ {2}shopify-secrets:colour unknown key/),
    expect.stringMatching(
      /^ {2}shopify-secrets:accessTokens\.acme kind client-credentials takes no token/,
    ),
    expect.stringMatching(/^ {2}shopify-secrets:accessTokens\.ghost belongs to no store/),
  ]);
  expect(error.message).not.toContain("canary");
});

test("a secret in plain text is refused", () => {
  const error = refusalOf(() => readWith({}, []));
  expect(error.message).toMatch(/clientSecrets\.fulfilment stands in plain text/);
});

test("stores of a file are read beside those of config", () => {
  writeFileSync(
    join(folder, "stores.yaml"),
    "heritage: { kind: custom-app, shop: heritage.myshopify.com }\n",
  );
  const { stores } = readWith({ "shopify-secrets:storesFile": "stores.yaml" });
  expect(stores.map(({ key }) => key)).toEqual(["acme", "heritage"]);
});

test("a mistake in a store of a file is told by the file", () => {
  writeFileSync(join(folder, "odd.yaml"), "heritage: { kind: custom-app, shop: heritage }\n");
  const error = refusalOf(() => readWith({ "shopify-secrets:storesFile": "odd.yaml" }));
  expect(error.message).toMatch(/^ {2}odd\.yaml:heritage\.shop must be the permanent domain/m);
});

test("a fragile schedule is a warning with the arithmetic", () => {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  readWith({ "shopify-secrets:rotationHours": "12" });
  expect(warnings).toEqual([
    expect.stringMatching(/stores\.acme: .*25 h when one window is missed/),
  ]);
});
