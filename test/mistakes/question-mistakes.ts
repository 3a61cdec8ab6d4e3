import type { Patch } from "../patch";
import type { Mistake } from "./mistake";

/** What docs/questions.md answers, spoilt: each answer's own test has to notice. */
interface Spoilt {
  /** The answer that is not true any more, in few words. */
  readonly answer: string;
  readonly patches: readonly Patch[];
  readonly file: string;
  readonly titles: readonly string[];
}

const APP_URL = "test/lambda/install/app-url.test.ts";
const PAIRS = "test/lambda/sweep/pairs.test.ts";
const REPLY = "test/lambda/shopify/token-reply.test.ts";
const READER = "test/reader/token-reader.test.ts";

/** In the order of the page's rows. */
const SPOILT: readonly Spoilt[] = [
  {
    answer: "a customer's store comes from the App URL to its approval",
    patches: [
      {
        file: "lambda/install/app-url.ts",
        search: "? await begin({ ...request, store }, deps, visitor)",
        replace: "? leaveTheFrame(await pathOf(visitor, deps), query)",
      },
    ],
    file: APP_URL,
    titles: [
      "the App URL",
      "goes on to the approval of the declared store, which brings its token",
    ],
  },
  {
    answer: "an agency's apps and stores stand in one file",
    patches: [
      {
        file: "infra/config/stores-file.ts",
        search: 'const apps = parts.apps.length === 0 ? {} : { apps: merged("apps") };',
        replace: "const apps = {};",
      },
    ],
    file: "test/infra/config/stores-file.test.ts",
    titles: ["a file with apps", "has two headings, and both join config's"],
  },
  {
    answer: "shop_not_permitted is about two organizations",
    patches: [
      {
        file: "lambda/shopify/token-reply.ts",
        search: '["shop_not_permitted", "store_not_permitted"],',
        replace: "",
      },
    ],
    file: REPLY,
    titles: [
      "a refusal has a code",
      "an app and a store of two organizations are told as such, with the way out",
    ],
  },
  {
    answer: "an app of the store's own admin is told with the way to paste its token",
    patches: [
      {
        file: "contract/errors.ts",
        search:
          "; an app that was made in the store's own admin grants nothing: paste its token, with kind custom-app",
        replace: "",
      },
    ],
    file: REPLY,
    titles: [
      "a refusal has a code",
      "an app of the store's own admin grants nothing, and the next step is to paste its token",
    ],
  },
  {
    answer: "a migration that was cut off is taken up again",
    patches: [
      {
        file: "lambda/sweep/plan.ts",
        search: 'if (isMigrating(store)) return { action: "migrate" };',
        replace: "",
      },
      {
        file: "lambda/sweep/migrate.ts",
        search: 'if (parent.record.refreshTokenSealed === "") {',
        replace: 'if (parent.record.refreshTokenSealed === "" && !isMigrating(store)) {',
      },
    ],
    file: "test/simulation/waves.test.ts",
    titles: ["300 stores of a public app are migrated in waves, and no chain is lost (seed 1)"],
  },
  {
    answer: "a pair that nobody uses is renewed",
    patches: [neverRenewed()],
    file: PAIRS,
    titles: [
      "a one-hour pair",
      "is renewed by a sweep of a stack where nobody ever calls Shopify, long before 90 days",
    ],
  },
  {
    answer: "a refresh whose reply was lost is tried again",
    patches: [
      {
        file: "lambda/sweep/plan.ts",
        search: "  const refusal = isOfCurrent(store) ?",
        replace:
          "  if (isNewerThanSuccess(store)) return false;\n  const refusal = isOfCurrent(store) ?",
      },
    ],
    file: PAIRS,
    titles: ["a one-hour pair", "survives a lost refresh reply without a dead minute"],
  },
  {
    answer: "no merchant has to come back",
    patches: [neverRenewed()],
    file: PAIRS,
    titles: ["a one-hour pair", "lives for three days without a dead minute, at 48 versions a day"],
  },
  {
    answer: "a reply without expires_in is not for ever",
    patches: [
      {
        file: "lambda/shopify/token-reply.ts",
        search: ": { seconds: documentedSeconds, assumed: true };",
        replace: ": { seconds: 3_153_600_000, assumed: true };",
      },
    ],
    file: REPLY,
    titles: [
      "the life of a token",
      "undefined is replaced by the documented one, and that is said",
    ],
  },
  {
    answer: "webhooks signed with the client secret before are taken for a day",
    patches: [
      {
        file: "lambda/engine/app-secret.ts",
        search: "return previous === undefined ? [current] : [current, previous];",
        replace: "return previous === undefined ? [current] : [current];",
      },
    ],
    file: "test/lambda/install/old-secrets.test.ts",
    titles: [
      "a client secret that was changed and revoked",
      "signs for a day, because Shopify signs with the oldest one until it is revoked",
    ],
  },
  {
    answer: "install-link says which link comes first",
    patches: [
      {
        file: "cli/commands/install-link.ts",
        search: 'if (facts?.firstInstall === "shopifys-link" && isFirst) {',
        replace: 'if (facts?.firstInstall === "shopifys-link" && !isFirst) {',
      },
    ],
    file: "test/cli/one-store.test.ts",
    titles: [
      "install-link, by how the app is distributed",
      "a custom app comes first by Shopify's own link, and needs an allowlist",
    ],
  },
  {
    answer: "a token that is refused by its kind is not said to be connected",
    patches: [
      {
        file: "lambda/install/result-page.ts",
        search: 'if (code === "" && outcome !== "kept") {',
        replace: 'if (outcome !== "kept") {',
      },
    ],
    file: "test/lambda/install/room.test.ts",
    titles: [
      "a page says that a store is connected only when its token has just worked",
      "and not when Shopify refuses what it granted, for a reason of the engineer's",
    ],
  },
  {
    answer: "people hear of the first of January 30 days before",
    patches: [
      {
        file: "contract/distribution.ts",
        search: "NON_EXPIRING_TOLD_DAYS = [90, 30, 7] as const",
        replace: "NON_EXPIRING_TOLD_DAYS = [90, 7] as const",
      },
    ],
    file: "test/lambda/sweep/static.test.ts",
    titles: [
      "the first of January 2027",
      "is told of 90, 30 and 7 days before (migration permitted: true)",
    ],
  },
  {
    answer: "a rotation pushes the new token",
    patches: [
      {
        file: "examples/push-on-rotation/index.mjs",
        search: "body: JSON.stringify({ shop, access_token }),",
        replace: "body: JSON.stringify({ shop }),",
      },
    ],
    file: "test/docs/push-on-rotation.test.ts",
    titles: ["a new token is handed to the service"],
  },
  {
    answer: "a refusal tells Shopify's own word for it",
    patches: [
      {
        file: "lambda/shopify/token-reply.ts",
        search: "...(oauthError === undefined ? {} : { oauthError }),",
        replace: "",
      },
    ],
    file: REPLY,
    titles: ["a refusal has a code", "carries what a person needs, and nothing of the body"],
  },
  {
    answer: "the secret is one flat object of known keys",
    patches: [
      {
        file: "contract/record.ts",
        search: "    graphql_url: graphqlUrlOf(record.shop, record.apiVersion),\n",
        replace: "",
      },
    ],
    file: "test/reader/consumers.test.ts",
    titles: ["everyone", "the keys are these, and taking one away breaks a consumer"],
  },
  {
    answer: "withToken repeats a call that came back 401",
    patches: [
      {
        file: "reader/token-reader.ts",
        search: "    if (next === undefined) return value;\n    await discard(value);",
        replace:
          "    if (next === undefined || token !== undefined) return value;\n    await discard(value);",
      },
    ],
    file: READER,
    titles: ["withToken", "a 401 is answered with the renewed token"],
  },
  {
    answer: "two renewals at once make one successor",
    patches: [
      {
        file: "lambda/engine/version-id.ts",
        search: 'createHash("sha256").update(text)',
        replace: 'createHash("sha256").update(text + Math.random())',
      },
    ],
    file: PAIRS,
    titles: ["a one-hour pair", "converges when sweeps overlap"],
  },
  {
    answer: "a retired version of the Admin API is named",
    patches: [
      {
        file: "contract/api-versions.ts",
        search: 'if (age >= QUARTERS_SERVED) return "retired";',
        replace: 'if (age >= QUARTERS_SERVED) return "served";',
      },
    ],
    file: "test/cli/api-versions.test.ts",
    titles: [
      "a version of the Admin API",
      "that Shopify ends within the quarter, or has ended, is noted by status",
    ],
  },
  {
    answer: "the allowlist holds what the applications need",
    patches: [
      {
        file: "infra/allowlists.ts",
        search: "joinAllowed([own, ...consumers])",
        replace: "joinAllowed([own])",
      },
    ],
    file: "test/infra/allowlists.test.ts",
    titles: [
      "the allowlist of an app",
      "holds the networks of the functions and everything that the consumers need",
    ],
  },
  {
    answer: "rotate --app says when the old client secret may go",
    patches: [
      {
        file: "cli/commands/client-secret.ts",
        search: "onNewest: asked.filter((store) => onNewest.has(store)),",
        replace: "onNewest: asked.filter((store) => !onNewest.has(store)),",
      },
    ],
    file: "test/cli/rotate.test.ts",
    titles: [
      "the change of a client secret",
      "is safe to finish when no store is left on the old one",
    ],
  },
  {
    answer: "a fresh token is served from memory",
    patches: [
      {
        file: "reader/freshness.ts",
        search: "if (now < held.freshUntil) {",
        replace: "if (now < held.readAt) {",
      },
      {
        file: "reader/token-cache.ts",
        search: "if (this.#options.clock.now() >= held.refreshAt) return undefined;",
        replace: "if (this.#options.clock.now() >= held.readAt) return undefined;",
      },
    ],
    file: READER,
    titles: ["reading", "a fresh token costs no call"],
  },
  {
    answer: "no application sees a refresh token",
    patches: [
      {
        file: "lambda/engine/obtain.ts",
        search: ": await deps.cipher.encrypt(refresh.token, {",
        replace: ": refresh.token.unseal() || await deps.cipher.encrypt(refresh.token, {",
      },
    ],
    file: "test/lambda/install/install.test.ts",
    titles: ["an approval", "becomes a pair in Secrets Manager that works and can be renewed"],
  },
  {
    answer: "a throttled call waits as long as Shopify says",
    patches: [
      {
        file: "lambda/shopify/call.ts",
        search: "return backoffMs === undefined ? undefined : Math.max(backoffMs, wishMs);",
        replace: "return backoffMs === undefined ? undefined : Math.min(backoffMs, wishMs);",
      },
    ],
    file: "test/lambda/shopify/call.test.ts",
    titles: ["Retry-After is honoured when it fits"],
  },
];

/** A sweep that leaves pairs alone until they have been dead for an hour. */
function neverRenewed(): Patch {
  return {
    file: "lambda/sweep/plan.ts",
    search: 'if (renewer === "sweep") return life * sweptAtShareLeft + SWEEP_EVERY_MS / 2;',
    replace: 'if (renewer === "sweep") return -life;',
  };
}

/** Wrong versions of the product, one for each answer of docs/questions.md. */
export const QUESTION_MISTAKES: readonly Mistake[] = SPOILT.map(
  ({ answer, patches, file, titles }) => ({
    name: `question: ${answer}, no more`,
    of: "product",
    patches,
    caughtBy: { file, titles },
  }),
);
