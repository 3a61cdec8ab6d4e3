import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { parseAppCredential } from "../../contract/app-credential";
import { parseDeclaration } from "../../contract/declaration";
import { parseEnrolRequest } from "../../contract/enrolment";
import { readPasted } from "../../contract/pasted-secret";
import { parseRecord } from "../../contract/record";
import { readRecord } from "../../contract/record-fields";
import { parseScopes } from "../../contract/scopes";
import { Sealed } from "../../contract/sealed";
import { parseStatus, STATUS_TAGS } from "../../contract/store/status";
import { parseSweepRequest } from "../../contract/sweep";
import { parseFleet } from "../../infra/config/parse-fleet";
import { oddKeysOf, seeEncryption } from "../../infra/config/plain-secrets";
import { mergeStoresFile } from "../../infra/config/stores-file";
import { parseCallbackQuery } from "../../lambda/install/callback-query";
import { parseDelivery } from "../../lambda/install/delivery";
import { readInstallSession } from "../../lambda/install/install-session";
import { parseGatewayRequest } from "../../lambda/install/request";
import { parseRotationEvent } from "../../lambda/rotate/event";
import { judgeCheckReply } from "../../lambda/shopify/check";
import { judgeTokenReply } from "../../lambda/shopify/token-reply";
import { reading } from "../infra/config/at";

/** Far above what any of them takes on a busy machine; only what grows faster than its input gets there. */
const LIMIT_MS = 300_000;
const LENGTH = 100_000;
/** YAML files are the operator's own, and the library takes its time with thousands of levels. */
const YAML_LENGTH = 5_000;

/** What a text is made long of: what grammars repeat, nest, escape or backtrack over. */
const PIECES = [
  ..."a -.,/&=%\"'\\[{(<:;\n",
  "%25",
  "%",
  "a=",
  "a:\n ",
  "- ",
  "read_",
  "\\u0000",
  '{"a":',
  "<title>",
  "<title>400 - Oauth error ",
  "aA0-",
  "ü",
];

const storesFrom = (yaml: string) =>
  mergeStoresFile({ storesFile: "stores.yaml" }, () => yaml).problems;
const plainIn = (text: string) => {
  const stackFile = { name: "Pulumi.test.yaml", text };
  const signs = { isEncrypted: () => true, stackFile };
  const { problems, unseen } = seeEncryption({ accessTokens: { a: "x" } }, signs);
  return [...problems, ...oddKeysOf(stackFile), { path: "", says: unseen ?? "" }];
};
const oddKeysIn = (text: string) => oddKeysOf({ name: "Pulumi.test.yaml", text });
const reply = (body: string) => ({ status: 400, headers: {}, body: Sealed.of(body) });
const event = (text: string) => ({
  Step: text,
  SecretId: text,
  ClientRequestToken: text,
  action: text,
  store: text,
  stores: [text],
  secret_arn: text,
  shop: text,
  version: "2.0",
  routeKey: text,
  rawQueryString: text,
  cookies: [text],
  headers: { [text.slice(0, 64)]: text },
  body: text,
});

/** Every parser of what comes from outside, and how a text gets into it. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  "the record": parseRecord,
  "the reader's record": readRecord,
  "the declaration": parseDeclaration,
  "the app credential": parseAppCredential,
  "the rotation event": (text) =>
    parseRotationEvent({
      ...event(text),
      Step: "createSecret",
      SecretId: `arn:aws:secretsmanager:${text}`,
    }),
  "the enrolment event": (text) => parseEnrolRequest(event(text)),
  "the sweep event": (text) => parseSweepRequest({ action: "check", stores: [text], stage: text }),
  "API Gateway's event": (text) => parseGatewayRequest(event(text)),
  "the query of the callback": (text) => parseCallbackQuery(Sealed.of(text)),
  "the ticket": (text) => readInstallSession(new Map([[text, text]]), text),
  "a webhook": (text) =>
    parseDelivery({ headers: { "x-shopify-topic": text }, body: Buffer.from(text) }),
  "a token reply": (text) => judgeTokenReply(reply(text) as never, { kind: "client-credentials" }),
  "a check's reply": (text) => judgeCheckReply(reply(text) as never),
  scopes: parseScopes,
  "status tags": (text) =>
    parseStatus(new Map(Object.values(STATUS_TAGS).map((tag) => [tag, text]))),
  config: (text) =>
    parseFleet(
      {
        prefix: text,
        apps: { [text]: { clientId: text } },
        stores: {
          acme: { kind: "offline", shop: text, app: text, scopes: [text], readers: [text] },
        },
      },
      reading("shopify/x"),
    ),
  "the stores' file": (text) => storesFrom(text.slice(0, YAML_LENGTH)),
  "the stack's file": (text) => plainIn(text.slice(0, YAML_LENGTH)),
  "the keys of the stack's file": (text) => {
    oddKeysIn(text.slice(0, YAML_LENGTH));
    oddKeysIn(`config:\n  stores:\n    ${text.slice(0, YAML_LENGTH)}: {}\n`);
  },
  "a pasted token": (text) => {
    readPasted(text, "access token");
    readPasted(text.slice(0, 2_048), "access token");
  },
};

/** Ends what takes too long, even within one regular expression; how it ends otherwise does not matter here. */
function requireEnd(work: () => unknown): void {
  const quiet = () => {
    try {
      work();
    } catch {
      // A refusal is an end.
    }
  };
  runInContext("quiet()", createContext({ quiet }), { timeout: LIMIT_MS });
}

describe("a parser comes to an end", () => {
  test.each(Object.entries(PARSERS))("%s, whatever is repeated", (_name, parse) => {
    for (const piece of PIECES) {
      const text = piece.repeat(LENGTH / piece.length);
      requireEnd(() => parse(text));
      requireEnd(() => parse(`{"a": "${text}`));
    }
  });

  test("what does not end would be seen", () => {
    const explodes = () => /^(a+)+$/.test(`${"a".repeat(64)}!`);
    const context = createContext({ explodes });
    expect(() => runInContext("explodes()", context, { timeout: 200 })).toThrow(/timed out/);
  });
});

describe("a YAML file", () => {
  test.each(["[", "{", "- ", "? ", '{"a":', "  ".repeat(500)])(
    "that is nested by %j without end is refused before the parser's stack ends",
    (piece) => {
      const says = storesFrom(piece.repeat(1_000)).map((problem) => problem.says);
      expect(says.join()).toContain("is nested more than 200 levels deep");
    },
  );

  const BOMB = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ...[..."bcdefghij"].map((name, index) => {
      const before = "abcdefghi"[index];
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
    }),
  ].join("\n");
  const ODD: Readonly<Record<string, string>> = {
    "aliases that multiply": BOMB,
    "an alias of nothing": "acme: *nothing",
    "an alias of itself": "acme: &acme [*acme]",
    "keys for the prototypes":
      "__proto__: { polluted: yes }\nconstructor: { prototype: { polluted: yes } }",
    "two documents": "a: 1\n---\nb: 2",
    "a tag of its own": "acme: !!js/function 'function () {}'",
    "a merge of nothing": "acme: { <<: *nothing }",
    "a list": "- acme",
    "a template's braces": "acme:\n  accessToken: {{ shpat_0123456789abcdef0123456789abcdef }}",
    nothing: "",
  };

  test.each(Object.entries(ODD))(
    "with %s is read or reported, and crashes nothing",
    (_what, text) => {
      requireEnd(() => expect(Array.isArray(storesFrom(text))).toBe(true));
      expect(Array.isArray(storesFrom(text))).toBe(true);
      expect(Array.isArray(plainIn(text))).toBe(true);
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    },
  );

  test("whatever it is: read or reported, without a word of what it says", () => {
    const secret = "shpat_0123456789abcdef0123456789abcdef";
    const token = fc.constantFrom(
      "a: ",
      "&a ",
      "*a",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "\n",
      "  ",
      "|",
      ">",
      '"',
      "'",
      "!!set ",
      "<<: ",
      "? ",
      "#",
      secret,
      "---\n",
      "%YAML 9\n",
      "\t",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 24 }), (tokens) => {
        const text = tokens.join("");
        const problems = [...storesFrom(text), ...plainIn(text)];
        const repeated = problems.some(({ says }) => says.includes(secret));
        if (repeated) throw new Error("a report repeats the secret");
      }),
      { numRuns: 500 },
    );
  });

  test("with a directive for a key is read or reported, too", () => {
    expect(Array.isArray(storesFrom("{---\n%YAML 9\n}"))).toBe(true);
    expect(Array.isArray(plainIn("{---\n%YAML 9\n}"))).toBe(true);
  });
});
