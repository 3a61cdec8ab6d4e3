import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type PackageSpec, readGiven } from "../../../infra/package/given";
import { spellingOf } from "../../../infra/package/spelling";
import { SCHEMA_FILE } from "../../../scripts/build-schema";

const spec = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as PackageSpec;
const FLEET = { type: "shopify-secrets:index:Fleet", name: "shops" };
const SECRET = "shpss_canary";
const APP = { clientId: "client-id" };

const read = (given: Readonly<Record<string, unknown>>) => readGiven(spec, FLEET, given);
const secretOf = async (given: Readonly<Record<string, unknown>>) => {
  const { args, problems } = await read(given);
  const { fulfilment } = args["apps"] as Record<string, { clientSecret: Inner }>;
  const secret = fulfilment?.clientSecret;
  return { problems, value: await secret?.promise(), isSecret: await secret?.isSecret };
};

interface Inner {
  readonly isSecret: Promise<boolean>;
  promise(): Promise<unknown>;
}

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ inputs }) => ({ id: "id", state: inputs as object }),
    call: ({ inputs }) => inputs as object,
  });
});

describe("a secret over the wire", () => {
  // Made where they are used: jest would look into an output of a table, which has every property.
  test.each<[string, () => unknown]>([
    [
      "an output of its own",
      () => ({ fulfilment: { ...APP, clientSecret: pulumi.secret(SECRET) } }),
    ],
    [
      "a member of an output for the whole app",
      () => ({ fulfilment: pulumi.secret({ ...APP, clientSecret: SECRET }) }),
    ],
    [
      "a member of an output for all apps",
      () => pulumi.secret({ fulfilment: { ...APP, clientSecret: SECRET } }),
    ],
  ])("%s arrives as a secret", async (_what, give) => {
    expect(await secretOf({ apps: give() })).toEqual({
      problems: [],
      value: SECRET,
      isSecret: true,
    });
  });

  test.each<[string, () => unknown]>([
    ["plain text", () => SECRET],
    ["an output that is no secret", () => pulumi.output(SECRET)],
  ])("%s is told of, by its path and unseen", async (_what, give) => {
    const { problems } = await read({ apps: { fulfilment: { ...APP, clientSecret: give() } } });
    expect(problems).toEqual([
      {
        path: "shopify-secrets:apps.fulfilment.clientSecret",
        says: expect.stringMatching(/^stands in plain text/),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });

  test("a token of a store likewise; one that is not given is no problem", async () => {
    const store = { kind: "offline", shop: "a.myshopify.com" };
    const { problems } = await read({ stores: { a: { ...store, accessToken: "x" }, b: store } });
    expect(problems.map(({ path }) => path)).toEqual(["shopify-secrets:stores.a.accessToken"]);
  });
});

test("what is plain arrives as plain values, from known outputs too; unknown keys stay, to be told of", async () => {
  const stores = pulumi.output({ a: { kind: "offline", scopes: ["read_orders"], oddKey: 1 } });
  const { args, problems } = await read({ stores, tags: { team: "shops" }, more: [1, { x: 2 }] });
  expect(problems).toEqual([]);
  expect(args).toEqual({
    stores: { a: { kind: "offline", scopes: ["read_orders"], oddKey: 1 } },
    tags: { team: "shops" },
    more: [1, { x: 2 }],
  });
});

describe("the spelling of a program's language", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spelling-"));
    mkdirSync(join(folder, "below"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ["runtime: python", "rotation_hours"],
    ["runtime: { name: python, options: { toolchain: uv } }", "rotation_hours"],
    ["runtime: go", "RotationHours"],
    ["runtime: dotnet", "RotationHours"],
    ["runtime: yaml", "rotationHours"],
    ["runtime: java", "rotationHours"],
    ["{ not yaml", "rotationHours"],
  ])("%s", (text, spelled) => {
    writeFileSync(join(folder, "Pulumi.yaml"), text);
    expect(spellingOf(folder)("rotationHours")).toBe(spelled);
    expect(spellingOf(join(folder, "below"))("rotationHours")).toBe(spelled);
  });
});
