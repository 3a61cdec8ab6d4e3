import { mergeStoresFile } from "../../../infra/config/stores-file";

const ACME = { kind: "offline", shop: "acme.myshopify.com" };

function merge(text: string, stores: Readonly<Record<string, unknown>> = {}) {
  return mergeStoresFile({ storesFile: "stores.yaml", stores }, () => text);
}

test("without a file config stays as it is", () => {
  const config = { stores: { acme: ACME } };
  const read = () => {
    throw new Error("nothing is read");
  };
  expect(mergeStoresFile(config, read)).toMatchObject({ config, problems: [] });
});

test("the stores of the file join those of config", () => {
  const text = "heritage:\n  kind: custom-app\n  shop: heritage.myshopify.com\n";
  const { config, problems } = merge(text, { acme: ACME });
  expect(problems).toEqual([]);
  expect(config["stores"]).toEqual({
    acme: ACME,
    heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
  });
});

test("a store in both is a problem, and config's own stays", () => {
  const { config, problems } = merge("acme:\n  kind: custom-app\n", { acme: ACME });
  expect(problems).toEqual([
    {
      path: "stores.yaml:acme",
      says: expect.stringMatching(/stands in shopify-secrets:stores as well/),
    },
  ]);
  expect(config["stores"]).toEqual({ acme: ACME });
});

test("what is not YAML is named by its line, and not shown", () => {
  const { problems } = merge("acme:\n  kind: offline\n bad: [shpat_canary\n");
  expect(problems[0]?.path).toBe("shopify-secrets:storesFile");
  expect(problems[0]?.says).toMatch(/not one document of YAML: see its line \d+$/);
  expect(JSON.stringify(problems)).not.toContain("canary");
});

test.each(["{{ shpat_canary }}", "\n    ? [shpat_canary]\n    : x"])(
  "what a template left unfilled is named by its line, and not shown: %j",
  (token) => {
    const { problems } = merge(`acme:\n  kind: offline\n  accessToken: ${token}\n`);
    expect(problems).toEqual([
      {
        path: "shopify-secrets:storesFile",
        says: expect.stringMatching(
          /^names stores.yaml, which has a place that a template left unfilled, such as {{ … }}: see its line [34]$/,
        ),
      },
    ]);
  },
);

test("a file that cannot be read is a problem", () => {
  const read = () => {
    throw new Error("ENOENT: /home/somebody/stores.yaml");
  };
  const { problems } = mergeStoresFile({ storesFile: "stores.yaml" }, read);
  expect(problems).toEqual([
    {
      path: "shopify-secrets:storesFile",
      says: expect.stringMatching(/^names stores.yaml, which cannot be read/),
    },
  ]);
});

test("a secret that was pasted in the place of the file is not shown", () => {
  const { problems } = mergeStoresFile({ storesFile: "shpss_0123456789abcdef" }, () => {
    throw new Error("ENOENT");
  });
  expect(problems).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain("shpss_");
});

test("a list is no map of stores", () => {
  const { problems } = merge("- acme\n");
  expect(problems).toEqual([
    { path: "stores.yaml:", says: expect.stringMatching(/must be a map/) },
  ]);
});

test("a key that stands there twice is told apart from bad YAML", () => {
  const { problems } = merge("acme: { kind: offline }\nacme: { kind: custom-app }\n");
  expect(problems[0]?.says).toMatch(/has the same key twice: see its line 2$/);
});

test("stores under a heading are one problem, and no store", () => {
  const { config, problems } = merge("stores:\n  acme: { kind: offline }\n");
  expect(problems).toEqual([
    { path: "stores.yaml:stores", says: expect.stringMatching(/begin at the margin/) },
  ]);
  expect(config["stores"]).toEqual({});
});

test("a problem with a store of the file is located in the file", () => {
  const { locate } = merge("heritage: { kind: offline }\n", { acme: ACME });
  const located = ["stores.heritage.shop", "stores.heritage", "stores.acme.shop", "prefix"].map(
    (path) => locate({ path: `shopify-secrets:${path}`, says: "x" }).path,
  );
  expect(located).toEqual([
    "stores.yaml:heritage.shop",
    "stores.yaml:heritage",
    "shopify-secrets:stores.acme.shop",
    "shopify-secrets:prefix",
  ]);
});

test("merge keys are followed, as in the stack's file", () => {
  const { config, problems } = merge(
    "acme: &base { kind: offline, shop: acme.myshopify.com }\nglobex: { <<: *base, shop: globex.myshopify.com }\n",
  );
  expect(problems).toEqual([]);
  expect(config["stores"]).toEqual({
    acme: ACME,
    globex: { ...ACME, shop: "globex.myshopify.com" },
  });
});

test.each(["00123", "1e3", "1_000", "2026-10-01", "~"])(
  "a key that is another one to other readers is a problem: %s",
  (key) => {
    const { problems } = merge(`${key}: { kind: offline }\n`);
    expect(problems).toEqual([
      {
        path: expect.stringMatching(/^stores\.yaml:/),
        says: expect.stringMatching(/another key: put it in quotes in this file$/),
      },
    ]);
  },
);

test("a key of digits keeps its text, however many they are", () => {
  const { config, problems } = merge("12345678901234567890: {}\n'00123': {}\n42: {}\n");
  expect(problems).toEqual([]);
  expect(Object.keys(config["stores"] as object).sort()).toEqual([
    "00123",
    "12345678901234567890",
    "42",
  ]);
});

test("a tag that says nothing here is a problem, and not shown", () => {
  const { problems } = merge("acme:\n  scopes: !shpat_canary foo\n");
  expect(problems[0]?.says).toMatch(/has a tag \(!name\).*see its line 2$/);
  expect(JSON.stringify(problems)).not.toContain("canary");
});

test("a file of Windows PowerShell's is told by its encoding", () => {
  const { problems } = merge(Buffer.from("\ufeffacme: {}\n", "utf16le").toString("utf8"));
  expect(problems[0]?.says).toMatch(/is UTF-16: save it as UTF-8$/);
});

test("the mistakes of a very long file are located one by one, not each with all", () => {
  const keys = Array.from({ length: 3_000 }, (_, index) => `store-${index}`);
  const { locate } = merge(keys.map((key) => `${key}: {}`).join("\n"));
  const looks: string[] = [];
  for (const key of keys) {
    looks.push(locate({ path: `shopify-secrets:stores.${key}.shop`, says: "x" }).path);
  }
  expect(looks).toEqual(keys.map((key) => `stores.yaml:${key}.shop`));
});

describe("a file with apps", () => {
  const TEXT =
    "apps:\n  catalog: { clientId: id, distribution: custom }\nstores:\n  acme: { kind: offline, shop: acme.myshopify.com }\n";

  test("has two headings, and both join config's", () => {
    const { config, problems } = mergeStoresFile(
      { storesFile: "stores.yaml", apps: { erp: { clientId: "other" } } },
      () => TEXT,
    );
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      apps: { erp: { clientId: "other" }, catalog: { clientId: "id", distribution: "custom" } },
      stores: { acme: ACME },
    });
  });

  test("an app in both is a problem, and a problem with one is located in the file", () => {
    const { problems } = mergeStoresFile(
      { storesFile: "stores.yaml", apps: { catalog: { clientId: "other" } } },
      () => TEXT,
    );
    expect(problems).toEqual([
      {
        path: "stores.yaml:apps.catalog",
        says: expect.stringMatching(/stands in shopify-secrets:apps/),
      },
    ]);
    const { locate } = merge(TEXT);
    const path = "shopify-secrets:apps.catalog.clientId";
    expect(locate({ path, says: "x" }).path).toBe("stores.yaml:apps.catalog.clientId");
  });

  test("has nothing beside its headings", () => {
    const { problems } = merge(`${TEXT}acme: { kind: offline }\n`);
    expect(problems).toEqual([
      { path: "stores.yaml:acme", says: expect.stringMatching(/beside the headings/) },
    ]);
  });

  test("a store that is called apps is a store", () => {
    expect(merge("apps: { kind: offline, shop: apps.myshopify.com }\n").config["stores"]).toEqual({
      apps: { kind: "offline", shop: "apps.myshopify.com" },
    });
  });
});

describe("a table of stores", () => {
  const read = (text: string) => mergeStoresFile({ storesFile: "stores.csv" }, () => text);

  test.each([
    [
      "commas",
      "store,kind,shop,scopes,rotationHours,protect\nacme,offline,acme.myshopify.com,read_orders write_products,,true\nglobex,client-credentials,globex.myshopify.com,,6,\n",
    ],
    [
      "semicolons and a byte order mark",
      "\ufeffstore;kind;shop;scopes;rotationHours;protect\r\nacme;offline;acme.myshopify.com;read_orders write_products;;true\r\nglobex;client-credentials;globex.myshopify.com;;6;\r\n",
    ],
    [
      "quotes, and a line left out",
      'store,kind,shop,scopes,rotationHours,protect\n"acme","offline","acme.myshopify.com","read_orders, write_products",,true\n\nglobex,client-credentials,globex.myshopify.com,,6,',
    ],
  ])("with %s", (_what, text) => {
    const { config, problems } = read(text);
    expect(problems).toEqual([]);
    expect(config["stores"]).toEqual({
      acme: { ...ACME, scopes: ["read_orders", "write_products"], protect: true },
      globex: { kind: "client-credentials", shop: "globex.myshopify.com", rotationHours: 6 },
    });
  });

  test("of rows that end in nothing and begin with quotes loses no store", () => {
    const rest = "client-credentials";
    const { config, problems } = read(
      `store,kind,scopes\nacme,${rest},\n"globex",${rest},\n"initech",${rest},read_orders\n`,
    );
    expect(problems).toEqual([]);
    expect(Object.keys(config["stores"] as object)).toEqual(["acme", "globex", "initech"]);
  });

  test("by tabs keeps an empty cell beside a quoted one", () => {
    const { config } = read(
      'store\tkind\tapiVersion\tscopes\tapp\nacme\toffline\t\t"read_orders,write_orders"\terp\n',
    );
    expect(config["stores"]).toEqual({
      acme: { kind: "offline", app: "erp", scopes: ["read_orders", "write_orders"] },
    });
  });

  test("by semicolons keeps the commas of a cell", () => {
    const { config } = read("store;kind;scopes\nacme;offline;read_orders,write_orders\n");
    expect(config["stores"]).toEqual({
      acme: { kind: "offline", scopes: ["read_orders", "write_orders"] },
    });
  });

  test("takes text as text, and truth in a spreadsheet's capitals", () => {
    const { config } = read(
      "store,app,protect,shop\n2026,2026,TRUE,true\n2027,constructor,False,\n",
    );
    expect(config["stores"]).toEqual({
      2026: { app: "2026", protect: true, shop: "true" },
      2027: { app: "constructor", protect: false },
    });
  });

  test("locates a problem by the store's key", () => {
    const { locate } = read("store,kind\nacme,offline\n");
    expect(locate({ path: "shopify-secrets:stores.acme.shop", says: "x" }).path).toBe(
      "stores.csv:acme.shop",
    );
  });

  test.each([
    [
      "no column for the key",
      "name,kind\nacme,offline\n",
      /no column called store .*: see its line 1$/,
    ],
    ["nothing at all", "\n", /without a line: the first names the columns/],
    ["a column twice", "store,kind,kind\nacme,offline,custom-app\n", /same column twice.*line 1$/],
    ["a cell more", "store,kind\n\nacme,offline,x\n", /in its cell 3,.*: see its line 3$/],
    ["a store twice", "store,kind\nacme,offline\nacme,offline\n", /stands twice: see its line 3/],
    ["a store without a key", "store,kind\n,offline\n", /has no key: see its line 2/],
    [
      "a quotation mark out of place",
      'store,kind\nac"shpat_canary,offline\n',
      /quotation mark out of place: see its line 2/,
    ],
    [
      "a quotation mark that is not closed",
      'store,kind\n"shpat_canary,offline\n',
      /quotation mark out of place: see its line 2/,
    ],
    ["UTF-16", Buffer.from("\ufeffstore,kind\n", "utf16le").toString("utf8"), /is UTF-16/],
  ])("with %s is a problem, and nothing of it is shown", (_what, text, says) => {
    const { problems } = read(text);
    expect(problems).toEqual([
      { path: "shopify-secrets:storesFile", says: expect.stringMatching(says) },
    ]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });
});
