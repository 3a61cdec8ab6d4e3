import { parse } from "yaml";
import { DEFAULT_API_VERSION } from "../../contract/brands";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { Operator } from "./arrange";

const FILE = "Pulumi.prod.yaml";
const LIST = "stores.jsonl";
const CONFIG = `# The shops of the company.
config:
  aws:region: us-east-1
  shopify-secrets:fleet:
    list: ${LIST}
  shopify-secrets:accessTokens:
    heritage:
      secure: v1:canary
    partner:
      secure: v1:other
  shopify-secrets:stores:
    # The oldest one.
    heritage:
      kind: custom-app
      shop: heritage.myshopify.com
    partner:
      kind: offline
      shop: partner.myshopify.com
encryptionsalt: v1:salt
`;
const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };
const LINE = `${JSON.stringify({ store: "heritage", ...HERITAGE })}\n`;

let operator: Operator;

beforeEach(() => {
  operator = new Operator();
  operator.files.set(FILE, CONFIG).set(LIST, "");
});

const type = (words: string) => operator.type(`move ${words} --file ${FILE}`);
const config = () => parse(operator.files.get(FILE) ?? "").config;
const stores = () => config()["shopify-secrets:stores"] ?? {};
const addHeritage = (tags = {}) => operator.addStore({ key: "heritage", kind: "custom-app", tags });
const untag = async () =>
  await operator.call("UntagResource", {
    SecretId: "shopify/prod/stores/heritage/token",
    TagKeys: [SECRET_TAGS.origin],
  });

describe("to the list", () => {
  test("the first step writes the list and the way, and leaves config as it is", async () => {
    await addHeritage();
    const { code, out } = await type("--to-list heritage");
    expect([code, out]).toEqual([
      0,
      `1 store on their way.\nNext: pulumi up --continue-on-error, then shopify-secrets move --to-list heritage --file ${FILE}\n`,
    ]);
    expect(operator.files.get(LIST)).toBe(LINE);
    expect(config()["shopify-secrets:moving"]).toEqual({ toList: ["heritage"] });
    expect(Object.keys(stores())).toEqual(["heritage", "partner"]);
    expect(operator.files.get(FILE)).toContain("# The oldest one.");
  });

  test("the second waits until that was deployed", async () => {
    await addHeritage();
    await type("--to-list heritage");
    const before = operator.files.get(FILE);
    const { code, err } = await type("--to-list heritage");
    expect(code).not.toBe(0);
    expect(err).toContain("1 store took no first step yet, such as heritage. Next: pulumi up");
    expect(operator.files.get(FILE)).toBe(before);
  });

  test("the second takes the store and its token out of config", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    await type("--to-list heritage");
    const { code, out } = await type("--to-list heritage");
    expect([code, out]).toEqual([
      0,
      "1 store moved.\nNext: pulumi up --continue-on-error, then shopify-secrets apply\n",
    ]);
    expect(Object.keys(stores())).toEqual(["partner"]);
    expect(Object.keys(config()["shopify-secrets:accessTokens"])).toEqual(["partner"]);
    expect(config()["shopify-secrets:moving"]).toBeUndefined();
    expect(operator.files.get(LIST)).toBe(LINE);
  });

  test("what a list cannot say is refused, and nothing is written", async () => {
    await addHeritage();
    operator.files.set(FILE, CONFIG.replace("kind: offline", "kind: offline\n      protect: true"));
    const before = new Map(operator.files);
    const { code, err } = await type("--to-list heritage partner");
    expect(code).not.toBe(0);
    expect(err).toContain("partner has protect, which a list cannot say. Next: take protect out");
    expect(operator.files).toEqual(before);
  });
});

describe("to config", () => {
  const LISTED_ONLY = CONFIG.replace(/ {4}# The oldest.*heritage\.myshopify\.com\n/s, "");

  beforeEach(() => void operator.files.set(FILE, LISTED_ONLY).set(LIST, LINE));

  test("the first step declares the store with its secret, and leaves it in the list", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    expect((await type("--to-config heritage")).code).toBe(0);
    expect(stores()["heritage"]).toEqual({
      ...HERITAGE,
      adopt: expect.stringMatching(/^arn:.*:shopify\/prod\/stores\/heritage\/token-\w{6}$/),
    });
    expect(config()["shopify-secrets:moving"]).toEqual({ toConfig: ["heritage"] });
    expect(operator.files.get(LIST)).toBe(LINE);
  });

  test("the second waits until the secret is config's, and then takes the store out of the list", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    await type("--to-config heritage");
    expect((await type("--to-config heritage")).err).toContain("took no first step yet");
    await untag();
    expect((await type("--to-config heritage")).out).toContain("1 store moved.");
    expect(operator.files.get(LIST)).toBe("");
    expect(stores()["heritage"]).toEqual(HERITAGE);
    expect(config()["shopify-secrets:moving"]).toBeUndefined();
  });

  test("a store without a secret is not moved", async () => {
    await operator.addStore({ key: "partner", kind: "offline" });
    const { code, err } = await type("--to-config heritage");
    expect(code).not.toBe(0);
    expect(err).toContain("heritage has no secret yet");
  });
});

describe("a table", () => {
  test("is a list too: a line is added, with the cells quoted that need it, and taken out", async () => {
    const file = CONFIG.replace("stores.jsonl", "stores.csv").replace(
      "kind: custom-app",
      "kind: custom-app\n      scopes: [read_orders, read_products]",
    );
    operator.files
      .set(FILE, file)
      .set("stores.csv", "store,kind,shop,app,scopes\nacme,custom-app,a.myshopify.com,,\n");
    await addHeritage();
    expect((await type("--to-list heritage")).code).toBe(0);
    expect(operator.files.get("stores.csv")).toBe(
      "store,kind,shop,app,scopes\nacme,custom-app,a.myshopify.com,,\nheritage,custom-app,heritage.myshopify.com,,read_orders read_products\n",
    );
  });

  test("without a column for what a store says is refused", async () => {
    const file = CONFIG.replace("stores.jsonl", "stores.csv").replace(
      "kind: custom-app",
      `kind: custom-app\n      apiVersion: "${DEFAULT_API_VERSION}"`,
    );
    operator.files.set(FILE, file).set("stores.csv", "store,kind,shop\n");
    await addHeritage();
    const { err } = await type("--to-list heritage");
    expect(err).toContain(
      "the list has no column apiVersion, which store heritage needs. Next: add apiVersion",
    );
    expect(operator.files.get("stores.csv")).toBe("store,kind,shop\n");
  });
});

describe("a thousand stores, from a file of their own, in one go", () => {
  const KEYS = Array.from({ length: 1_000 }, (_, index) => `shop-${index}`);
  const entry = (key: string) => `${key}: { kind: custom-app, shop: ${key}.myshopify.com }\n`;

  test("go to the list and back, and every file is as it was", async () => {
    const file = `config:\n  shopify-secrets:storesFile: stores.yaml\n  shopify-secrets:fleet:\n    list: ${LIST}\n`;
    const before = KEYS.map(entry).join("");
    operator.files.set(FILE, file).set("stores.yaml", before).set(LIST, "");
    await operator.addStore({ key: "another", kind: "custom-app" });
    expect((await type("--to-list --all")).code).toBe(0);
    expect(operator.files.get(LIST)?.split("\n").length).toBe(1_001);
    expect(config()["shopify-secrets:moving"].toList.length).toBe(1_000);
    for (const key of KEYS) {
      await operator.addStore({
        key,
        kind: "custom-app",
        hasValue: false,
        tags: { [SECRET_TAGS.origin]: LISTED },
      });
    }
    expect((await type("--to-list --all")).out).toContain("1000 stores moved.");
    expect(parse(operator.files.get("stores.yaml") ?? "") ?? {}).toEqual({});
    expect((await type("--to-config --all")).code).toBe(0);
    for (const key of KEYS) {
      await operator.call("UntagResource", {
        SecretId: `shopify/prod/stores/${key}/token`,
        TagKeys: [SECRET_TAGS.origin],
      });
    }
    expect((await type("--to-config --all")).code).toBe(0);
    expect(parse(operator.files.get("stores.yaml") ?? "")).toEqual(parse(before));
    expect(operator.files.get(LIST)).toBe("");
    expect(config()["shopify-secrets:moving"]).toBeUndefined();
  });
});

test.each([
  ["heritage", "say --to-list or --to-config"],
  ["--to-list --to-config heritage", "say --to-list or --to-config"],
  ["--to-list", "name stores, or --all"],
  ["--to-list --all heritage", "name stores, or --all"],
])("move %s is refused", async (words, says) => {
  expect((await type(words)).err).toContain(says);
});

test("a stack without a list is told of it", async () => {
  await addHeritage();
  operator.files.set(FILE, "config: {}\n");
  const { err } = await type("--to-list heritage");
  expect(err).toContain(
    `${FILE} names no list. Next: pulumi config set --path 'shopify-secrets:fleet.list'`,
  );
});
