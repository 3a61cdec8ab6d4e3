import { adviceOf, isErrorCode } from "../../contract/errors";
import type { ListPlan } from "../../contract/listed/list-plan";
import type { ListFailure } from "../../contract/listed/list-steps";
import { parseStoreList } from "../../contract/listed/listed-store";
import { plural } from "../../contract/plural";
import { isoOf } from "../../contract/time";
import { UP } from "../../contract/up";
import type { ListRunsPort } from "../aws/ports";
import type { Call, Command, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { failureComplaint } from "../list/failure-complaint";
import { EVER, follow, type RunEnd } from "../list/follow";
import { type DeployedList, findMachine, underWay } from "../list/machine";
import { formatPlan, planJson, planOf } from "../list/plan-shown";
import { paintOf } from "../print/colour";
import { jsonText, writeResult } from "../print/json";
import { type Complaint, formatComplaints, outPaint } from "../print/stores";
import { codedRefusal, Refusal, usageError } from "../refusal";

const WAYS = ["plan", "stop", "resume"] as const;

/** `apply`: has the list of stores carried out, and follows it. */
export const apply: Command = {
  name: "apply",
  usage: "[--plan | --stop | --resume] [--at-once <stores>] [--retire-at-most <percent>]",
  takes: "nothing",
  summary: "apply the list of stores (shopify-secrets:fleet), or follow the run that is under way",
  exitCodes:
    "Exit codes: 0 every store is as the list wants, 1 some need a person, 2 wrong usage, 3 the run was refused, stopped or failed.",
  options: {
    plan: { type: "boolean", help: "show what would be done, and do nothing" },
    stop: { type: "boolean", help: "stop the run that is under way; what is done stays" },
    resume: { type: "boolean", help: "go on with a run that was stopped or failed" },
    "at-once": {
      type: "string",
      value: "stores",
      help: "work on so many stores at once, also of the run that is under way",
    },
    "retire-at-most": {
      type: "string",
      value: "percent",
      help: "let this run retire so large a share of the stores",
    },
  },
  judge(typed) {
    if (WAYS.filter((way) => typed.flag(way)).length > 1) {
      throw usageError("give one of --plan, --stop and --resume", "shopify-secrets apply --help");
    }
    numberIn(typed, "at-once", [1, 1_000]);
    numberIn(typed, "retire-at-most", [0, 100]);
  },
  async run(call) {
    const machine = await findMachine(call);
    const runs = await call.aws.listRuns();
    if (call.flag("stop")) return await stop(call, runs, machine);
    if (call.flag("resume")) return await resume(call, runs, machine);
    return await begin(call, runs, machine);
  },
};

function numberIn(
  typed: Typed,
  option: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = typed.text(option);
  if (text === undefined) return undefined;
  const given = Number(text);
  if (Number.isInteger(given) && given >= least && given <= most) return given;
  throw usageError(
    `--${option} must be a whole number from ${least} to ${most}`,
    "shopify-secrets apply --help",
  );
}

async function stop(call: Call, runs: ListRunsPort, machine: DeployedList): Promise<ExitCode> {
  const executionArn = await underWay(runs, machine);
  if (executionArn === undefined) {
    throw new Refusal("no run is under way", "shopify-secrets apply");
  }
  await runs.stop(executionArn);
  const end = await follow(call, runs, { executionArn, bucket: machine.bucket, since: EVER });
  if (call.json) call.host.out.write(jsonText(endJson(call, end)));
  else call.host.out.write(`${countsText(end)}\nStopped. Next: shopify-secrets apply --resume\n`);
  return EXIT.well;
}

async function resume(call: Call, runs: ListRunsPort, machine: DeployedList): Promise<ExitCode> {
  const executionArn = await runs.latest(machine.machineArn);
  const status = executionArn && (await runs.look(executionArn)).status;
  if (executionArn === undefined || status === "RUNNING" || status === "SUCCEEDED") {
    throw new Refusal("no run was stopped or failed", "shopify-secrets apply");
  }
  const since = call.now();
  await runs.redrive(executionArn);
  return await followAndTell(call, runs, { executionArn, bucket: machine.bucket, since });
}

async function begin(call: Call, runs: ListRunsPort, machine: DeployedList): Promise<ExitCode> {
  const { bucket } = machine;
  const running = await underWay(runs, machine);
  if (running !== undefined && !call.flag("plan")) {
    call.host.err.write("a run is under way, and this follows it\n");
    return await followAndTell(call, runs, { executionArn: running, bucket, since: EVER });
  }
  const retireAtMost = numberIn(call, "retire-at-most", [0, 100]);
  const plan = await planNow(call, runs, { bucket, retireAtMost });
  if (call.flag("plan")) {
    writeResult(call, { prefix: call.prefix, plan: planJson(plan) }, () =>
      formatPlan(plan, outPaint(call.host)),
    );
    return plan.refusal === undefined ? EXIT.well : EXIT.failed;
  }
  call.host.err.write(formatPlan(plan, paintOf(call.host.err, call.host.env)));
  refuseRetirement(plan);
  const name = isoOf(call.now()).replaceAll(":", "-").replace(".", "-");
  const input = retireAtMost === undefined ? {} : { retireAtMost };
  const executionArn = await runs.start(machine.machineArn, name, input);
  return await followAndTell(call, runs, { executionArn, bucket, since: EVER, plan });
}

async function planNow(
  call: Call,
  runs: ListRunsPort,
  { bucket, retireAtMost }: { readonly bucket: string; readonly retireAtMost: number | undefined },
): Promise<ListPlan> {
  const list = parseStoreList(await runs.readList(bucket));
  const head = `${call.prefix}/stores/`;
  const listed = await call.aws.secrets.list({ by: "name", head, includeDeleted: true });
  return planOf(list, listed, retireAtMost);
}

function refuseRetirement({ refusal }: ListPlan): void {
  if (refusal === undefined) return;
  const { says } = adviceOf("retirement_refused");
  const { retired, there, atMost } = refusal;
  const share = `${retired} of ${plural(there, "store")}, and it may retire ${atMost} percent`;
  const enough = Math.ceil((retired * 100) / there);
  const next = `mend the list, or on purpose: shopify-secrets apply --retire-at-most ${enough}`;
  throw new Refusal(`${says}: ${share}`, next, { code: "retirement_refused" });
}

async function followAndTell(
  call: Call,
  runs: ListRunsPort,
  about: Parameters<typeof follow>[2] & { readonly plan?: ListPlan },
): Promise<ExitCode> {
  const { plan } = about;
  const atOnce = numberIn(call, "at-once", [1, 1_000]);
  if (atOnce !== undefined) await changeConcurrency(call, runs, { ...about, atOnce });
  const end = await follow(call, runs, about);
  if (call.json) call.host.out.write(jsonText(endJson(call, end, plan)));
  else tellEnd(call, end);
  return exitCodeOf(end, plan);
}

/** The map begins some seconds after its run; one that has nothing to do has none. */
async function changeConcurrency(
  { host }: Call,
  runs: ListRunsPort,
  { executionArn, atOnce }: { readonly executionArn: string; readonly atOnce: number },
): Promise<void> {
  for (;;) {
    const map = await runs.mapRun(executionArn);
    if (map !== undefined) return await runs.setConcurrency(map.mapRunArn, atOnce);
    if ((await runs.look(executionArn)).status !== "RUNNING") return;
    await host.sleep(500);
  }
}

function exitCodeOf({ run, failures }: RunEnd, plan: ListPlan | undefined): ExitCode {
  if (run.status !== "SUCCEEDED") return EXIT.failed;
  const isWell = failures.length === 0 && (plan?.left.length ?? 0) === 0;
  return isWell ? EXIT.well : EXIT.needsPerson;
}

function tellEnd(call: Call, end: RunEnd): void {
  const { out } = call.host;
  const { run, failures } = end;
  out.write(`${countsText(end)}\n`);
  if (failures.length > 0) out.write(`\n${formatComplaints(failures.map(complaintOf), call.host)}`);
  if (run.status === "SUCCEEDED") return;
  const { says, next } = whyEnded(end);
  out.write(`\n${says}. Next: ${next}\n`);
}

function countsText({ map }: RunEnd): string {
  if (map === undefined) return "no store had anything to be done";
  const { total, succeeded, failed } = map;
  const left = total - succeeded - failed;
  const rest = left > 0 ? `, ${left} not begun` : "";
  return `${succeeded} of ${plural(total, "store")} done, ${failed} failed${rest}`;
}

/** Why a run did not come to its end. */
function whyEnded({ run }: RunEnd): { readonly says: string; readonly next: string } {
  const again = "mend what failed, then shopify-secrets apply --resume";
  if (run.status === "ABORTED") {
    return { says: "The run was stopped", next: "shopify-secrets apply --resume" };
  }
  if (run.error === "States.ExceedToleratedFailureThreshold") {
    return { says: "The run stopped: too many stores failed", next: again };
  }
  if (isErrorCode(run.error)) {
    const { says, next } = codedRefusal(run.error).json as { says: string; next: string };
    return { says, next };
  }
  return { says: `The run failed (${run.error ?? run.status})`, next: again };
}

/** What an `up` mends is made by the next run. */
function complaintOf(failure: ListFailure): Complaint {
  const complaint = failureComplaint(failure);
  const { next } = complaint;
  return next.endsWith(UP)
    ? { ...complaint, next: `${next}, then shopify-secrets apply` }
    : complaint;
}

function endJson({ prefix }: Call, end: RunEnd, plan?: ListPlan): object {
  const { run, map, failures } = end;
  return {
    prefix,
    run: run.name,
    status: run.status.toLowerCase(),
    error: run.error ?? null,
    plan: plan === undefined ? null : planJson(plan),
    stores: {
      total: map?.total ?? 0,
      succeeded: map?.succeeded ?? 0,
      failed: map?.failed ?? 0,
    },
    failures: failures.map((failure) => {
      const { code, says, next, owner } = complaintOf(failure);
      return { store: failure.store, deed: failure.deed, code, owner, says, next };
    }),
  };
}
