import { isErrorCode } from "../../contract/errors";
import type { ListFailure } from "../../contract/listed/list-steps";
import {
  encodeWave,
  MACHINE_WAVES,
  type WavesWanted,
  wavesOf,
} from "../../contract/listed/wave-run";
import { plural } from "../../contract/plural";
import { adviceFor } from "../../contract/store/advice";
import { isoOf } from "../../contract/time";
import type { WaveRules } from "../../contract/waves";
import type { Call, Option } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { atOnce } from "../fleet/at-once";
import type { StoreSeen } from "../fleet/store-view";
import { type Complaint, formatComplaints } from "../print/complaints";
import { jsonText } from "../print/json";
import { Refusal } from "../refusal";
import { failureComplaint } from "./failure-complaint";
import { followWhileItRuns, type RunEnd } from "./follow";
import { findMachine, underWay } from "./machine";
import { restText, unexplainedText, whyEnded } from "./run-told";

/** The option of commands whose waves a stack's state machine can drive. */
export const ON_MACHINE = {
  "on-machine": {
    type: "boolean",
    help: "let the state machine of the list drive the waves, also when this command ends",
  },
} as const satisfies Readonly<Record<string, Option>>;

/** What a run in waves is to do. */
export interface OnMachine {
  readonly verb: WavesWanted["verb"];
  /** Those that go first first. */
  readonly stores: readonly StoreSeen[];
  readonly rules: WaveRules;
  readonly soakMs: number;
  /** How what was done is called, such as `renewed`. */
  readonly done: string;
}

/**
 * Has the state machine change stores in waves, follows it and tells how it ended; the run goes on when this command is
 * closed, and `apply` follows it.
 *
 * @throws {Refusal} the stack has no list, or another run is under way
 */
export async function runOnMachine(call: Call, wanted: OnMachine): Promise<ExitCode> {
  const machine = await findMachine(call);
  const runs = await call.aws.listRuns();
  if ((await underWay(runs, machine)) !== undefined) {
    throw new Refusal("a run is under way already", "shopify-secrets apply, which follows it");
  }
  const run = `${wanted.verb}-${isoOf(call.now()).replaceAll(":", "-")}`;
  const rules = { ...wanted.rules, ...MACHINE_WAVES };
  const stores = wanted.stores.map(({ store }) => store);
  const waves = wavesOf({ ...wanted, stores, run, rules });
  await atOnce(waves, (planned) =>
    runs.writeWork(machine.bucket, planned.wave.key, encodeWave(planned)),
  );
  const input = { waves: waves.map(({ wave }) => wave) };
  const executionArn = await runs.start(machine.machineArn, run, input);
  const about = { executionArn, bucket: machine.bucket };
  const end = await followWhileItRuns(call, runs, about);
  if (call.json) call.host.out.write(jsonText(jsonOf(call, wanted, end)));
  else tell(call, wanted, end);
  return end.run.status === "SUCCEEDED" && end.counts.failed === 0 ? EXIT.well : EXIT.needsPerson;
}

function countsOf({ stores }: OnMachine, { counts: { succeeded, failed, unfinished } }: RunEnd) {
  return { done: succeeded, failed, unfinished, left: stores.length - succeeded - failed };
}

function tell(call: Call, wanted: OnMachine, end: RunEnd): void {
  const { out } = call.host;
  const { done, failed } = countsOf(wanted, end);
  const rest = restText({ ...end.counts, total: wanted.stores.length });
  const of = plural(wanted.stores.length, "store");
  out.write(`${done} of ${of} ${wanted.done}, ${failed} failed${rest}\n`);
  const { failures } = end;
  if (failures.length > 0) {
    const byKey = new Map(wanted.stores.map((seen) => [String(seen.store), seen]));
    const complaints = failures.map((failure) => complaintOf(failure, byKey.get(failure.store)));
    out.write(`\n${formatComplaints(complaints, call.host)}`);
  }
  out.write(unexplainedText(end, "shopify-secrets status, then the same command"));
  if (end.run.status === "SUCCEEDED") return;
  const { says, next } = whyEnded(end);
  out.write(`\n${says}. Next: ${next}\n`);
}

/** What is next depends on the kind of the store, and on where it comes from. */
function complaintOf(failure: ListFailure, seen: StoreSeen | undefined): Complaint {
  const { code } = failure;
  if (seen === undefined || !isErrorCode(code)) return failureComplaint(failure);
  return { store: seen.store, code, ...adviceFor(seen, { state: "failing", code }) };
}

function jsonOf({ prefix }: Call, wanted: OnMachine, end: RunEnd): object {
  const { run, failures } = end;
  return {
    prefix,
    run: run.name,
    status: run.status.toLowerCase(),
    stores: countsOf(wanted, end),
    unexplained: end.unexplained,
    failures: failures.map(({ store, code }) => ({ store, code })),
  };
}
