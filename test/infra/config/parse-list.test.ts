import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesOfFile } from "../../../infra/config/lines-of-file";
import { parseFleet } from "../../../infra/config/parse-fleet";
import { reading } from "./at";
import { ACME, VALID } from "./mistakes";

const HEADED = "store,kind,shop,app,scopes,rotationHours";

/** Reads a list beside a valid config. */
function read(
  file: string,
  lines: readonly string[],
  { fleet = {}, changes = {} }: { fleet?: object; changes?: Record<string, unknown> } = {},
) {
  const config = { ...VALID, fleet: { list: file, ...fleet }, ...changes };
  return parseFleet(config, { ...reading("shopify/test"), readLines: () => lines });
}

const listedIn = (file: string, lines: readonly string[]) => read(file, lines).fleet.listed?.stores;
const MINTED = { kind: "client-credentials", shop: "east.myshopify.com", app: "fulfilment" };
const line = (store: string, rest: object) => JSON.stringify({ store, ...rest });

describe("a list of stores", () => {
  test("becomes the very stores that config would make of it, from either form", () => {
    const asJson = listedIn("stores.jsonl", [
      line("east", { ...MINTED, scopes: ["read_orders", "read_products"], rotationHours: 4 }),
      "",
      line("west", { kind: "custom-app", shop: "west.myshopify.com" }),
    ]);
    const asTable = listedIn("stores.csv", [
      `\uFEFF${HEADED}`,
      'east,client-credentials,east.myshopify.com,fulfilment,"read_orders, read_products",4',
      "west,custom-app,west.myshopify.com",
    ]);
    const { fleet } = parseFleet(
      {
        ...VALID,
        stores: {
          east: { ...MINTED, scopes: "read_orders,read_products", rotationHours: 4 },
          west: { kind: "custom-app", shop: "west.myshopify.com" },
        },
        accessTokens: {},
      },
      reading("shopify/test"),
    );
    expect(asJson).toEqual(fleet.stores);
    expect(asTable).toEqual(fleet.stores);
  });

  test("has two tags more than what is declared: a stack that has as many of its own as AWS takes is told so", () => {
    const tags = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`own-${at}`, "x"]));
    const lines = [line("east", MINTED)];
    const { problems } = read("stores.jsonl", lines, { changes: { tags } });
    expect(problems).toEqual([
      { path: "shopify-secrets:tags", says: expect.stringMatching(/^are 33, and stores that are/) },
    ]);
    const { "own-0": _, ...fewer } = tags;
    expect(read("stores.jsonl", lines, { changes: { tags: fewer } }).problems).toEqual([
      { path: "shopify-secrets:tags", says: expect.stringMatching(/take 1 away/) },
    ]);
    const { "own-1": __, ...fewest } = fewer;
    expect(read("stores.jsonl", lines, { changes: { tags: fewest } }).problems).toEqual([]);
    expect(parseFleet({ ...VALID, tags }, reading("shopify/test")).problems).toEqual([]);
  });

  test("of more stores than one function passes over is told to take workers", () => {
    const lines = Array.from({ length: 20_001 }, (_, at) =>
      line(`s${at}`, { ...MINTED, shop: `s${at}.myshopify.com` }),
    );
    expect(read("stores.jsonl", lines).warnings.join()).toContain("workQueue to true");
    const changes = { workQueue: true };
    expect(read("stores.jsonl", lines, { changes }).warnings.join()).not.toContain("workQueue");
  });

  test("has settings with defaults", () => {
    const lines = [line("east", MINTED)];
    const { stores: _, ...defaults } = read("stores.jsonl", lines).fleet.listed ?? { stores: [] };
    expect(defaults).toEqual({
      file: "stores.jsonl",
      retireAtMost: 10,
      toleratedFailures: 20,
      concurrency: 20,
    });
    const said = { retireAtMost: 0, toleratedFailures: 100, concurrency: 100 };
    expect(read("stores.jsonl", lines, { fleet: said }).fleet.listed).toMatchObject(said);
  });

  test.each<[string, object, string, string]>([
    ["a share", { retireAtMost: 101 }, "fleet.retireAtMost", "0 to 100 percent"],
    [
      "a share of failures",
      { toleratedFailures: -1 },
      "fleet.toleratedFailures",
      "0 to 100 percent",
    ],
    ["a number at once", { concurrency: 0 }, "fleet.concurrency", "1 to 100 stores at once"],
    ["a file", { list: "stores.yaml" }, "fleet.list", "a .jsonl or a .csv file"],
    ["no file", { list: undefined }, "fleet.list", "is missing"],
    ["an odd key", { lists: "x" }, "fleet.lists", "did you mean list?"],
  ])("%s that cannot be is a problem", (_what, ...[fleet, path, says]) => {
    const { problems } = read("stores.jsonl", [line("east", MINTED)], { fleet });
    expect(problems).toEqual([
      { path: `shopify-secrets:${path}`, says: expect.stringContaining(says) as string },
    ]);
  });

  test.each<[string, string, string, string]>([
    [
      "a kind",
      line("east", { ...MINTED, kind: "client" }),
      "stores.jsonl:2.kind",
      "must be one of",
    ],
    [
      "a shop",
      line("east", { ...MINTED, shop: "east.example.com" }),
      "stores.jsonl:2.shop",
      "myshopify",
    ],
    [
      "an app",
      line("east", { ...MINTED, app: "other" }),
      "stores.jsonl:2.app",
      "not declared under apps",
    ],
    ["a key", line("East", MINTED), "stores.jsonl:2", "lower-case letters"],
    ["no key", JSON.stringify(MINTED), "stores.jsonl:2", "names no store"],
    ["no JSON", "east", "stores.jsonl:2", "is no JSON object"],
    [
      "an odd key",
      line("east", { ...MINTED, scope: "x" }),
      "stores.jsonl:2.scope",
      "did you mean scopes?",
    ],
    [
      "readers",
      line("east", { ...MINTED, readers: [] }),
      "stores.jsonl:2.readers",
      "is for stores of config",
    ],
    [
      "a token",
      line("east", { kind: "custom-app", shop: "east.myshopify.com", accessToken: "shpat_x" }),
      "stores.jsonl:2.accessToken",
      "shopify-secrets put --from tokens.csv",
    ],
    ["a store twice", line("first", MINTED), "stores.jsonl:2", "names store first a second time"],
    [
      "an app and shop twice",
      line("twin", { ...MINTED, shop: "first.myshopify.com" }),
      "stores.jsonl:2",
      "is the same app on the same shop as store first",
    ],
    ["a store of config", line("acme", MINTED), "stores.jsonl:2", "stands in config as well"],
    ["a shop of config", line("east", ACME), "stores.jsonl:2", "on the same shop as store acme"],
  ])("%s that cannot be is told with file, line and field", (_what, ...[wrong, path, says]) => {
    const first = line("first", { ...MINTED, shop: "first.myshopify.com" });
    const { problems } = read("stores.jsonl", [first, wrong]);
    expect(problems).toEqual([{ path, says: expect.stringContaining(says) as string }]);
    expect(JSON.stringify(problems)).not.toContain("shpat_");
  });

  test.each<[string, readonly string[], string, string]>([
    ["no head", ["east,custom-app"], "stores.csv:1", "no column called store"],
    ["too many cells", ["store,kind", "east,custom-app,x"], "stores.csv:2", "in its cell 3"],
    ["a column twice", ["store,kind,kind"], "stores.csv:1", "the same column twice"],
    ["UTF-16", ["\uFFFD\uFFFDs\0t\0"], "stores.csv:1", "is UTF-16"],
    [
      "a secret among the scopes",
      ["store,kind,scopes", "east,custom-app,a0123456789abcdef0123456789abcdef"],
      "stores.csv:2.scopes[0]",
      "must be one of Shopify's scopes",
    ],
    ["a quotation mark", ["store,kind", 'east,custom"app'], "stores.csv:2", "quotation mark"],
  ])("a table with %s", (_what, ...[lines, path, says]) => {
    const { problems } = read("stores.csv", lines);
    expect(problems).toContainEqual({ path, says: expect.stringContaining(says) as string });
  });

  test("a table takes an app of digits, one that is called like a thing of the language, and rows of commas", () => {
    const apps = { 2026: { clientId: "id" }, constructor: { clientId: "other" } };
    const secret = "shpss_0123456789abcdef0123456789abcde";
    const { fleet, problems } = read(
      "stores.csv",
      [
        '"store" ," kind","shop","app","scopes"',
        'east,client-credentials,east.myshopify.com,2026," read_orders;write_orders"',
        ",,,,",
        "west,client-credentials,west.myshopify.com,constructor,",
      ],
      {
        changes: {
          stores: {},
          apps,
          clientSecrets: { 2026: `${secret}1`, constructor: `${secret}2` },
          accessTokens: {},
        },
      },
    );
    expect(problems).toEqual([]);
    const declared = fleet.listed?.stores.map(({ declaration: { app, scopes } }) => [app, scopes]);
    expect(declared).toEqual([
      ["2026", ["read_orders", "write_orders"]],
      ["constructor", []],
    ]);
  });

  test("a line of JSON that says the same key twice is a problem", () => {
    const { problems } = read("stores.jsonl", [
      '{"store":"east","kind":"custom-app","shop":"east.myshopify.com","shop":"west.myshopify.com"}',
    ]);
    expect(problems).toEqual([{ path: "stores.jsonl:1", says: "has the same key twice" }]);
  });

  test("a token pasted anywhere is not shown", () => {
    const { problems } = read("stores.csv", [
      "store,kind,shop",
      "shpat_0123456789abcdef0123456789abcdef,custom-app,east.myshopify.com",
      "east,custom-app,shpat_0123456789abcdef0123456789abcdef",
    ]);
    expect(problems.length).toBeGreaterThan(1);
    expect(JSON.stringify(problems)).not.toContain("0123456789abcdef");
  });

  test("that does not exist is a problem, and one without a store a warning", () => {
    const readLines = () => linesOfFile(join(tmpdir(), "no-such-list.jsonl"));
    const config = { ...VALID, fleet: { list: "stores.jsonl" } };
    const { problems } = parseFleet(config, { ...reading("shopify/test"), readLines });
    expect(problems).toEqual([
      {
        path: "shopify-secrets:fleet.list",
        says: expect.stringContaining("names stores.jsonl, which cannot be read") as string,
      },
    ]);
    expect(read("stores.jsonl", []).warnings).toContainEqual(
      expect.stringContaining("would retire every store"),
    );
  });

  test("with thousands of mistakes tells some, and how many more", () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => line(`store-${at}`, { kind: "x" }));
    const { problems } = read("stores.jsonl", lines);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toEqual({ path: "stores.jsonl", says: "has 9950 problems more" });
  });

  test("of 20,000 lines is read from its file, line by line", () => {
    const folder = mkdtempSync(join(tmpdir(), "list-"));
    try {
      const file = join(folder, "stores.jsonl");
      const lines = Array.from({ length: 20_000 }, (_, at) =>
        line(`store-${at}`, { ...MINTED, shop: `store-${at}.myshopify.com`, note: undefined }),
      );
      // Letters of several bytes fall on the borders of what is read at a time.
      writeFileSync(file, `${lines.join("\r\n")}\r\n`);
      const config = { ...VALID, fleet: { list: "stores.jsonl" } };
      const { fleet, problems } = parseFleet(config, {
        ...reading("shopify/test"),
        readLines: () => linesOfFile(file),
      });
      expect(problems).toEqual([]);
      expect(fleet.listed?.stores).toHaveLength(20_000);
      writeFileSync(file, "ä€😀\n".repeat(30_000));
      expect(new Set(linesOfFile(file))).toEqual(new Set(["ä€😀"]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
