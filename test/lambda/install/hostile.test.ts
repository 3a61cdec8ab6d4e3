import type { Reply } from "../../../lambda/install/reply";
import { FIRST_SECRET, MINUTE } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP } from "../stand/store-stand";
import {
  type Attack,
  type Attempt,
  CANARY,
  fleet,
  OTHER_SECRET,
  OTHER_STORE,
  parametersOf,
  type Row,
} from "./attack";
import {
  BAD_SIGNATURES,
  DUPLICATES,
  MOMENTS,
  SHOPS,
  SIZES,
  WRONG_ENCODINGS,
} from "./callback-attacks";
import { MIX_UPS, STATES, STORES } from "./state-attacks";

const CLASSES: readonly (readonly [string, readonly Row[]])[] = [
  ["bad signatures", BAD_SIGNATURES],
  ["wrong encodings of the signed text", WRONG_ENCODINGS],
  ["duplicated parameters", DUPLICATES],
  ["states that are expired, foreign or forged", STATES],
  ["answers of another time", MOMENTS],
  ["look-alike and foreign shops", SHOPS],
  ["oversized and malformed input", SIZES],
  ["stores that are not to be installed", STORES],
  ["mix-ups of stores and apps", MIX_UPS],
];

describe.each(CLASSES)("%s", (_name, rows) => {
  test.each(rows)(
    "%s: refused, nothing written, nothing asked, nothing shown",
    async (...[, attempt, code, status]) => {
      const install = await fleet();
      const visit = await install.begin();
      const attack: Attack = { install, visit, query: install.approve(visit) };
      const exchanges = install.exchanges;
      const reply = await withoutWrites(attack, attempt);
      expect(reply.statusCode).toBe(status);
      // What there is and what there is not looks the same from outside.
      const shown = code === "store_not_installable" ? "store_not_declared" : code;
      expect(reply.body).toContain(`Reference: ${shown}`);
      expect(reply.body.length).toBeLessThan(2_500);
      expect(reply.headers).not.toHaveProperty("location");
      expect(reply.cookies).toEqual([]);
      expectSecurityHeaders(reply);
      expect(install.line("install.refused")).toMatchObject({ level: "warn", code, status });
      expect(install.exchanges).toBe(exchanges);
      expectNothingShown(attack, reply);
    },
  );
});

test("without an attack every one of these visits would have counted", async () => {
  const install = await fleet();
  install.world.clock.now += 25 * MINUTE;
  expect((await install.install()).statusCode).toBe(200);
  expect((await install.install(OTHER_STORE)).statusCode).toBe(200);
});

/** Runs an attempt; the values and tags of every secret are the same afterwards. */
async function withoutWrites(attack: Attack, attempt: Attempt): Promise<Reply> {
  const { world } = attack.install;
  const first = world.calls.length;
  const reply = await attempt(attack);
  const writes = world.calls
    .slice(first)
    .filter(({ operation }) => /^(Put|Update|Tag|Untag|Delete|Encrypt)/.test(operation));
  expect(writes).toEqual([]);
  return reply;
}

function expectSecurityHeaders({ headers }: Reply): void {
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": expect.stringMatching(
      /^default-src 'none'; .*frame-ancestors 'none'$/,
    ),
    "referrer-policy": "no-referrer",
    "strict-transport-security": expect.stringMatching(/^max-age=\d{8,}$/),
    "x-content-type-options": "nosniff",
  });
}

/** Neither page nor log repeats what was sent, or anything secret. */
function expectNothingShown({ install, visit, query }: Attack, reply: Reply): void {
  const shown = [reply.body, JSON.stringify(reply.headers), ...install.lines].join("\n");
  const { code = "", hmac = "" } = parametersOf(query);
  const state = new URL(visit.location).searchParams.get("state") ?? "";
  const seal = visit.cookie.split(".").at(-1) ?? "";
  for (const secret of [
    CANARY,
    FIRST_SECRET,
    OTHER_SECRET,
    code,
    hmac,
    state,
    seal,
    "shpua_",
    "shprt_",
  ]) {
    expect(secret).not.toBe("");
    expect(shown).not.toContain(secret);
  }
}

describe("events that are no request of API Gateway", () => {
  test.each([
    ["nothing", undefined],
    ["a text", "GET /callback"],
    [
      "an unknown route",
      { version: "2.0", routeKey: "GET /admin", requestContext: { domainName: "a.example" } },
    ],
    [
      "another method",
      { version: "2.0", routeKey: "POST /callback", requestContext: { domainName: "a.example" } },
    ],
    [
      "the old payload format",
      { version: "1.0", routeKey: "GET /callback", requestContext: { domainName: "a.example" } },
    ],
    [
      "a host that is none",
      {
        version: "2.0",
        routeKey: "GET /callback",
        requestContext: { domainName: "evil.example/x" },
      },
    ],
    ["a rotation", { Step: "createSecret", SecretId: "x", ClientRequestToken: "y" }],
  ])("%s is refused", async (_what, event) => {
    const install = await InstallStand.create();
    expect((await install.handle(event)).statusCode).toBe(400);
    expect(install.line("install.failed")).toMatchObject({ code: "event_malformed" });
  });
});

test("a flood of forged webhooks asks AWS once a minute", async () => {
  const install = await fleet();
  const readsOf = () =>
    install.world.calls.filter(({ operation }) => operation === "GetSecretValue").length;
  const before = readsOf();
  for (let at = 0; at < 500; at += 1) {
    const reply = await install.deliver("app/uninstalled", { at }, { secret: "shpss_guess" });
    expect(reply.statusCode).toBe(401);
  }
  // Two apps, and for each the client secret before.
  expect(readsOf() - before).toBeLessThanOrEqual(4);
});

test("a flood of answers without a ticket asks AWS for nothing", async () => {
  const install = await fleet();
  const before = install.world.calls.length;
  for (let at = 0; at < 500; at += 1) {
    const reply = await install.callback(
      `code=${at}&shop=${SHOP}&state=x&timestamp=1793493000&hmac=${"0".repeat(64)}`,
      [],
    );
    expect(reply.statusCode).toBe(400);
  }
  expect(install.world.calls.length).toBe(before);
});
