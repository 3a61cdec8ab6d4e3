import { ENVIRONMENT } from "../../contract/environment";
import { adviceOf, adviceRow, type ErrorCode } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { type FunctionRole, functionName, LARGE_FLEET_ROLES, originOf } from "../../contract/names";
import { plural } from "../../contract/plural";
import { conditionOf } from "../../contract/store/condition";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "../../contract/time";
import { REFRESH } from "../../contract/up";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { agingVersions } from "../fleet/api-versions";
import { askCheck } from "../fleet/ask-functions";
import { readFleet } from "../fleet/fleet";
import { keysOfApps } from "../fleet/signing-keys";
import { nextRenewalOf, type StoreSeen } from "../fleet/store-view";
import { heartbeatOf, sweepRemedy } from "../fleet/sweep-heartbeat";
import { hasWorkers } from "../fleet/workers";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { ageText, spanText } from "../print/spans";
import { outPaint } from "../print/stores";
import { formatTable } from "../print/table";
import { Refusal } from "../refusal";

/** `doctor`: looks for what keeps the stack, or this command, from working; changes nothing. */
export const doctor: Command = {
  name: "doctor",
  usage: "",
  takes: "nothing",
  summary: "look for what keeps the stack or this command from working",
  async run(call) {
    // New stores may have to be waited for, which says so itself.
    const fleet = await orFinding("stores", () => readFleet(call));
    const findings = !Array.isArray(fleet)
      ? [fleet]
      : await whileTelling(
          call.host,
          () => "examining the stack",
          () => examine(call, fleet),
        );
    print(call, findings);
    return findings.some(({ verdict }) => verdict === "bad") ? EXIT.needsPerson : EXIT.well;
  },
};

/** One thing that was looked at. */
interface Finding {
  readonly subject: string;
  readonly verdict: "good" | "unknown" | "bad";
  readonly says: string;
  /** What to do about a bad one. */
  readonly next?: string;
}

/** What somebody changed or deleted by hand is seen by a refresh only. */
const POLICIES = "attach the operator policy of docs/operators.md, if you are meant to";
/** AWS refuses requests whose time is more than five minutes off. */
const CLOCK_MARGIN_MS = 2 * MINUTE_MS;

async function examine(call: Call, fleet: readonly StoreSeen[]): Promise<Finding[]> {
  return [
    { subject: "stores", verdict: "good", says: `${fleet.length} under ${call.prefix}` },
    clockFinding(call),
    ...(await examineFunctions(call, fleet)),
    await descriptionFinding(call, fleet),
    rotationFinding(call, fleet),
    sweepFinding(call, fleet),
    ...versionFindings(call, fleet),
    ...(await refreshKeyFindings(call, fleet)),
    ...(await signingKeyFindings(call, fleet)),
    ...(await trialFindings(call, fleet)),
  ];
}

async function orFinding<T>(subject: string, look: () => Promise<T>): Promise<T | Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { subject, verdict: "bad", says: error.message, next: error.next };
  }
}

/** Whether the keys of apps that sign can: whose policy lets the functions is for AWS to say, and for the status. */
async function signingKeyFindings(call: Call, fleet: readonly StoreSeen[]): Promise<Finding[]> {
  return (await keysOfApps(call, fleet)).flatMap(({ app, keys }): Finding[] => {
    const subject = `key of ${app}`;
    if (keys === undefined) {
      return [{ subject, verdict: "unknown", says: "it is not to be seen", next: POLICIES }];
    }
    return keys.map(({ name, state, createdAt }) => {
      if (state !== "Enabled") {
        const { next } = adviceOf("signing_key_unusable", { app });
        return { subject, verdict: "bad", says: `${name} is ${state}`, next };
      }
      const age = createdAt === undefined ? "" : `, ${ageText(createdAt, call.now())} old`;
      return { subject, verdict: "good", says: `${name} can sign${age}` };
    });
  });
}

/** What Shopify ends silently: the stores work on, with answers of another version. */
function versionFindings(call: Call, fleet: readonly StoreSeen[]): Finding[] {
  const aging = agingVersions(fleet, call.now());
  const subject = "API versions";
  if (aging.length === 0) return [{ subject, verdict: "good", says: "Shopify serves all of them" }];
  return aging.map(({ says, next, standing }) => ({
    subject,
    verdict: standing === "retired" ? "bad" : "unknown",
    says,
    next,
  }));
}

function clockFinding({ aws }: Call): Finding {
  const leadMs = aws.clockLeadMs();
  const subject = "clock";
  if (leadMs === undefined) return { subject, verdict: "unknown", says: "AWS told no time" };
  const off = `${spanText(Math.abs(leadMs))} ${leadMs > 0 ? "ahead of" : "behind"} AWS`;
  if (Math.abs(leadMs) > CLOCK_MARGIN_MS) {
    return { subject, verdict: "bad", says: off, next: "set this machine's clock (NTP)" };
  }
  const isClose = Math.abs(leadMs) < SECOND_MS;
  return { subject, verdict: "good", says: isClose ? "agrees with AWS" : off };
}

/** A stack has the functions that its stores need. */
function neededRoles(fleet: readonly StoreSeen[], hasQueue: boolean): readonly FunctionRole[] {
  const hasPairs = fleet.some(
    ({ declaration }) => declaration !== undefined && kindFactsOf(declaration).hasRefreshToken,
  );
  return [
    "rotate",
    "enrol",
    "sweep",
    ...(hasPairs ? (["install"] as const) : []),
    ...(hasQueue ? LARGE_FLEET_ROLES : []),
  ];
}

async function examineFunctions(call: Call, fleet: readonly StoreSeen[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const sweep = await orFinding("sweep", async () => ({ hasQueue: await hasWorkers(call) }));
  const hasQueue = "hasQueue" in sweep && sweep.hasQueue;
  for (const role of neededRoles(fleet, hasQueue)) {
    const name = functionName(call.prefix, role);
    const found = await orFinding(name, () => functionFinding(call, { name, role }));
    findings.push(found);
  }
  return findings;
}

async function functionFinding(
  { aws }: Call,
  { name, role }: { readonly name: string; readonly role: FunctionRole },
): Promise<Finding> {
  const found = await aws.functions.describe(name);
  if (found === undefined) {
    return { subject: name, verdict: "bad", says: "does not exist", next: REFRESH };
  }
  const { state, lastUpdate } = found;
  if (/Failed/.test(`${state} ${lastUpdate}`)) {
    return {
      subject: name,
      verdict: "bad",
      says: `${state}, last update ${lastUpdate}`,
      next: REFRESH,
    };
  }
  if (ASLEEP.test(state)) {
    const says = `is there, and asleep (${state}): the next call wakes it, which takes two minutes at most`;
    return { subject: name, verdict: "unknown", says };
  }
  // No command runs them: API Gateway does, and Lambda with what lies in the queue.
  if (role === "install" || role === "work")
    return { subject: name, verdict: "good", says: "is there" };
  if (!(await aws.functions.mayInvoke(name))) {
    return { subject: name, verdict: "unknown", says: `is there; you may not run it: ${POLICIES}` };
  }
  return { subject: name, verdict: "good", says: "is there, and you may run it" };
}

/** Lambda lets a function sleep that nobody has called for weeks; the sweep keeps those awake that would be missed. */
const ASLEEP = /^(?:Inactive|Pending)$/;

async function descriptionFinding({ aws }: Call, [first]: readonly StoreSeen[]): Promise<Finding> {
  const subject = "permissions";
  if (first === undefined) return { subject, verdict: "unknown", says: "there is no store to try" };
  const found = await orFinding(subject, () => aws.secrets.describe(first.secretArn));
  if ("verdict" in found) return found;
  return { subject, verdict: "good", says: "secrets can be listed and described" };
}

function rotationFinding(call: Call, fleet: readonly StoreSeen[]): Finding {
  const subject = "rotation schedules";
  const now = call.now();
  const rotating = fleet.filter(
    ({ declaration }) =>
      declaration !== undefined && kindFactsOf(declaration).renewer === "secrets-manager",
  );
  const off = rotating.filter(({ facts }) => !facts.rotationEnabled).map(({ store }) => store);
  const late = rotating
    .filter((seen) => (nextRenewalOf(seen) ?? now) < now)
    .map(({ store }) => store);
  if (off.length > 0) {
    return { subject, verdict: "bad", says: `switched off for ${off.join(", ")}`, next: REFRESH };
  }
  if (late.length > 0) {
    const next = `shopify-secrets rotate ${late.join(" ")}`;
    return { subject, verdict: "bad", says: `overdue for ${late.join(", ")}`, next };
  }
  return { subject, verdict: "good", says: `${plural(rotating.length, "store")}, none overdue` };
}

/** A disabled schedule cannot be seen with the operator's permissions; that nobody passes can. */
function sweepFinding({ now, prefix }: Call, fleet: readonly StoreSeen[]): Finding {
  const subject = "sweep schedule";
  const { verdict, says } = heartbeatOf(fleet, now());
  if (verdict === "beats") return { subject, verdict: "good", says };
  if (verdict === "new") {
    return { subject, verdict: "unknown", says: `${says}; the first is due within ten minutes` };
  }
  const late = `${says}, and one is due every ten minutes`;
  return { subject, verdict: "bad", says: late, next: sweepRemedy(prefix) };
}

/** Lets the functions try one token: whether they can read it, and reach Shopify with it. */
async function trialFindings(call: Call, fleet: readonly StoreSeen[]): Promise<Finding[]> {
  const subject = "Shopify";
  const one = storeToTry(fleet, call.now());
  if (one === undefined) {
    return [{ subject, verdict: "unknown", says: "there is no store with a token to try" }];
  }
  const asked = { functions: call.aws.functions, prefix: call.prefix };
  const found = await orFinding(subject, () => askCheck(asked, [one.store]));
  if ("verdict" in found) return [found];
  const [{ code, answer = code || "works" } = { code: "" as const }] = found;
  if (answer === "works" || adviceRow(answer).from === "shopify") {
    return [{ subject, verdict: "good", says: `the functions reach it (${one.store})` }];
  }
  if (adviceRow(answer).from === "no_answer") {
    const next = "wait; if it stays, look at the functions' network (shopify-secrets:vpc)";
    return [{ subject, verdict: "bad", says: `the functions get ${answer}`, next }];
  }
  const says = `not asked: the functions do not come to the token of ${one.store}`;
  return [{ subject, verdict: "unknown", says }, hindranceOf(one, answer)];
}

/** A store whose token works, else any that has one: what keeps all of them from being read is found too. */
function storeToTry(fleet: readonly StoreSeen[], now: EpochMs): StoreSeen | undefined {
  const held = fleet.filter(({ current }) => current !== undefined);
  return held.find((seen) => conditionOf(seen, now).state === "ok") ?? held[0];
}

/** What keeps the functions from trying a token. */
function hindranceOf({ store, facts, declaration }: StoreSeen, code: ErrorCode): Finding {
  const app = declaration?.app;
  const origin = originOf(facts);
  const advice = adviceOf(code, { store, ...(app && { app }), ...(origin && { origin }) });
  const says = `the functions get ${code} of ${store}: ${advice.says}`;
  const { kmsKeyId } = facts;
  if (code === "key_denied" && kmsKeyId !== undefined) {
    return { subject: "key", verdict: "bad", says, next: keyRemedy(kmsKeyId) };
  }
  // The code's own advice may lead here.
  const next = advice.next.includes("shopify-secrets doctor") ? REFRESH : advice.next;
  return { subject: "functions", verdict: "bad", says, next };
}

function keyRemedy(keyId: string): string {
  const [look, enable] = ["describe-key", "enable-key"].map(
    (verb) => `aws kms ${verb} --key-id ${keyId}`,
  );
  return `${look}; when it is disabled: ${enable}; else its policy: ${REFRESH}`;
}

/** A check opens no refresh token: that its key is shut stands in the stores' last errors alone. */
async function refreshKeyFindings(
  { aws, prefix, now }: Call,
  fleet: readonly StoreSeen[],
): Promise<Finding[]> {
  const code = "refresh_token_unreadable";
  const shut = fleet.filter((seen) => conditionOf(seen, now()).code === code);
  if (shut.length === 0) return [];
  const sweep = await aws.functions.describe(functionName(prefix, "sweep"));
  const keyArn = sweep?.variables[ENVIRONMENT.refreshKeyArn];
  const says = `${shut.map(({ store }) => store).join(", ")}: ${code}: ${adviceOf(code).says}`;
  const next = keyArn === undefined ? REFRESH : keyRemedy(keyArn);
  return [{ subject: "refresh key", verdict: "bad", says, next }];
}

function jsonOf({ subject, verdict, says, next }: Finding): object {
  return { subject, verdict, says, next };
}

const MARKS = { good: "ok", unknown: "?", bad: "BAD" } as const;
const COLOURS = { good: "green", unknown: "yellow", bad: "red" } as const;

function print(call: Call, findings: readonly Finding[]): void {
  const { out } = call.host;
  if (call.json) {
    out.write(jsonText({ prefix: call.prefix, findings: findings.map(jsonOf) }));
    return;
  }
  const columns = [{ title: "" }, { title: "WHAT" }, { title: "FOUND" }];
  const rows = findings.map(({ subject, verdict, says }) => [
    { text: MARKS[verdict], colour: COLOURS[verdict] },
    { text: subject },
    { text: says },
  ]);
  out.write(formatTable({ columns, rows }, out.columns, outPaint(call.host)));
  const bad = findings.filter(({ next }) => next !== undefined);
  if (bad.length > 0) out.write("\n");
  for (const { subject, next } of bad) out.write(`${subject}. Next: ${next}\n`);
}
