import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { KINDS } from "../../contract/kinds";
import { importsOf, ROOT, sourcesOf, specifiersOf } from "./sources";

/** What each folder may import: packages by name, our own folders by their first path segment. */
const WALLS: Readonly<Record<string, readonly RegExp[]>> = {
  contract: [/^node:util$/, /^valibot$/, /^contract\//],
  // A child process builds the functions of a checkout: `infra/functions-on-demand.ts`.
  // No data source of the provider tells of deleted secrets: `infra/deleted-secrets.ts` asks AWS itself.
  infra: [
    /^@pulumi\//,
    /^@aws-sdk\/client-secrets-manager$/,
    /^node:(child_process|fs|https|path|timers\/promises|tls)$/,
    /^yaml$/,
    /^contract\//,
    /^infra\//,
  ],
  lambda: [/^@aws-sdk\//, /^undici(\/|$)/, /^node:/, /^contract\//, /^lambda\//],
  reader: [/^@aws-sdk\/client-secrets-manager$/, /^node:/, /^contract\//, /^reader\//],
  // The version that `--version` prints.
  cli: [
    /^package\.json$/,
    /^@aws-sdk\//,
    /^https-proxy-agent$/,
    /^node:/,
    // What `adopt` prints goes into the stack's file.
    /^yaml$/,
    /^contract\//,
    /^cli\//,
  ],
  // It asks Shopify with the functions' own sender, so that what it finds holds for them.
  smoke: [/^@aws-sdk\//, /^fflate$/, /^node:/, /^contract\//, /^lambda\/shopify\//, /^smoke\//],
};

/** A kind as a literal; a new one would be forgotten there, and the compiler would not ask. */
const KIND_LITERAL = new RegExp(`["'\`](?:${KINDS.join("|")})["'\`]`);
/** A set or a table by code beside the one in contract: a new code would silently be in none. */
const CODE_TABLE = /(?:Set|Map|Record)<\s*ErrorCode\b/;
const codeOf = (file: string) =>
  readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm, "");
/** How the tokens of each kind are obtained differs: each has its own. */
const THE_GRANTS = "lambda/engine/grants.ts";

describe("the walls between folders", () => {
  test.each(Object.entries(WALLS))("%s imports only what it may", (folder, allowed) => {
    const trespasses = sourcesOf(folder).flatMap((file) =>
      importsOf(file)
        .filter((name) => !allowed.some((wall) => wall.test(name)))
        .map((name) => `${relative(ROOT, file)} imports ${name}`),
    );
    expect(trespasses).toEqual([]);
  });

  /** What the functions share; each is deployed without the others. */
  const SHARED = /^lambda\/(?:[a-z-]+$|(?:engine|cipher|secrets|shopify|stores)\/)/;
  const ROLES = ["apply", "enrol", "install", "rotate", "sweep"];

  test.each(ROLES)("the function %s imports nothing of another function", (role) => {
    const trespasses = sourcesOf(`lambda/${role}`).flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith("lambda/") && !SHARED.test(name))
        .filter((name) => !name.startsWith(`lambda/${role}/`))
        .map((name) => `${relative(ROOT, file)} imports ${name}`),
    );
    expect(trespasses).toEqual([]);
  });

  test("what the functions share imports nothing of any function", () => {
    const trespasses = sourcesOf("lambda").flatMap((file) => {
      const own = relative(ROOT, file).replace(/\.ts$/, "");
      if (!SHARED.test(own)) return [];
      return importsOf(file)
        .filter((name) => name.startsWith("lambda/") && !SHARED.test(name))
        .map((name) => `${own} imports ${name}`);
    });
    expect(trespasses).toEqual([]);
  });

  test("the local world uses built bundles, never the sources of infra or lambda", () => {
    const trespasses = sourcesOf("local").flatMap((file) =>
      importsOf(file)
        .filter((name) => /^(infra|lambda)\//.test(name))
        .map((name) => `${relative(ROOT, file)} imports ${name}`),
    );
    expect(trespasses).toEqual([]);
  });

  test.each(["lambda", "infra", "cli", "reader"])(
    "%s names no kind of store: it asks contract for a kind's facts",
    (folder) => {
      const named = sourcesOf(folder).flatMap((file) =>
        KIND_LITERAL.test(codeOf(file)) ? [relative(ROOT, file)] : [],
      );
      expect(named.filter((file) => file !== THE_GRANTS)).toEqual([]);
    },
  );

  test.each(["lambda", "infra", "cli"])(
    "%s classifies no error codes: what it asks of a code is a column of the code's row",
    (folder) => {
      const sorted = sourcesOf(folder).filter((file) => CODE_TABLE.test(codeOf(file)));
      expect(sorted.map((file) => relative(ROOT, file))).toEqual([]);
    },
  );

  test("the wall sees a table of codes", () => {
    expect(CODE_TABLE.test("const GONE = new Set<ErrorCode>([")).toBe(true);
    expect(CODE_TABLE.test("const GONE: ReadonlySet<ErrorCode | undefined> = x")).toBe(true);
    expect(CODE_TABLE.test("const S: Partial<Record<ErrorCode, number>> = {}")).toBe(true);
    expect(CODE_TABLE.test('Record<CodeAnsweredTo<"merchant">, Refusal>')).toBe(false);
  });

  test("the wall sees a kind that is named", () => {
    expect(KIND_LITERAL.test('if (kind === "offline-expiring") return;')).toBe(true);
    expect(KIND_LITERAL.test("switch (kind) { case 'offline': }")).toBe(true);
    expect(KIND_LITERAL.test('says "an offline token is"')).toBe(false);
    expect(sourcesOf("lambda").map((file) => relative(ROOT, file))).toContain(THE_GRANTS);
  });

  test("the wall sees an import that is not allowed", () => {
    const source =
      'import { x } from "@pulumi/aws";\nexport * from "./y";\nconst z = require("tsx");';
    expect(specifiersOf(source)).toEqual(["@pulumi/aws", "./y", "tsx"]);
  });
});
