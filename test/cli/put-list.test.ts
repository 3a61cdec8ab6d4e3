import { codedRefusal } from "../../cli/refusal";
import { functionName } from "../../contract/names";
import { ago, Operator, PREFIX } from "./arrange";

const FIRST = "shpat_0123456789abcdef0123456789abcdef";
const SECOND = "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";

async function operator(): Promise<Operator> {
  const made = new Operator();
  await made.addStore({ key: "heritage", kind: "custom-app", hasValue: false });
  await made.addStore({ key: "partner", kind: "offline", app: "catalog", hasValue: false });
  await made.addStore({ key: "acme", kind: "client-credentials", app: "erp" });
  made.answer = () => ({ outcome: "written", checked: "ok" });
  return made;
}

const put = async (made: Operator, list: string, more = "") => {
  made.input = list;
  return await made.type(`put --from tokens.csv${more}`);
};

describe("a list of tokens", () => {
  test.each<[string, string]>([
    ["a table with a heading", `store,token\nheritage,${FIRST}\npartner,${SECOND}\n`],
    [
      "columns in another order, among others",
      `note;token;store\r\n"a; b";${FIRST};heritage\r\n;${SECOND};partner`,
    ],
    ["a table without a heading", `heritage,${FIRST}\npartner,${SECOND}`],
    [
      "JSON, an object a line",
      `{"store":"heritage","token":"${FIRST}"}\n\n{"store":"partner","token":"${SECOND}"}\n`,
    ],
    [
      "a column without a name, as spreadsheets leave behind",
      `store,token,\nheritage,${FIRST},\npartner,${SECOND},`,
    ],
    [
      "shops in the place of keys",
      `heritage.myshopify.com,${FIRST}\nhttps://partner.myshopify.com/admin,${SECOND}`,
    ],
    [
      "a mark of the byte order before it",
      `\uFEFFstore,token\nheritage,${FIRST}\npartner,${SECOND}\n`,
    ],
  ])("%s: each token reaches its store, and is tried there", async (_form, list) => {
    const made = await operator();
    const { code, out, err } = await put(made, list);
    expect(code).toBe(0);
    const given = made.invocations.map(({ name, payload }) => [
      name,
      payload["store"],
      payload["access_token"],
      payload["token_source"],
    ]);
    const enrol = functionName(PREFIX as never, "enrol");
    expect(given.sort()).toEqual([
      [enrol, "heritage", FIRST, "operator"],
      [enrol, "partner", SECOND, "operator"],
    ]);
    expect(out).toBe(
      "STORE     OUTCOME  AT SHOPIFY\nheritage  stored   works\npartner   stored   works\n\n2 of 2 tokens stored\n",
    );
    expect(err).toContain("delete it");
    expect(out + err).not.toContain("shpat_");
  });

  test.each<[string, string, string]>([
    ["empty", "", "it holds no token"],
    [
      "no column of tokens",
      "store,shop\nheritage,heritage.myshopify.com\n",
      "line 1 names no column called token (the first line names them, such as store,token)",
    ],
    ["columns swapped", `${FIRST},heritage\n`, "line 1 names no store's key or shop first"],
    [
      "a line short of a cell",
      `store,token\nheritage\n`,
      "the token of heritage in line 2 is empty",
    ],
    [
      "a client secret",
      "heritage,shpss_0123456789abcdef\n",
      "the token of heritage in line 1 holds a client secret (shpss_)",
    ],
    ["a placeholder", "heritage,<token>\n", "the token of heritage in line 1 is a placeholder"],
    [
      "a store twice",
      `heritage,${FIRST}\n\nheritage,${SECOND}\n`,
      "it names heritage twice, in its lines 1 and 3",
    ],
    [
      "a column twice",
      `store,token,token\nheritage,${FIRST},${SECOND}\n`,
      "line 1 names the same column twice",
    ],
    [
      "JSON with a key twice",
      `{"store":"heritage","store":"partner","token":"${FIRST}"}\n`,
      "line 1 has the same key twice",
    ],
    [
      "a fault far below a heading and empty lines",
      `store,token\nheritage,${FIRST}\n\n,${SECOND}\n`,
      "line 4 names no store's key or shop first",
    ],
    [
      "a fault below empty lines of JSON",
      `{"store":"heritage","token":"${FIRST}"}\n\nnonsense\n`,
      "line 3 is no JSON object with the keys",
    ],
    [
      "JSON with a key more",
      `{"store":"heritage","token":"${FIRST}","shop":"x"}`,
      "line 1 is no JSON object with the keys",
    ],
    [
      "broken JSON",
      `{"store":"heritage","token":"${FIRST}"`,
      "line 1 is no JSON object: the } that closes it is not in the same line",
    ],
    [
      "a quotation mark out of place",
      `heritage,${FIRST}"\n`,
      "line 1 has a quotation mark out of place",
    ],
  ])(
    "%s: refused before anything is stored, and no word of it shown",
    async (_what, list, says) => {
      const made = await operator();
      const { code, out, err } = await put(made, list);
      expect(code).toBe(2);
      expect(err).toContain(`the list cannot be used: ${says}`);
      expect(err).toContain("Next: shopify-secrets put --help");
      expect(out + err).not.toMatch(/shpat_|shpss_0/);
      expect(made.invocations).toEqual([]);
    },
  );

  test("all faults are said at once, and no more than five", async () => {
    const made = await operator();
    const { err } = await put(
      made,
      Array.from({ length: 9 }, (_, line) => `store-${line},<x>`).join("\n"),
    );
    expect(err.match(/is a placeholder/g)).toHaveLength(5);
    expect(err).toContain("; and 4 faults more");
  });

  test("a store is also named by the key that it had before it was renamed", async () => {
    const made = await operator();
    await made.tag("heritage", { "shopify-store": "legacy" });
    const { code, out } = await put(made, `heritage,${FIRST}\n`);
    expect([code, out]).toEqual([0, expect.stringMatching(/^legacy +stored/m)]);
  });

  test("two tokens for one store, under its key and the one before or its shop, are refused with their lines", async () => {
    const made = await operator();
    await made.tag("heritage", { "shopify-store": "legacy" });
    for (const other of ["heritage", "heritage.myshopify.com"]) {
      const { code, err } = await put(made, `legacy,${FIRST}\n${other},${SECOND}\n`);
      const says = "the list cannot be used: its lines 1 and 2 name one store, legacy";
      expect([code, err]).toEqual([2, expect.stringContaining(says)]);
    }
    expect(made.invocations).toEqual([]);
  });

  test("of a whole fleet that is not there some are told, and how many", async () => {
    const made = await operator();
    const list = Array.from({ length: 12 }, (_, at) => `shop-${at},${FIRST}`).join("\n");
    const { err } = await put(made, list);
    expect(err.match(/line \d+: there is no store/g)).toHaveLength(5);
    expect(err).toContain("; and 7 faults more");
  });

  test.each([
    ["herritage", 2, "line 2: there is no store herritage; did you mean heritage?"],
    [
      "acme",
      2,
      "line 2: the tokens of acme are obtained for you (client-credentials), none can be put",
    ],
  ])(
    "a store that takes none, %s: nothing of the list is stored",
    async (store, exitCode, says) => {
      const made = await operator();
      const { code, err } = await put(made, `heritage,${FIRST}\n${store},${SECOND}\n`);
      expect([code, err]).toEqual([exitCode, expect.stringContaining(says)]);
      expect(made.invocations).toEqual([]);
    },
  );
});

test("all that is wrong with the stores of a list is said at once, each with its line", async () => {
  const made = await operator();
  await made.addStore({
    key: "twin",
    kind: "custom-app",
    shop: "heritage",
    hasValue: false,
  });
  const list = ["zulu", "acme", "heritage.myshopify.com", "partner", "partner.myshopify.com"];
  const { code, err } = await put(made, list.map((store) => `${store},${FIRST}`).join("\n"));
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      [
        "the list cannot be used: line 1: there is no store zulu",
        "line 2: the tokens of acme are obtained for you (client-credentials), none can be put",
        "line 3: heritage.myshopify.com is the shop of heritage and twin",
        "its lines 4 and 5 name one store, partner. Next: shopify-secrets status, which lists the stores",
      ].join("; "),
    ),
  ]);
  expect(made.invocations).toEqual([]);
});

test("who puts a token into a store that gets its own is told how that comes, whatever it suffers from", async () => {
  const made = await operator();
  await made.addStore({
    key: "alpha",
    kind: "client-credentials",
    app: "erp",
    state: "failing",
    error: { code: "scope_missing", at: ago(60_000) },
  });
  const { code, err } = await made.type("put alpha");
  expect(code).toBe(3);
  expect(err).toContain("none can be put. Next: shopify-secrets rotate alpha\n");
});

describe("a run with failures", () => {
  async function halfWell(more = "") {
    const made = await operator();
    made.answer = (_name, { store }) => {
      if (store === "partner") throw codedRefusal("token_dead");
      return { outcome: "kept", checked: "ok" };
    };
    return await put(made, `heritage,${FIRST}\npartner,${SECOND}\n`, more);
  }

  test("stores the others, says why, and can be given again", async () => {
    const { code, out, err } = await halfWell();
    expect(code).toBe(1);
    expect(out).toContain(
      "heritage  already stored  works\npartner   failed          token_dead\n",
    );
    expect(out).toContain("1 of 2 tokens stored");
    expect(out).toContain("Next: shopify-secrets put partner\n");
    expect(out).toContain("give it again: what is stored stays");
    expect(err).not.toContain("delete it");
  });

  test("says once what is the same for many, and names them", async () => {
    const made = new Operator();
    const keys = Array.from({ length: 30 }, (_, at) => `shop-${at}`);
    for (const key of keys) await made.addStore({ key, kind: "custom-app", hasValue: false });
    made.answer = () => {
      throw codedRefusal("token_dead");
    };
    const { out } = await put(made, keys.map((key) => `${key},${FIRST}\n`).join(""));
    expect(out.match(/^ {2}\S.* operator$/gm)).toEqual(["  30 stores  operator"]);
    expect(out).toMatch(
      /Next: shopify-secrets put shop-0\n +Likewise: shop-1, .*shop-20, and 9 more: --json names all\n/,
    );
  });

  test("an answer that is none of ours hides no other store's end", async () => {
    const made = await operator();
    made.answer = (_name, { store }) =>
      store === "heritage" ? null : { outcome: "kept", checked: "ok" };
    const { code, out } = await put(made, `heritage,${FIRST}\npartner,${SECOND}\n`);
    expect(code).toBe(1);
    expect(out).toContain("heritage  failed");
    expect(out).toContain("partner   already stored");
    expect(out).toContain("answered something that we do not know");
  });

  test("as JSON", async () => {
    const { out } = await halfWell(" --json");
    expect(JSON.parse(out)).toEqual({
      prefix: PREFIX,
      stores: [
        { store: "heritage", outcome: "already_stored", checked: "ok" },
        {
          store: "partner",
          outcome: "failed",
          checked: null,
          code: "token_dead",
          says: expect.stringContaining("token_dead"),
          next: expect.any(String),
        },
      ],
    });
  });
});

test.each(["put", "put heritage partner", "put heritage --from tokens.csv"])(
  "%s: one store or a list, nothing else",
  async (words) => {
    const { code, err } = await (await operator()).type(words);
    expect([code, err]).toEqual([2, expect.stringContaining("name one store, or --from <file>")]);
  },
);
