import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readFleetSpec } from "../../../infra/config/read-fleet";

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
  const config = { ...PLAIN, ...changes };
  writeFileSync(join(folder, "Pulumi.test.yaml"), stackFileOf(config));
  return readWithoutFile(config, secretKeys);
}

function readWithoutFile(config: Readonly<Record<string, string>>, secretKeys = SECRETS) {
  pulumi.runtime.setAllConfig(config, secretKeys);
  return readFleetSpec(folder);
}

/** The stack's file as `pulumi config set` leaves it: JSON is YAML. */
function stackFileOf(config: Readonly<Record<string, string>>): string {
  const entries = Object.entries(config).map(([key, value]) => [
    key,
    SECRETS.includes(key) ? { secure: "v1:a:b" } : value,
  ]);
  return JSON.stringify({ config: Object.fromEntries(entries) });
}

function warningsOf(read: () => unknown): string[] {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  read();
  return warnings;
}

function refusalOf(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it was not refused");
}

test("a config that comes near to what a program can get is warned of, before the program gets none", () => {
  const stores = (count: number) =>
    JSON.stringify(
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `store-${index}`,
          { kind: "client-credentials", shop: `store-${index}.myshopify.com`, app: "fulfilment" },
        ]),
      ),
    );
  const warnings = (count: number) =>
    warningsOf(() => readWith({ "shopify-secrets:stores": stores(count) })).filter((text) =>
      text.includes("storesFile"),
    );
  expect(warnings(500)).toEqual([]);
  expect(warnings(1_000)).toEqual([
    expect.stringMatching(
      /^the stack's config has 1\d\d kB, and on Linux a program gets at most 128/,
    ),
  ]);
});

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
  expect(warningsOf(() => readWith({ "shopify-secrets:rotationHours": "12" }))).toEqual([
    expect.stringMatching(/stores\.acme: .*25 h when one window is missed/),
  ]);
});

describe("the stack's file", () => {
  const PLAIN_TEXT = JSON.stringify({
    config: { ...PLAIN, "shopify-secrets:clientSecrets": { fulfilment: "shpss_canary" } },
  });
  const projects = [
    ["stackConfigDir", "Pulumi.yaml", "name: shopify-secrets\nstackConfigDir: stacks\n"],
    ["config, as it was once called", "Pulumi.yaml", "config: stacks\n"],
    ["stackConfigDir of another ending", "Pulumi.yml", "stackConfigDir: ./stacks/\n"],
  ] as const;

  test.each(projects)("is read where %s puts it", (_how, project, text) => {
    mkdirSync(join(folder, "stacks"), { recursive: true });
    writeFileSync(join(folder, project), text);
    writeFileSync(join(folder, "stacks", project.replace("Pulumi.", "Pulumi.test.")), PLAIN_TEXT);
    const error = refusalOf(() => readWith({}));
    expect(error.message).toMatch(/clientSecrets\.fulfilment stands in plain text/);
    rmSync(join(folder, project));
  });

  test("is missed where it is not, and nothing passes for encrypted", () => {
    rmSync(join(folder, "Pulumi.test.yaml"), { force: true });
    expect(warningsOf(() => readWithoutFile(PLAIN))).toEqual([
      expect.stringMatching(
        /clientSecrets\.fulfilment is encrypted cannot be seen, because there is no Pulumi\.test\.yaml/,
      ),
    ]);
  });

  test("is doubted where the engine read another one", () => {
    writeFileSync(join(folder, "Pulumi.test.yaml"), stackFileOf(PLAIN));
    const scratch = { ...PLAIN, "shopify-secrets:prefix": "shopify/scratch" };
    writeFileSync(
      join(folder, "Pulumi.test.yaml"),
      stackFileOf({ ...PLAIN, "shopify-secrets:prefix": "shopify/other" }),
    );
    expect(warningsOf(() => readWithoutFile(scratch))).toEqual([
      expect.stringMatching(/Pulumi\.test\.yaml is not what the engine read \(--config-file\?\)/),
    ]);
  });

  test("has keys that the engine changes", () => {
    writeFileSync(
      join(folder, "Pulumi.test.yaml"),
      "config:\n  shopify-secrets:stores:\n    00123: { kind: custom-app, shop: a.myshopify.com }\n",
    );
    const stores = '{"83":{"kind":"custom-app","shop":"a.myshopify.com"}}';
    const read = () => readWithoutFile({ ...PLAIN, "shopify-secrets:stores": stores });
    expect(refusalOf(read).message).toMatch(/stores\.00123 .*put it in quotes/);
  });
});

test("a namespace that is nearly ours is not passed over", () => {
  const error = refusalOf(() => readWith({ "shopify-secret:stores": "{}" }));
  expect(error.message).toMatch(/shopify-secret: is another namespace.*write shopify-secrets:/);
});

test.each([
  ["stores.acme.rotationHours", "8", /config set --path 'shopify-secrets:stores\.acme\.rot/],
  ["stores[acme].kind", "offline", /was set without --path/],
  ["clientSecrets.fulfilment", "shpss_canary", /config set --secret --path 'shopify-secrets:cl/],
])("a forgotten --path is told: %s", (key, value, says) => {
  const error = refusalOf(() => readWith({ [`shopify-secrets:${key}`]: value }));
  expect(error.message).toMatch(says);
  expect(error.message).toContain("was set without --path");
  expect(error.message).toContain("pulumi config rm 'shopify-secrets:");
  expect(error.message).not.toContain("canary");
  expect(/stands in plain text/.test(error.message)).toBe(key.startsWith("clientSecrets"));
});
