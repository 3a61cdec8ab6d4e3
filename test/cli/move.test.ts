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
/** A listed store, whose stack has the stores of config in a file of their own. */
async function listedBeside(key: string, storesFile: string): Promise<void> {
  await operator.addStore({
    key,
    kind: "custom-app",
    tags: { [SECRET_TAGS.origin]: LISTED },
  });
  operator.files
    .set(
      FILE,
      "config:\n  shopify-secrets:storesFile: s.yaml\n  shopify-secrets:fleet:\n    list: stores.jsonl\n",
    )
    .set("s.yaml", storesFile);
}
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
      `1 store on its way.\nNext: pulumi up --continue-on-error, then shopify-secrets move --to-list heritage --file ${FILE}\n`,
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

describe("a second step", () => {
  const BEGUN = CONFIG.replace(
    "encryptionsalt",
    "  shopify-secrets:moving:\n    toList: [heritage]\nencryptionsalt",
  );

  beforeEach(() => void operator.files.set(FILE, BEGUN).set(LIST, LINE));

  test.each([
    ["has none", { hasValue: false, state: "failing" }],
    ["is dead", { state: "dead" }],
  ] as const)(
    "leaves the token in config, of which Shopify gives no other, while the secret's %s",
    async (_what, given) => {
      const tags = { [SECRET_TAGS.origin]: LISTED };
      await operator.addStore({ key: "heritage", kind: "custom-app", tags, ...given });
      const { code, err } = await type("--to-list heritage");
      expect(code).toBe(3);
      expect(err).toContain(
        "config holds the token of 1 store whose secret has none that works, such as heritage. Next: pulumi up",
      );
      expect(operator.files.get(FILE)).toBe(BEGUN);
    },
  );

  test("takes no store out of config that the list names no more", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    operator.files.set(LIST, "");
    const { err } = await type("--to-list heritage");
    expect(err).toContain("heritage is on its way, and the list does not name it any more");
    expect(operator.files.get(FILE)).toBe(BEGUN);
  });

  test("takes no store out of the list that config declares no more", async () => {
    operator.files.set(
      FILE,
      BEGUN.replace("toList", "toConfig").replace(
        "    heritage:\n      kind",
        "    other:\n      kind",
      ),
    );
    await addHeritage();
    const { err } = await type("--to-config heritage");
    expect(err).toContain("heritage is on its way, and config does not name it any more");
    expect(operator.files.get(LIST)).toBe(LINE);
  });

  test("of a store whose secret waits for its deletion is refused", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    await operator.call("DeleteSecret", {
      SecretId: "shopify/prod/stores/heritage/token",
      RecoveryWindowInDays: 30,
    });
    expect((await type("--to-list heritage")).code).not.toBe(0);
    expect(operator.files.get(FILE)).toBe(BEGUN);
  });
});

describe("what preview would refuse is not written", () => {
  const ARN =
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/prod/stores/heritage/token-AbCdEf";
  const ADOPTED = CONFIG.replace(
    "shop: heritage.myshopify.com",
    `shop: heritage.myshopify.com\n      adopt: ${ARN}\n      protect: false\n      scopes:`,
  );
  const HEAD = "store,kind,shop,app,scopes\n";
  const asTable = (text: string) => text.replace(LIST, "stores.csv");

  test("the ARN by which config took a store over stays there", async () => {
    await addHeritage();
    operator.files.set(FILE, ADOPTED);
    expect((await type("--to-list heritage")).err).toBe("");
    expect(operator.files.get(LIST)).toBe(LINE);
    operator.files.set(FILE, asTable(ADOPTED)).set("stores.csv", HEAD);
    expect((await type("--to-list heritage")).err).toBe("");
    expect(operator.files.get("stores.csv")).toBe(
      `${HEAD}heritage,custom-app,heritage.myshopify.com,,\n`,
    );
  });

  test("a file of apps has no store called apps", async () => {
    await addHeritage();
    operator.files
      .set(
        FILE,
        CONFIG.replace("  shopify-secrets:fleet", "  shopify-secrets:storesFile: apps.yaml\n$&"),
      )
      .set("apps.yaml", "apps:\n  erp: { clientId: abc }\nstores:\n");
    expect((await type("--to-list --all")).code).toBe(0);
    expect(operator.files.get(LIST)).toMatch(/^{"store":"heritage".*\n{"store":"partner".*\n$/);
    operator.files.set(
      FILE,
      String(operator.files.get(FILE)).replace(
        / {2}shopify-secrets:(moving|stores):\n( {4}.*\n)+/g,
        "",
      ),
    );
    expect((await type("--to-config heritage")).code).toBe(0);
    expect(parse(operator.files.get("apps.yaml") ?? "")).toEqual({
      apps: { erp: { clientId: "abc" } },
      stores: { heritage: { ...HERITAGE, adopt: expect.stringContaining("/heritage/") } },
    });
  });

  test("what a store takes by a merge is said in the list, and numbers are keys", async () => {
    await listedBeside(
      "42",
      "acme: &base\n  kind: custom-app\n  shop: a.myshopify.com\n42:\n  <<: *base\n  shop: b.myshopify.com\n",
    );
    await type("--to-list 42");
    expect(operator.files.get(LIST)).toBe(
      '{"store":"42","kind":"custom-app","shop":"b.myshopify.com"}\n',
    );
    expect((await type("--to-list 42")).out).toContain("1 store moved.");
    expect(operator.files.get("s.yaml")).toBe(
      "acme: &base\n  kind: custom-app\n  shop: a.myshopify.com\n",
    );
  });

  test("what others are written with does not leave", async () => {
    await listedBeside(
      "acme",
      "acme: &base\n  kind: custom-app\n  shop: a.myshopify.com\nother:\n  <<: *base\n",
    );
    await type("--to-list acme");
    const before = new Map(operator.files);
    expect((await type("--to-list acme")).err).toContain(
      "in s.yaml, what stays is written with an alias (*name) of what leaves",
    );
    expect(operator.files).toEqual(before);
  });

  test.each([
    [
      "--to-list",
      '{"store":"heritage","kind":"custom-app","shop":"other.myshopify.com"}\n',
      "both declare heritage, each otherwise",
    ],
    [
      "--to-config",
      '{"store":"heritage","kind":"custom-app","shop":"other.myshopify.com"}\n',
      "both declare heritage, each otherwise",
    ],
    ["--to-list", LINE + LINE, "the list names heritage twice, in its lines 1 and 2"],
    ["--to-list", '\n{"store":"x","store":"y"}\n', "line 2 of stores.jsonl has the same key twice"],
  ])("%s with a list that says %j", async (way, list, says) => {
    await addHeritage();
    operator.files.set(LIST, list);
    const before = new Map(operator.files);
    const { code, err } = await type(`${way} heritage`);
    expect([code, err]).toEqual([3, expect.stringContaining(says)]);
    expect(operator.files).toEqual(before);
  });

  test("a config that is no YAML is told by its line", async () => {
    await addHeritage();
    operator.files.set(FILE, "config:\n  a: [\n");
    expect((await type("--to-list heritage")).err).toContain(
      `${FILE} is not one document of YAML: see its line`,
    );
  });
});

describe("what is not touched stays as it is", () => {
  const OTHER = '{"store":"one","kind":"custom-app","shop":"one.myshopify.com"}';

  test.each([
    ["line ends of Windows", `${OTHER}\r\n`, `${OTHER}\r\n${LINE.replace("\n", "\r\n")}`],
    ["a last line without an end", OTHER, `${OTHER}\n${LINE}`],
    ["empty lines and a byte order mark", `\uFEFF\n${OTHER}\n`, `\uFEFF\n${OTHER}\n${LINE}`],
    [
      "the same said already, in another order",
      '{"shop":"heritage.myshopify.com","kind":"custom-app","store":"heritage"}\n',
      '{"shop":"heritage.myshopify.com","kind":"custom-app","store":"heritage"}\n',
    ],
  ])("%s of a list", async (_what, before, after) => {
    await addHeritage();
    operator.files.set(LIST, before);
    expect((await type("--to-list heritage")).code).toBe(0);
    expect(operator.files.get(LIST)).toBe(after);
  });

  test.each([
    ["wide indents", (text: string) => text.replace(/^ +/gm, "$&$&")],
    [
      "lists that are not indented",
      (text: string) => text.replace(/( +)shop: p.*\n/, "$&$1scopes:\n$1- read_orders\n"),
    ],
    [
      "tight braces",
      (text: string) =>
        text.replace(/( +)shop: p.*\n/, "$&$1scopes: [read_orders, write_orders]\n"),
    ],
    [
      "wide braces",
      (text: string) =>
        text.replace(/( +)shop: p.*\n/, "$&$1scopes: [ read_orders, write_orders ]\n"),
    ],
  ])("%s in config", async (_what, written) => {
    await addHeritage();
    const before = written(CONFIG);
    expect(before).not.toBe(CONFIG);
    operator.files.set(FILE, before);
    expect((await type("--to-list heritage")).code).toBe(0);
    const after = String(operator.files.get(FILE));
    expect(after.replace(/ +shopify-secrets:moving:\n(?:.*\n){2}/, "")).toBe(before);
  });

  /** As people write it: of everything both ways. */
  const MIXED = `# The shops of the company.\r


config:   # all of it
  aws:region:   us-east-1
  shopify-secrets:fleet: { list: ${LIST}, retireAtMost: 5 }
  shopify-secrets:apps:
    fulfilment: { clientId: "6f1c", distribution: public,
                  scopes: [read_orders, write_orders] }
  shopify-secrets:tags: &tags
      team:   'shops' # who pays
      "caf\\u00e9": yes
      "note": "a long note
        over two lines"
      script: >-
        folded
        text
  shopify-secrets:more: *tags


  shopify-secrets:stores:
    # The oldest one.
    heritage: { kind: custom-app, shop: heritage.myshopify.com }   # moves

    partner: { kind: offline, app: fulfilment, shop: partner.myshopify.com, scopes: [read_orders] }
    braces: {kind: custom-app,   shop: 'braces.myshopify.com'}
    lines:
        kind:   custom-app
        shop: "lines.myshopify.com"
        scopes: [ read_orders,
          write_orders, ]
encryptionsalt:   v1:salt

# The end.`;
  const WAY = "  shopify-secrets:moving:\n    toList:\n      - heritage\n";
  const BEGUN_MIXED = MIXED.replace("encryptionsalt", `${WAY}encryptionsalt`);

  test("what is written in both ways in config, in both steps", async () => {
    await addHeritage({ [SECRET_TAGS.origin]: LISTED });
    operator.files.set(FILE, MIXED);
    expect((await type("--to-list heritage")).code).toBe(0);
    expect(operator.files.get(FILE)).toBe(BEGUN_MIXED);
    operator.files.set(FILE, BEGUN_MIXED);
    expect((await type("--to-list heritage")).code).toBe(0);
    const left = MIXED.replace(/ +heritage: .*\n/, "");
    expect(operator.files.get(FILE)).toBe(left);
  });

  test("line ends of Windows in config", async () => {
    await addHeritage();
    operator.files.set(FILE, CONFIG.replaceAll("\n", "\r\n"));
    expect((await type("--to-list heritage")).code).toBe(0);
    expect(operator.files.get(FILE)).toBe(
      CONFIG.replace(
        "encryptionsalt",
        "  shopify-secrets:moving:\n    toList:\n      - heritage\nencryptionsalt",
      ).replaceAll("\n", "\r\n"),
    );
  });

  test("a table by semicolons, with an empty first line", async () => {
    const head = '\n"store";kind;shop;note\r\n';
    operator.files.set(FILE, CONFIG.replace(LIST, "stores.csv")).set("stores.csv", head);
    await addHeritage();
    expect((await type("--to-list heritage")).err).toBe("");
    expect(operator.files.get("stores.csv")).toBe(
      `${head}heritage;custom-app;heritage.myshopify.com;\n`,
    );
  });

  test("the first line of a list with a byte order mark is a store too, and both lines of one leave", async () => {
    operator.files.set(LIST, `\uFEFF${LINE}${OTHER}\n${LINE}`);
    operator.files.set(
      FILE,
      CONFIG.replace(
        "encryptionsalt",
        "  shopify-secrets:moving:\n    toConfig: [heritage]\nencryptionsalt",
      ),
    );
    await addHeritage();
    expect((await type("--to-config heritage")).out).toContain("1 store moved.");
    expect(operator.files.get(LIST)).toBe(`\uFEFF${OTHER}\n`);
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
