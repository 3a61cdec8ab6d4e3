import { generateKeyPairSync } from "node:crypto";
import { alarmsOf } from "../../contract/alarms";
import type { AppKey, StoreKey } from "../../contract/brands";
import {
  adviceOf,
  ERROR_CODES,
  type ErrorCode,
  type ErrorFacts,
  enrolmentAdviceOf,
  enrolmentSentenceOf,
} from "../../contract/errors";
import { KIND_FACTS, KINDS, type Kind } from "../../contract/kinds";
import {
  FUNCTION_ROLES,
  LISTED,
  SECRET_TAGS,
  SIGNING_KEYS_TAG,
  STORE_ORIGINS,
  type StoreOrigin,
} from "../../contract/names";
import { STATUS_TAGS } from "../../contract/store/status";
import { later } from "../../contract/time";
import { parseFleet } from "../../infra/config/parse-fleet";
import { READER_ADVICE } from "../../reader/errors";
import { HOUR_MS, NOW, Operator } from "../cli/arrange";
import { reading } from "../infra/config/at";
import { MISTAKES, VALID } from "../infra/config/mistakes";
import { commandsIn, type Pasted } from "./commands-in";
import { pulumiObjection } from "./pulumi-takes";

const TOKEN = "shpat_0123456789abcdef";

/** Said of an app that signs, and of no other. */
const SIGNS: readonly string[] = [
  "signing_key_unknown",
  "signing_key_unusable",
  // Config is told to let it sign.
  "non_expiring_ending",
] satisfies ErrorCode[];
const KEY = "arn:aws:kms:us-east-1:000000000000:key/first";
const SIGNING = { [SIGNING_KEYS_TAG]: KEY };
const SPKI = generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey.export({
  format: "der",
  type: "spki",
});

/** A store of a kind as it stands when its next command is pasted. */
interface Standing {
  readonly kind: Kind;
  readonly hasValue: boolean;
  readonly code: ErrorCode | "";
  /** Where it comes from. Default: config. */
  readonly origin?: StoreOrigin;
}

const hasAppOf = (kind: Kind) => KIND_FACTS[kind].app === "required" || kind === "offline";

async function operatorOf({ kind, hasValue, code, origin }: Standing): Promise<Operator> {
  const operator = new Operator();
  const hasApp = hasAppOf(kind);
  const lifeHours = KIND_FACTS[kind].lifetimeSeconds === undefined ? undefined : 1;
  await operator.addStore({
    key: "acme",
    kind,
    hasValue,
    ...(hasApp ? { app: "fulfilment" } : {}),
    ...(lifeHours === undefined ? {} : { expiresAt: later(NOW, lifeHours * HOUR_MS) }),
    ...(code === "" ? {} : { error: { code, at: NOW } }),
    tags: {
      [STATUS_TAGS.state]: "",
      ...(origin === undefined ? {} : { [SECRET_TAGS.origin]: origin }),
    },
  });
  if (kind === "client-credentials") await operator.schedule("acme");
  if (hasApp) await operator.addAppSecret("fulfilment", SIGNS.includes(code) ? SIGNING : {});
  operator.publicKeys.set(KEY, { spki: SPKI, createdAt: NOW });
  if (hasValue)
    await operator.putValue({ key: "acme", kind, ...(hasApp ? { app: "fulfilment" } : {}) });
  if (code === "store_awaits_deletion") {
    // Its stack is found by the stores that live.
    await operator.addStore({ key: "heritage", kind: "custom-app" });
    const SecretId = "shopify/prod/stores/acme/token";
    await operator.call("DeleteSecret", { SecretId, RecoveryWindowInDays: 30 });
  }
  operator.clock.at = later(NOW, HOUR_MS / 2);
  operator.input = TOKEN;
  operator.consent = "acme";
  operator.arrangeList();
  operator.functionFacts.set("shopify-prod-install", {
    state: "Active",
    lastUpdate: "Successful",
    variables: { SHOPIFY_SECRETS_INSTALL_DOMAIN: "install.example.com" },
  });
  operator.answer = (name, { action, stage }) => {
    if (name.endsWith("-enrol")) return { outcome: "written", checked: "ok", scope: "" };
    if (action === "migrate")
      return { store: "acme", outcome: "migrated", versionId: "v", scope: "" };
    const store = { store: "acme", kind, state: "ok", code: "", stage };
    return { stores: [{ ...store, expiresAt: "2026-11-03T12:00:00Z" }] };
  };
  return operator;
}

/** Why a command that was pasted as it stands is not taken; undefined: it is. */
async function objectionTo(command: Pasted, standing: Standing): Promise<string | undefined> {
  const shown = `${command.program} ${command.words.join(" ")}`;
  if (command.words.some((word) => /[<>…]/.test(word))) return `${shown}: a gap is left`;
  switch (command.program) {
    case "pulumi":
      return pulumiObjection(command.words, standing);
    case "aws":
      return undefined;
    case "shopify-secrets": {
      const operator = await operatorOf(standing);
      const { code, err } = await operator.type(command.words.join(" "));
      return code === 2 || code === 3 ? `${shown}: ${err.trim()}` : undefined;
    }
    default:
      return command.program satisfies never;
  }
}

/** A message may have the store declared anew before its commands. */
const DECLARED_FIRST = /kind (?:in the list )?(?:to )?offline-expiring/;

async function objectionsTo(next: string, given: Standing): Promise<string[]> {
  const standing = DECLARED_FIRST.test(next)
    ? { ...given, kind: "offline-expiring" as const }
    : given;
  const found: string[] = [];
  for (const command of commandsIn(next)) {
    const objection = await objectionTo(command, standing);
    if (objection !== undefined) found.push(objection);
  }
  return found;
}

/** The next command as `status` prints it. */
async function nextOf(standing: Standing): Promise<string> {
  const operator = await operatorOf(standing);
  const { out } = await operator.type("status acme --json");
  const [store] = (JSON.parse(out) as { stores: { next: string | null }[] }).stores;
  return store?.next ?? "";
}

/** No function can write a tag on a secret that waits for its deletion: `restore` has tests of its own. */
const CODES = ERROR_CODES.filter((code) => code !== "secret_pending_deletion");

const CASES = CODES.flatMap((code) =>
  KINDS.flatMap((kind) => [true, false].map((hasValue) => ({ code, kind, hasValue }))),
);

test.each(CASES)(
  "$code of a $kind store (value: $hasValue): what status prints is taken",
  async (standing) => {
    const next = await nextOf(standing);
    expect(await objectionsTo(next, standing)).toEqual([]);
  },
);

/** Of a store that the list names, or that came by itself: those have the one kind. */
const ELSEWHERE = CASES.flatMap((standing) =>
  STORE_ORIGINS.filter((origin) => origin === LISTED || standing.kind === "offline-expiring").map(
    (origin) => ({ ...standing, origin }),
  ),
);
/** What config has of a store that it declares; preview takes none of it of another one. */
const OF_CONFIG = /shopify-secrets:(?:stores|accessTokens)\.acme|take the store out of config/;

test.each(ELSEWHERE)(
  "$code of a $kind store (value: $hasValue) that is $origin: what status prints is taken, and asks no line of config",
  async (standing) => {
    const next = await nextOf(standing);
    expect(await objectionsTo(next, standing)).toEqual([]);
    // Who came by himself is taken into config first.
    if (!next.startsWith("declare the store in config")) expect(next).not.toMatch(OF_CONFIG);
  },
);

/** Said of a list, and not of a store of it. */
const isOfLists = ({ code }: { readonly code: ErrorCode }) =>
  adviceOf(code).next.includes("the list");

test.each(ELSEWHERE.filter((standing) => standing.origin === LISTED && !isOfLists(standing)))(
  "$code of a $kind store (value: $hasValue) of the list: what a run of it says is taken, and ends with what makes the store",
  async (standing) => {
    const { next } = enrolmentAdviceOf(standing.code, factsOf(standing));
    expect(next).not.toMatch(OF_CONFIG);
    expect(next).toContain("shopify-secrets apply");
    expect(await objectionsTo(next, standing)).toEqual([]);
  },
);

const factsOf = ({ kind, hasValue, origin }: Standing): ErrorFacts => ({
  kind,
  ...(origin === undefined ? {} : { origin }),
  hasValue,
  hasPrevious: hasValue,
  store: "acme" as StoreKey,
  ...(hasAppOf(kind) ? { app: "fulfilment" as AppKey } : {}),
});

test.each(CASES)(
  "$code of a $kind store (value: $hasValue): what a function says is taken",
  async (standing) => {
    const { next } = adviceOf(standing.code, factsOf(standing));
    expect(await objectionsTo(next, standing)).toEqual([]);
  },
);

test.each(CASES)(
  "$code of a $kind store (value: $hasValue): what pulumi up says is taken",
  async (standing) => {
    const sentence = enrolmentSentenceOf(standing.code, factsOf(standing));
    expect(await objectionsTo(sentence.split(". Next: ")[1] ?? "", standing)).toEqual([]);
  },
);

describe("no command sends in circles", () => {
  const VERBS = [
    ...["check acme", "rotate acme", "put acme", "rollback acme", "unstick acme"],
    ...["install-link acme", "migrate acme --yes", "exec acme -- true", "restore acme", "doctor"],
  ];
  const STANDINGS = KINDS.flatMap((kind) =>
    [true, false].flatMap((hasValue) =>
      (["", "token_dead", "app_uninstalled"] as const).map((code) => ({ kind, hasValue, code })),
    ),
  );

  test.each(STANDINGS)("a $kind store (value: $hasValue, code: '$code')", async (standing) => {
    for (const typed of VERBS) {
      const { err, code } = await (await operatorOf(standing)).type(typed);
      const next = err.split(". Next: ")[1] ?? "";
      if (code !== 2 && code !== 3) continue;
      expect([typed, next, await objectionsTo(next, standing)]).toEqual([typed, next, []]);
    }
  });
});

describe("what is printed without a store's kind", () => {
  const standing: Standing = { kind: "offline-expiring", hasValue: true, code: "" };

  const ALARMS = alarmsOf("shopify/prod", FUNCTION_ROLES).map(
    ({ name, description }) => [name, description] as const,
  );

  test.each(ALARMS)("alarm %s", async (_name, text) => {
    expect(commandsIn(text).length).toBeGreaterThan(0);
    expect(await objectionsTo(text, standing)).toEqual([]);
  });

  const READER = Object.entries(READER_ADVICE)
    // A secret that is not deleted cannot be restored: `restore` has tests of its own.
    .filter(([code]) => code !== "secret_pending_deletion")
    .map(([code, { next }]) => [code, next.replaceAll("<store>", "acme")] as const);

  test.each(READER)("the reader's %s", async (_code, next) => {
    expect(await objectionsTo(next, { ...standing, kind: "client-credentials" })).toEqual([]);
  });

  const CONFIG = MISTAKES.flatMap(([what, changes]) =>
    parseFleet({ ...VALID, ...changes }, reading("shopify/test")).problems.map(
      ({ says }) => [what, says] as const,
    ),
  ).filter(([, says]) => commandsIn(says).length > 0 && !says.includes("shopify-secrets restore"));

  test.each(CONFIG)("config's %s", async (_what, says) => {
    const names = says.replace(/heritage|brand/g, "acme").replaceAll("<store>", "acme");
    expect(await objectionsTo(names, { ...standing, kind: "custom-app" })).toEqual([]);
  });
});

test("what a message holds is read as a shell would read it", () => {
  const message =
    "give it alone: shopify-secrets put acme, or pulumi config set --secret --path 'shopify-secrets:accessTokens.acme'; then pulumi up --continue-on-error. See docs";
  expect(commandsIn(message)).toEqual([
    { program: "shopify-secrets", words: ["put", "acme"] },
    {
      program: "pulumi",
      words: ["config", "set", "--secret", "--path", "shopify-secrets:accessTokens.acme"],
    },
    { program: "pulumi", words: ["up", "--continue-on-error"] },
  ]);
});
