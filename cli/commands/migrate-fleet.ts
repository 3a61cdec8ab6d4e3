import { type AppKey, isAppKey } from "../../contract/brands";
import { plural } from "../../contract/plural";
import { adviceFor } from "../../contract/store/advice";
import { isoOf, MINUTE_MS, parseIso, SECOND_MS } from "../../contract/time";
import { waveSizes } from "../../contract/waves";
import type { Call, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { readFleet } from "../fleet/fleet";
import { type Driving, type Migrated, migrateInWaves } from "../fleet/migrate-waves";
import { type MigrationPlan, planMigration } from "../fleet/migration-plan";
import { namedStores } from "../fleet/store-names";
import type { StoreSeen } from "../fleet/store-view";
import { numberOf, waveRulesOf } from "../fleet/wave-options";
import type { WavesEnd } from "../fleet/waves";
import { ON_MACHINE, runOnMachine } from "../list/run-waves";
import { type Complaint, formatComplaints } from "../print/complaints";
import { jsonText } from "../print/json";
import { shownWord } from "../print/shown-word";
import { parseSpan, spanText } from "../print/spans";
import { Refusal, usageError } from "../refusal";

/** The sweep renews a pair 25 minutes after it was made, and passes every ten minutes. */
const USUAL_SOAK_MS = 60 * MINUTE_MS;
/** What one migration and its proof take, as a rule. */
const STORE_MS = 4 * SECOND_MS;
const FIRST_RENEWAL_MS = 35 * MINUTE_MS;
const AT_ONCE = 5;

/** The options of `migrate` for a fleet. */
export const FLEET_OPTIONS = {
  all: { type: "boolean", help: "every store whose token has no end, in waves" },
  app: { type: "string", value: "app", help: "those of this app" },
  except: { type: "string", value: "stores", help: "but not these, with commas between" },
  ...ON_MACHINE,
  "dry-run": { type: "boolean", help: "say who is migrated and who stays behind, and do nothing" },
  "at-once": { type: "string", value: "stores", help: `how many at a time (default ${AT_ONCE})` },
  soak: {
    type: "string",
    value: "span",
    help: "how long the first few may take until the sweep renewed each once (default 60m)",
  },
} as const;

/** How a fleet is to be migrated. */
interface Wanted extends Driving {
  readonly app: AppKey | undefined;
}

/**
 * Reads the options.
 *
 * @throws {Refusal} what is wrong with them
 */
export function wantedOf(typed: Typed): Wanted {
  const { text } = typed;
  const app = text("app");
  if (app !== undefined && !isAppKey(app)) {
    throw usageError(`${shownWord(app)} is no key of an app`, "shopify-secrets status --json");
  }
  const soak = text("soak");
  const soakMs = soak === undefined ? USUAL_SOAK_MS : parseSpan(soak);
  if (soakMs === undefined)
    throw usageError("--soak is no span of time", "give one such as --soak 60m");
  const atOnce = numberOf(text("at-once"), { name: "at-once", least: 1, usual: AT_ONCE });
  return { app, rules: waveRulesOf(typed), atOnce, soakMs };
}

/** Migrates a fleet: says first who and how long, asks, then goes in waves, and reports. */
export async function migrateFleet(call: Call): Promise<ExitCode> {
  const wanted = wantedOf(call);
  const fleet = await readFleet(call);
  const plan = planMigration(chosenOf(call, fleet, wanted.app), call.now());
  const { out } = call.host;
  if (!call.json) out.write(`${byKeyText(plan)}${planText(call, plan, wanted)}`);
  const isDry = call.flag("dry-run") || plan.go.length === 0;
  if (isDry || !(await isConsented(call, plan.go.length))) {
    if (call.json) out.write(jsonText(jsonOf(call, { plan, wanted, end: undefined })));
    return plan.go.length === 0 && plan.behind.length > 0 ? EXIT.needsPerson : EXIT.well;
  }
  if (call.flag("on-machine")) return await migrateOnMachine(call, plan, wanted);
  const end = await migrateInWaves(call, plan.go, wanted);
  out.write(
    call.json ? jsonText(jsonOf(call, { plan, wanted, end })) : reportText(call, plan, end),
  );
  const isWhole = end.results.every(({ hasFailed }) => !hasFailed) && plan.behind.length === 0;
  return isWhole && end.stopped === undefined ? EXIT.well : EXIT.needsPerson;
}

async function migrateOnMachine(
  call: Call,
  { go }: MigrationPlan,
  { rules, soakMs }: Wanted,
): Promise<ExitCode> {
  return await runOnMachine(call, { verb: "migrate", stores: go, rules, soakMs, done: "migrated" });
}

function chosenOf(
  call: Call,
  fleet: readonly StoreSeen[],
  app: AppKey | undefined,
): readonly StoreSeen[] {
  const own = app === undefined ? fleet : fleet.filter((seen) => seen.declaration?.app === app);
  if (own.length === 0) {
    throw usageError(
      `no store belongs to an app ${shownWord(app ?? "")}`,
      "shopify-secrets status --json",
    );
  }
  const excepted = namedStores(own, call.text("except")?.split(",") ?? []);
  return own.filter((seen) => !excepted.includes(seen));
}

/** Without anybody to ask, and without `--yes`, it was a dry run. */
async function isConsented(call: Call, stores: number): Promise<boolean> {
  const { host, flag } = call;
  if (flag("yes")) return true;
  const typed = await host.ask(
    `Shopify revokes the access tokens without an end of ${plural(stores, "store")}, for good. Type the number of stores to go on: `,
  );
  if (typed === undefined) {
    host.err.write(`Nothing was migrated: this was a dry run. Next: ${commandOf(call)} --yes\n`);
    return false;
  }
  if (typed.trim() === `${stores}`) return true;
  throw new Refusal("nothing was migrated", commandOf(call));
}

/** The same command again. */
function commandOf({ text, prefix }: Pick<Call, "text" | "prefix">): string {
  const app = text("app");
  const except = text("except");
  const which = app === undefined ? "--all" : `--app ${app}`;
  return `shopify-secrets migrate ${which}${except === undefined ? "" : ` --except ${except}`} --prefix ${prefix}`;
}

/** What is offered first: it takes no exchange that cannot be undone, and no merchant. */
function byKeyText({ byKey }: MigrationPlan): string {
  return byKey
    .map(({ app, stores, next }) => {
      const lines = [
        `${plural(stores.length, "store")} of the public app ${app} may do without a migration: the app's own key gets their tokens, without their merchants (experimental: docs/signing.md).`,
        "What they have now works until then, and the pair that a store had is taken up again for three hours; a token without an end is put again.",
        `Next: ${next}`,
      ];
      return `${lines.join("\n")}\n\n`;
    })
    .join("");
}

function planText(call: Call, plan: MigrationPlan, wanted: Wanted): string {
  const { go, behind, done } = plan;
  const lines = [
    `${plural(go.length, "store")} of ${call.prefix} to migrate${wanted.app === undefined ? "" : ` for app ${wanted.app}`}; ${done.length} done before, ${behind.length} ${behind.length === 1 ? "stays" : "stay"} behind.`,
  ];
  if (go.length > 0) {
    const sizes = waveSizes(go.length, wanted.rules);
    const first = wanted.rules.canary > 0 ? `, the first until each was renewed once` : "";
    const share = `${Math.round(wanted.rules.failuresAllowed * 100)}%`;
    lines.push(
      "",
      ...wrapped(`  ${go.map(({ store }) => store).join(", ")}`),
      "",
      `In ${plural(sizes.length, "wave")} of ${sizes.join(", ")}${first}, ${wanted.atOnce} at a time: about ${spanText(durationMs(go.length, wanted))}.`,
      `Every new token is tried at Shopify. Nothing more is begun once one of the first few fails, or more than ${share} of all.`,
      "Shopify kills each old token with its answer, and nothing turns that back: applications have to read the secret again.",
    );
  }
  return `${lines.join("\n")}\n${behindText(call, plan)}`;
}

function durationMs(stores: number, { rules, atOnce }: Wanted): number {
  const soak = rules.canary > 0 ? FIRST_RENEWAL_MS : 0;
  return soak + Math.ceil(stores / atOnce) * STORE_MS + waveSizes(stores, rules).length * STORE_MS;
}

function wrapped(text: string, width = 110): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length + 1 > width) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function behindText(call: Call, { behind }: MigrationPlan): string {
  if (behind.length === 0) return "";
  const complaints = behind.map(({ seen: { store }, why, next }) => ({
    store,
    code: "",
    owner: "left behind",
    says: why,
    next,
  }));
  return `\n${formatComplaints(complaints, call.host)}`;
}

function leftOf({ go }: MigrationPlan, { results }: WavesEnd<Migrated>): StoreSeen[] {
  const begun = new Set(results.map(({ store }) => store));
  return go.filter(({ store }) => !begun.has(store));
}

function reportText(call: Call, plan: MigrationPlan, end: WavesEnd<Migrated>): string {
  const { results, stopped } = end;
  const failed = results.filter(({ hasFailed }) => hasFailed);
  const left = leftOf(plan, end);
  const lines = [
    "",
    `${results.length - failed.length} of ${plan.go.length} migrated, ${failed.length} failed, ${left.length} not begun.`,
  ];
  if (stopped !== undefined) {
    const why =
      stopped.why === "canary_failed"
        ? "one of the first few failed"
        : `${stopped.failed} of ${stopped.of} failed`;
    lines.push(
      `Stopped: ${why}. What is migrated stays so, which nobody can turn back; what was not begun is as it was.`,
      `Next: mend what failed, or leave it out (--except ${failed.map(({ store }) => store).join(",")}), then ${commandOf(call)}, which goes on with the rest`,
    );
  }
  const complaints = failed.map((one) => complaintOf(one, plan));
  const told = complaints.length === 0 ? "" : `\n${formatComplaints(complaints, call.host)}`;
  return `${lines.join("\n")}\n${told}`;
}

function complaintOf(migrated: Migrated, { go }: MigrationPlan): Complaint {
  const { store, code, refusal, outcome } = migrated;
  if (refusal !== undefined) {
    return { store, code, owner: "operator", says: refusal.message, next: refusal.next };
  }
  const seen = go.find((one) => one.store === store);
  if (seen !== undefined && code !== "") {
    return { store, code, ...adviceFor(seen, { state: "failing", code }) };
  }
  const says = `its migration is ${outcome}: it was not renewed in time, or Shopify was not seen to take the new token`;
  return { store, code, owner: "operator", says, next: `shopify-secrets check ${store}` };
}

interface Reported {
  readonly plan: MigrationPlan;
  readonly wanted: Wanted;
  /** Undefined: nothing was begun. */
  readonly end: WavesEnd<Migrated> | undefined;
}

function jsonOf({ prefix }: Call, { plan, wanted, end }: Reported): object {
  const { go, behind, done } = plan;
  return {
    prefix,
    app: wanted.app ?? null,
    dry_run: end === undefined,
    to_migrate: go.map(({ store }) => store),
    done_before: done.map(({ store }) => store),
    by_key: plan.byKey.map(({ app, stores, next }) => ({
      app,
      stores: stores.map(({ store }) => store),
      next,
    })),
    stays_behind: behind.map(({ seen, why, next }) => ({ store: seen.store, says: why, next })),
    waves: waveSizes(go.length, wanted.rules),
    about_seconds: Math.round(durationMs(go.length, wanted) / SECOND_MS),
    stores: end?.results.map(rowOf) ?? [],
    stopped: end?.stopped && {
      why: end.stopped.why,
      failed: end.stopped.failed,
      of: end.stopped.of,
    },
    not_begun:
      end === undefined
        ? go.map(({ store }) => store)
        : leftOf(plan, end).map(({ store }) => store),
  };
}

function rowOf({ store, outcome, code, refusal, result }: Migrated): object {
  const expiresAt = parseIso(result?.expiresAt ?? "");
  return {
    store,
    outcome,
    code: code === "" ? null : code,
    expires_at: expiresAt === undefined ? null : isoOf(expiresAt),
    version_id: result?.versionId ?? null,
    ...(refusal === undefined ? {} : { says: refusal.message, next: refusal.next }),
  };
}
