import { adviceOf } from "../../contract/errors";
import type { ListPlan } from "../../contract/listed/list-plan";
import { type ListRunInput, MOST_AT_ONCE } from "../../contract/listed/list-steps";
import { parseStoreList } from "../../contract/listed/listed-store";
import { plural } from "../../contract/plural";
import { isoOf, SECOND_MS } from "../../contract/time";
import type { ListRun, ListRunsPort, StoredList } from "../aws/ports";
import type { Call, Command, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { follow, followWhileItRuns, type RunEnd } from "../list/follow";
import { type DeployedList, findMachine, underWay } from "../list/machine";
import {
  formatPlan,
  formatPlanWhole,
  planJson,
  planOfNow,
  toldOfRefusal,
} from "../list/plan-shown";
import { endJson, tellEnd, tellStores } from "../list/run-told";
import { paintOf } from "../print/colour";
import { jsonText, writeResult } from "../print/json";
import { outPaint } from "../print/stores";
import { Refusal, usageError } from "../refusal";

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
    const ways = WAYS.filter((way) => typed.flag(way));
    const help = "shopify-secrets apply --help";
    if (ways.length > 1) throw usageError("give one of --plan, --stop and --resume", help);
    const share = numberIn(typed, "retire-at-most", [0, 100]);
    const atOnce = numberIn(typed, "at-once", [1, MOST_AT_ONCE]);
    const [way] = ways;
    if (share !== undefined && (way === "stop" || way === "resume")) {
      throw usageError(`--retire-at-most is of a run that begins, and not of --${way}`, help);
    }
    if (atOnce !== undefined && (way === "stop" || way === "plan")) {
      throw usageError(`--at-once is of a run that goes on, and not of --${way}`, help);
    }
  },
  async run(call) {
    const stage = { call, machine: await findMachine(call), runs: await call.aws.listRuns() };
    if (call.flag("stop")) return await stop(stage);
    if (call.flag("resume")) return await resume(stage);
    if (call.flag("plan")) return await showPlan(stage);
    return await begin(stage);
  },
};

/** A call about the list of a stack. */
interface Stage {
  readonly call: Call;
  readonly runs: ListRunsPort;
  readonly machine: DeployedList;
}

/** A run that is to be followed. */
interface Begun {
  readonly executionArn: string;
  /** What it was begun for. Default: somebody else began it. */
  readonly plan?: ListPlan;
}

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

async function stop({ call, runs, machine }: Stage): Promise<ExitCode> {
  const executionArn = await underWay(runs, machine);
  if (executionArn === undefined) {
    throw new Refusal("no run is under way", "shopify-secrets apply");
  }
  await runs.stop(executionArn);
  const end = await follow(call, runs, { executionArn, bucket: machine.bucket });
  if (call.json) call.host.out.write(jsonText(endJson(call.prefix, end, null)));
  else {
    tellStores(call.host, end);
    call.host.out.write("\nStopped. Next: shopify-secrets apply --resume\n");
  }
  const { total, succeeded } = end.counts;
  return total > 0 && succeeded === total ? EXIT.well : EXIT.needsPerson;
}

async function resume(stage: Stage): Promise<ExitCode> {
  const { runs, machine } = stage;
  const executionArn = await runs.latest(machine.machineArn);
  const run = executionArn === undefined ? undefined : await runs.look(executionArn);
  const isOver = run?.status === "RUNNING" || run?.status === "SUCCEEDED";
  if (executionArn === undefined || run === undefined || isOver) {
    throw new Refusal("no run was stopped or failed", "shopify-secrets apply");
  }
  if (isOfOlderList(run, await runs.lookAtList(machine.bucket))) {
    const { says, next } = adviceOf("list_replaced");
    throw new Refusal(`list_replaced: ${says}`, next, { code: "list_replaced" });
  }
  await runs.redrive(executionArn);
  return await followToNewest(stage, { executionArn });
}

async function showPlan(stage: Stage): Promise<ExitCode> {
  const { call } = stage;
  const plan = await planNow(stage, retireAtMostOf(call));
  writeResult(call, { prefix: call.prefix, plan: planJson(plan) }, () =>
    formatPlanWhole(plan, outPaint(call.host)),
  );
  return plan.refusal === undefined ? EXIT.well : EXIT.failed;
}

async function begin(stage: Stage): Promise<ExitCode> {
  const { call, runs, machine } = stage;
  const retireAtMost = retireAtMostOf(call);
  const executionArn = await underWay(runs, machine);
  if (executionArn === undefined) {
    return await followToNewest(stage, await beginRun(stage, { nth: 1, retireAtMost }));
  }
  if (retireAtMost !== undefined) {
    throw new Refusal(
      "a run is under way, and what it may retire was said when it began",
      `shopify-secrets apply, which follows it, then shopify-secrets apply --retire-at-most ${retireAtMost}`,
    );
  }
  call.host.err.write("a run is under way, and this follows it\n");
  return await followToNewest(stage, { executionArn });
}

function retireAtMostOf(call: Call): number | undefined {
  return numberIn(call, "retire-at-most", [0, 100]);
}

/** Shows what the newest list asks for, and has it begun. */
async function beginRun(
  stage: Stage,
  { nth, retireAtMost }: { readonly nth: number; readonly retireAtMost: number | undefined },
): Promise<Begun> {
  const { call, runs, machine } = stage;
  // Before it is read: a list that comes in between is then taken for a newer one, and never the other way round.
  const { etag: listEtag } = await runs.lookAtList(machine.bucket);
  const plan = await planNow(stage, retireAtMost);
  call.host.err.write(formatPlan(plan, paintOf(call.host.err, call.host.env)));
  refuseRetirement(plan);
  const time = isoOf(call.now()).replaceAll(":", "-");
  // Two may begin within a second, and no name comes twice.
  const name = nth === 1 ? time : `${time}-${nth}`;
  const input: ListRunInput = {
    listEtag,
    ...(retireAtMost === undefined ? {} : { retireAtMost }),
  };
  return { executionArn: await runs.start(machine.machineArn, name, input), plan };
}

async function planNow(
  { call, runs, machine }: Stage,
  retireAtMost: number | undefined,
): Promise<ListPlan> {
  const list = parseStoreList(await runs.readList(machine.bucket));
  const head = `${call.prefix}/stores/`;
  const listed = await call.aws.secrets.list({ by: "name", head, includeDeleted: true });
  return await planOfNow(list, listed, { secrets: call.aws.secrets, retireAtMost });
}

function refuseRetirement({ refusal }: ListPlan): void {
  if (refusal === undefined) return;
  const { code, says, next } = toldOfRefusal(refusal);
  throw new Refusal(`${code}: ${says}`, next, { code });
}

/** Follows a run, and as long as the list is replaced meanwhile the next one, which carries out the newest. */
async function followToNewest(stage: Stage, first: Begun): Promise<ExitCode> {
  const { call, runs, machine } = stage;
  let begun = first;
  for (let nth = 2; ; nth += 1) {
    const { executionArn, plan } = begun;
    await changeConcurrency(stage, executionArn);
    const end = await followWhileItRuns(call, runs, { executionArn, bucket: machine.bucket });
    if (
      end.run.status === "ABORTED" ||
      !isOfOlderList(end.run, await runs.lookAtList(machine.bucket))
    ) {
      return await tell(stage, end, plan);
    }
    if (!call.json) tellStores(call.host, end);
    call.host.err.write("\nthe list was replaced meanwhile, and the next run applies it\n");
    begun = await beginRun(stage, { nth, retireAtMost: undefined });
  }
}

/** Whether a run carries out another list than the newest; of one that does not say which, the times decide. */
function isOfOlderList(
  { waves, listEtag, beganAt }: ListRun,
  { etag, changedAt }: StoredList,
): boolean {
  if (waves !== undefined) return false;
  return listEtag === undefined ? changedAt > beganAt : listEtag !== etag;
}

/** Tells how the last run ended; one in waves leaves the list as it was. */
async function tell(stage: Stage, end: RunEnd, plan: ListPlan | undefined): Promise<ExitCode> {
  const { call } = stage;
  const shown = plan === undefined ? null : planJson(plan);
  if (call.json) call.host.out.write(jsonText(endJson(call.prefix, end, shown)));
  else tellEnd(call.host, end);
  const code = exitCodeOf(end, plan);
  if (end.run.waves === undefined || code !== EXIT.well) return code;
  const { tasks } = await planNow(stage, undefined);
  if (tasks.length === 0) return code;
  const waiting = plural(tasks.length, "store");
  call.host.err.write(
    `\nthe run changed stores in waves, and the list is not applied to ${waiting}. Next: shopify-secrets apply\n`,
  );
  return EXIT.needsPerson;
}

/** The map begins some seconds after its run; one that has nothing to do has none. */
async function changeConcurrency({ call, runs }: Stage, executionArn: string): Promise<void> {
  const atOnce = numberIn(call, "at-once", [1, MOST_AT_ONCE]);
  if (atOnce === undefined) return;
  for (;;) {
    const maps = await runs.mapRuns(executionArn);
    // A run in waves has a map for each; the one that works is the one to change.
    const map = maps.find(({ running }) => running > 0) ?? maps.at(-1);
    if (map !== undefined) return await runs.setConcurrency(map.mapRunArn, atOnce);
    if ((await runs.look(executionArn)).status !== "RUNNING") return;
    await call.host.sleep(SECOND_MS / 2);
  }
}

function exitCodeOf({ run, counts }: RunEnd, plan: ListPlan | undefined): ExitCode {
  if (run.status !== "SUCCEEDED") return EXIT.failed;
  const isWell = counts.failed === 0 && (plan?.left.length ?? 0) === 0;
  return isWell ? EXIT.well : EXIT.needsPerson;
}
