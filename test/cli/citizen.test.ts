import { spawnSync } from "node:child_process";
import { COMMANDS } from "../../cli/commands";
import { SECRET_TAGS } from "../../contract/names";
import { version } from "../../package.json";
import { DAY_MS, HOUR_MS, NOW, Operator } from "./arrange";
import { operatorOfFleet } from "./fleet";

describe("how a command was called is judged before anybody is asked for credentials", () => {
  test.each([
    ["rotate", "name stores, or --app <app>, or --signing-key <app>, or --all"],
    ["rotate acme --all", "name stores, or --app <app>, or --signing-key <app>, or --all"],
    ["rotate acme --wait 5x", "--wait is no span of time"],
    ["rotate --app Fulfil_ment", "is no key of an app"],
    ["put", "name one store"],
    ["put acme now", "name one store"],
    ["exec acme", "there is no command after --"],
    ["exec acme --min-life soon -- true", "is no span of time"],
    ["exec acme --json -- true", "--json"],
    ["doctor extra", "takes no words"],
    ["migrate", "name one store"],
    ["restore a b", "name one store"],
    ["install-link", "name one store"],
    ["install-link acme --base-url somewhere", "--base-url"],
    ["unstick", "name one store"],
    ["rollback a b", "name one store"],
    ["check Acme_1", "is not the key of a store"],
    ["status --prefix /x/", "is no prefix"],
    ["status --region us_east_1", "is no AWS region"],
    ["status --endpoint-url nowhere", "--endpoint-url"],
    ["status -- acme", "after --"],
    ["completion tcsh", "bash, zsh or fish"],
  ])("%s", async (words, says) => {
    const operator = new Operator();
    operator.mayConnect = false;
    const { err, code } = await operator.type(words);
    expect(err).toContain(says);
    expect(err).toContain(". Next: ");
    expect(code).toBe(2);
  });

  test("and one that was called rightly asks", async () => {
    const operator = new Operator();
    operator.mayConnect = false;
    expect(await operator.type("rotate acme")).toMatchObject({ code: 3 });
  });
});

describe("options", () => {
  test.each(["status --json=true", "status --json", "status --json=TRUE"])(
    "%s prints JSON",
    async (words) => {
      const { out } = await (await operatorOfFleet()).type(words);
      expect(JSON.parse(out)).toHaveProperty("stores");
    },
  );

  test("--json=false prints none", async () => {
    const { out } = await (await operatorOfFleet()).type("status --json=false");
    expect(out).toMatch(/^STORE /);
  });

  test.each(["--version", "-V", "version"])("%s says the version alone", async (words) => {
    const shown = await new Operator().type(words);
    expect(shown).toMatchObject({ code: 0, out: `${version}\n`, err: "" });
  });
});

describe("a store is named by its key or by its shop", () => {
  test.each([
    "acme.myshopify.com",
    "ACME.myshopify.com",
    "https://acme.myshopify.com/admin/apps",
    "https://admin.shopify.com/store/acme",
  ])("%s", async (word) => {
    const { out } = await (await operatorOfFleet()).type(`status ${word} --json`);
    expect((JSON.parse(out) as { stores: unknown[] }).stores).toEqual([
      expect.objectContaining({ store: "acme" }),
    ]);
  });

  test.each([
    "put heritage.myshopify.com",
    "exec heritage.myshopify.com -- true",
    "rollback heritage.myshopify.com",
    "migrate heritage.myshopify.com --yes",
    "install-link heritage.myshopify.com",
    "unstick heritage.myshopify.com",
    "restore heritage.myshopify.com",
    "check heritage.myshopify.com",
  ])("wherever one is named: %s", async (words) => {
    const operator = await operatorOfFleet();
    operator.input = "shpat_0123456789abcdef";
    const { err } = await operator.type(words);
    expect(err).not.toMatch(/there is no|not the key/);
  });

  test("two stores of one shop are told apart", async () => {
    const operator = await operatorOfFleet();
    await operator.addStore({ key: "acme-two", kind: "custom-app", shop: "acme" });
    const { err, code } = await operator.type("check acme.myshopify.com");
    expect(err).toContain("acme.myshopify.com is the shop of acme and acme-two. Next: ");
    expect(code).toBe(2);
  });

  test.each([
    ["status acem", "there is no store acem; did you mean acme?"],
    ["put heritag", "there is no store heritag; did you mean heritage?"],
    ["restore heritag", "there is no store heritag; did you mean heritage?"],
    ["check acem herittage", "there is no store acem; did you mean acme?"],
    ["check nothing-like-it", "there is no store nothing-like-it. Next: shopify-secrets status"],
    ["check other.myshopify.com", "no store has the shop other.myshopify.com"],
  ])("a slip is told: %s", async (words, says) => {
    const { err, code } = await (await operatorOfFleet()).type(words);
    expect(err).toContain(says);
    expect(code).toBe(2);
  });
});

describe("times are told by AWS's clock", () => {
  test.each([-8 * HOUR_MS, 3 * DAY_MS])("where this machine's is %d ms ahead", async (leadMs) => {
    const operator = await operatorOfFleet();
    const right = await operator.type("status");
    operator.clockLeadMs = leadMs;
    expect((await operator.type("status")).out).toBe(right.out);
    operator.answer = () => ({
      stores: [
        {
          store: "one-hour",
          kind: "offline-expiring",
          state: "ok",
          code: "",
          expiresAt: new Date(NOW + HOUR_MS).toISOString(),
        },
      ],
    });
    expect((await operator.type("rotate one-hour")).out).toMatch(/renewed +1h/);
    expect((await operator.type("exec acme -- true")).code).toBe(7);
  });
});

describe("with --json an error is JSON too", () => {
  test.each([
    ["status --json --prefix shopify/none", 3, "there are no stores under shopify/none"],
    ["statsu --json", 2, 'there is no command "statsu"'],
    ["status --json --perfix x", 2, "Unknown option '--perfix'"],
    ["put acme --json", 3, "are obtained for you"],
  ])("%s", async (words, exitCode, says) => {
    const { out, err, code } = await (await operatorOfFleet()).type(words);
    expect(code).toBe(exitCode);
    expect(JSON.parse(out)).toEqual({
      error: {
        code: null,
        says: expect.stringContaining(says),
        next: expect.any(String),
        exit_code: exitCode,
      },
    });
    expect(err).toContain(says);
  });
});

describe("completion", () => {
  const scriptOf = async (shell: string) => (await new Operator().type(`completion ${shell}`)).out;

  test.each(["bash", "zsh", "fish"])("of %s knows every verb, and needs no AWS", async (shell) => {
    const script = await scriptOf(shell);
    for (const { name } of COMMANDS) expect(script).toContain(name);
    expect(script).toContain("status --names");
  });

  /** What bash offers after these words; the command is a stand-in that knows two stores. */
  async function offered(words: readonly string[]): Promise<string[]> {
    const program = `
      shopify-secrets() { [ "$1 $2" = "status --names" ] && printf 'acme\\nheritage\\n'; }
      ${await scriptOf("bash")}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _shopify_secrets
      printf '%s\\n' "\${COMPREPLY[@]}"
    `;
    const { stdout, stderr } = spawnSync("bash", ["-c", program], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean);
  }

  test("of bash offers verbs, a verb's options, and stores", async () => {
    expect(await offered(["shopify-secrets", "ro"])).toEqual(["rotate", "rollback"]);
    expect(await offered(["shopify-secrets", "rotate", "--a"])).toEqual(["--app", "--all"]);
    expect(await offered(["shopify-secrets", "rotate", "her"])).toEqual(["heritage"]);
    expect(await offered(["shopify-secrets", "doctor", ""])).toEqual([]);
    expect(await offered(["shopify-secrets", "completion", "b"])).toEqual(["bash"]);
  });

  test("takes the stores' names from status --names", async () => {
    const { out } = await (await operatorOfFleet()).type("status --names");
    expect(out.split("\n")).toEqual(expect.arrayContaining(["acme", "heritage"]));
    expect(out).not.toContain(" ");
  });
});

describe("a store that was renamed has one key, the one in config", () => {
  const RENAMED = {
    key: "umbrella",
    kind: "custom-app",
    tags: { [SECRET_TAGS.store]: "umbra" },
  } as const;

  async function operatorOfRenamed(): Promise<Operator> {
    const operator = new Operator();
    await operator.addStore({ ...RENAMED, state: "dead", error: { code: "token_dead", at: NOW } });
    operator.input = "shpat_0123456789abcdef";
    operator.answer = () => ({ outcome: "written", checked: "ok", scope: "" });
    return operator;
  }

  test("in what is printed", async () => {
    const { out } = await (await operatorOfRenamed()).type("status");
    expect(out).toMatch(/^umbra /m);
    expect(out).toContain("Next: shopify-secrets put umbra\n");
    expect(out).not.toContain("umbrella");
  });

  test.each(["umbra", "umbrella"])("in what is typed, and the key before: %s", async (key) => {
    const operator = await operatorOfRenamed();
    expect((await operator.type(`put ${key}`)).code).toBe(0);
    expect(operator.invocations[0]?.payload).toMatchObject({ store: "umbra" });
  });

  test("where another store has the key before, that one is meant", async () => {
    const operator = await operatorOfRenamed();
    await operator.addStore({
      key: "other",
      kind: "custom-app",
      tags: { [SECRET_TAGS.store]: "umbrella" },
    });
    await operator.type("put umbrella");
    expect(operator.invocations[0]?.payload).toMatchObject({ shop: "other.myshopify.com" });
  });
});
