import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsOf } from "../../contract/alarms";
import { METRICS } from "../../contract/metrics";
import { tellAnswer } from "../../lambda/install/answered";
import type { Reply } from "../../lambda/install/reply";
import { createLog } from "../../lambda/log";
import { InstallStand } from "../lambda/stand/install-stand";
import { STORE } from "../lambda/stand/store-stand";
import { PREFIX } from "../simulation/stage";

/** The endpoint's throttle (infra/components/install-endpoint.ts). */
const A_SECOND = 10;
const MINUTES_A_MONTH = 30 * 24 * 60;
const SECOND = 1_000;

/** List prices in us-east-1, in dollars. */
const PRICE = {
  secretsManagerCall: 0.05 / 10_000,
  kmsCall: 0.03 / 10_000,
  httpApiRequest: 1 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** Ten milliseconds of 256 MB on arm64. */
  lambdaRun: 0.01 * 0.25 * 0.0000133334,
  logByte: 0.5 / 1e9,
} as const;

/** START, END and REPORT of Lambda itself, for each request. */
const LAMBDA_LINES_BYTES = 320;

/** What one minute of a flood asks for, once the function is warm. */
interface Minute {
  readonly secretsManager: number;
  readonly kms: number;
  readonly shopify: number;
  readonly logBytes: number;
  readonly statuses: ReadonlySet<number>;
  readonly lines: readonly string[];
}

type Ask = (install: InstallStand, at: number) => Promise<Reply>;

const FLOODS = {
  "links of a store": (install) => install.request("GET /install/{store}", { store: STORE }),
  "links that lead nowhere": (install, at) =>
    install.request("GET /install/{store}", { store: `nobody-${at}` }),
  "forged callbacks": async (install, at) => {
    const state = `${String(at).padStart(22, "0")}`;
    const rawQueryString = `code=0123456789abcdef&hmac=${"0".repeat(64)}&shop=acme.myshopify.com&state=${state}&timestamp=${Math.floor(install.world.clock.now / SECOND)}`;
    const visit = await install.open();
    const cookie = visit.cookie.replace(/[^.=]+$/, "x".repeat(43));
    return install.callback(rawQueryString, [cookie]);
  },
  "forged webhooks": (install) =>
    install.deliver("app/uninstalled", undefined, { secret: "not-the-client-secret" }),
} as const satisfies Readonly<Record<string, Ask>>;

async function minuteOf(ask: Ask): Promise<Minute> {
  const install = await InstallStand.create();
  const flood = async (requests: number) => {
    const statuses = new Set<number>();
    const { world } = install;
    const log = createLog((line) => install.lines.push(line));
    for (let at = 0; at < requests; at += 1) {
      const reply = await ask(install, at + world.clock.now);
      tellAnswer(reply, {
        log,
        prefix: PREFIX,
        clock: { now: () => world.clock.now as never },
        durationMs: 10,
      });
      statuses.add(reply.statusCode);
      world.clock.now += SECOND / A_SECOND;
    }
    return statuses;
  };
  await flood(60 * A_SECOND);
  const asked = jest.spyOn(install.world.model, "handle");
  install.lines.length = 0;
  install.world.calls.length = 0;
  const statuses = await flood(60 * A_SECOND);
  const operations = asked.mock.calls.map(([operation]) => operation);
  return {
    secretsManager: operations.length,
    // Each read of a value under the stack's key is a Decrypt too.
    kms: operations.filter((operation) => operation === "GetSecretValue").length,
    shopify: install.world.calls.filter(({ operation }) => operation.startsWith("/admin/")).length,
    logBytes: install.lines.join("\n").length + 60 * A_SECOND * LAMBDA_LINES_BYTES,
    statuses,
    lines: [...install.lines],
  };
}

/** A month of it, in whole dollars. */
function priceOf({ secretsManager, kms, logBytes }: Minute): number {
  const requests = 60 * A_SECOND;
  const minute =
    secretsManager * PRICE.secretsManagerCall +
    kms * PRICE.kmsCall +
    requests * (PRICE.httpApiRequest + PRICE.lambdaRequest + PRICE.lambdaRun) +
    logBytes * PRICE.logByte;
  return Math.round(minute * MINUTES_A_MONTH);
}

const page = readFileSync(join(__dirname, "../../docs/security.md"), "utf8");

describe("a flood at the throttle, for a month", () => {
  test.each(Object.entries<Ask>(FLOODS))("of %s costs what the page says", async (what, ask) => {
    const minute = await minuteOf(ask);
    const { secretsManager, kms } = minute;
    expect(minute.shopify).toBe(0);
    expect(page).toContain(`| ${what} | ${secretsManager} and ${kms} | $${priceOf(minute)} |`);
  });

  test("raises an alarm within its quarter of an hour; links of a store, which are answered, do not", async () => {
    const [alarm] = alarmsOf(PREFIX, ["install"]).filter(({ key }) => key === "install-refusals");
    expect(alarm?.metricName).toBe(METRICS.installRefusals.name);
    const refusals = async (ask: Ask) => {
      const { lines } = await minuteOf(ask);
      return lines.filter((line) => line.includes(METRICS.installRefusals.name)).length;
    };
    expect(await refusals(FLOODS["links of a store"])).toBe(0);
    for (const what of [
      "links that lead nowhere",
      "forged callbacks",
      "forged webhooks",
    ] as const) {
      expect(await refusals(FLOODS[what])).toBeGreaterThan(alarm?.threshold ?? Infinity);
    }
  });
});

test("a new store's link is answered at once in the midst of a flood of links that lead nowhere, unless AWS does not list it yet", async () => {
  const install = await InstallStand.create();
  for (let at = 0; at < 100; at += 1) await FLOODS["links that lead nowhere"](install, at);
  const visit = await install.open();
  expect(visit.reply.statusCode).toBe(302);
});
