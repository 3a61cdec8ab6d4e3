import { randomUUID } from "node:crypto";
import {
  CancelRotateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  type RotationRulesType,
} from "@aws-sdk/client-secrets-manager";
import { ROTATION_ASSUMPTIONS as ASSUMED } from "./catalogue";
import { type Findings, holdsIf, type Sight } from "./findings";
import { refusalOf, untilAllowed } from "./patience";
import { ProbeFunction } from "./probe-function";
import { ProbeSecret } from "./probe-secret";
import type { Run } from "./run";

const RULES = { ScheduleExpression: "cron(0 1/8 * * ? *)", Duration: "1h" } as const;
/** Hours, UTC, at which a window of those rules closes. */
const CLOSING_HOURS = [2, 10, 18];
const BELIEVED_WITHIN_MS = 30_000;

/** A secret under rotation by the probe. */
interface Stage {
  readonly run: Run;
  readonly findings: Findings;
  readonly secret: ProbeSecret;
  readonly probe: ProbeFunction;
  /** The version that is AWSCURRENT. */
  readonly current: string;
}

/** Checks what a rotation does, with a function that writes nothing. */
export async function checkRotations(run: Run): Promise<void> {
  run.say("Secrets Manager: rotation");
  const current = randomUUID();
  const secret = await ProbeSecret.create(run, "rotation");
  await secret.put(current, "a");
  const probe = await ProbeFunction.create(run);
  const stage: Stage = { run, findings: run.findings, secret, probe, current };
  await stage.findings.check(ASSUMED.permission, async () => {
    const refusal = await refusalOf(rotate(stage, { rules: RULES, isImmediate: false }));
    return holdsIf(refusal === "AccessDeniedException", refusal ?? "it was accepted");
  });
  await probe.permit();
  await checkSchedule(stage);
  await checkFailingRotation(stage);
  await run.secrets.send(new CancelRotateSecretCommand({ SecretId: secret.arn }));
}

async function rotate(
  { run, secret, probe }: Stage,
  how: {
    readonly versionId?: string;
    readonly rules?: RotationRulesType;
    readonly isImmediate: boolean;
  },
): Promise<void> {
  await run.secrets.send(
    new RotateSecretCommand({
      SecretId: secret.arn,
      ClientRequestToken: how.versionId ?? randomUUID(),
      RotationLambdaARN: probe.arn,
      RotateImmediately: how.isImmediate,
      ...(how.rules === undefined ? {} : { RotationRules: how.rules }),
    }),
  );
}

async function checkSchedule(stage: Stage): Promise<void> {
  const { findings, secret, probe, run } = stage;
  const versionId = randomUUID();
  await findings.check(ASSUMED.schedule, async () => {
    const begin = () => rotate(stage, { versionId, rules: RULES, isImmediate: false });
    const mayPass = (error: unknown) =>
      error instanceof Error && error.name === "AccessDeniedException";
    await untilAllowed(begin, mayPass, { limitMs: BELIEVED_WITHIN_MS, signal: run.signal });
    const tooOften = { ScheduleExpression: "rate(2 hours)" };
    const refusal = await refusalOf(rotate(stage, { rules: tooOften, isImmediate: false }));
    return holdsIf(refusal !== undefined, "a schedule of two hours was accepted");
  });
  await findings.check(ASSUMED.copy, async () => {
    const events = await probe.eventsOf(versionId, (found) => found.length > 0);
    const labels = await secret.labelsOf(versionId, (found) => found.length === 0);
    const steps = events.map(({ step }) => step);
    const isSo = steps.length > 0 && steps.every((step) => step === "testSecret");
    return holdsIf(isSo && labels.length === 0, `steps ${steps}; labels left: ${labels}`);
  });
  await findings.check(ASSUMED.nextDate, async () => {
    const { NextRotationDate: at } = await secret.describe();
    const isSo = at !== undefined && CLOSING_HOURS.includes(at.getUTCHours());
    return holdsIf(isSo && at.getUTCMinutes() === 0, `${at?.toISOString() ?? "no date"}`);
  });
  await findings.check(ASSUMED.lastWindow, async () => {
    const version = randomUUID();
    const last = { ...RULES, ScheduleExpression: "cron(0 7/8 * * ? *)" };
    const refusal = await refusalOf(
      rotate(stage, { versionId: version, rules: last, isImmediate: false }),
    );
    await secret.labelsOf(version, (found) => found.length === 0);
    return holdsIf(refusal === undefined, refusal ?? "");
  });
}

async function checkFailingRotation(stage: Stage): Promise<void> {
  const { findings, secret, probe, current } = stage;
  const versionId = randomUUID();
  await findings.check(ASSUMED.registers, async () => {
    await rotate(stage, { versionId, isImmediate: true });
    return await registered(stage, versionId);
  });
  await findings.check(ASSUMED.valueless, async () => {
    const move = secret.move("AWSCURRENT", { from: current, to: versionId });
    const refusal = await refusalOf(move);
    return holdsIf(refusal !== undefined, "it became AWSCURRENT");
  });
  await findings.check(ASSUMED.event, async () => {
    const [first] = await probe.eventsOf(versionId, (found) => found.length > 0);
    const isSo = first?.step === "createSecret" && first.secretId === secret.arn;
    return holdsIf(isSo, first === undefined ? "no event" : `${first.step} of ${first.secretId}`);
  });
  await findings.check(ASSUMED.blocks, async () => {
    const refusal = await refusalOf(rotate(stage, { isImmediate: true }));
    return holdsIf(refusal === "InvalidRequestException", refusal ?? "it was accepted");
  });
  await findings.check(ASSUMED.unblocks, async () => {
    await secret.move("AWSPENDING", { from: versionId });
    const refusal = await refusalOf(rotate(stage, { isImmediate: true }));
    return holdsIf(refusal === undefined, refusal ?? "");
  });
}

async function registered({ run, secret }: Stage, versionId: string): Promise<Sight> {
  const labels = await secret.labelsOf(versionId, (found) => found.includes("AWSPENDING"));
  const read = new GetSecretValueCommand({ SecretId: secret.arn, VersionId: versionId });
  const refusal = await refusalOf(run.secrets.send(read));
  const isSo = labels.includes("AWSPENDING") && refusal === "ResourceNotFoundException";
  return holdsIf(isSo, `labels ${labels}; reading its value: ${refusal ?? "it has one"}`);
}
