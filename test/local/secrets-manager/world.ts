import {
  AwsError,
  type LabelUpdate,
  type ModelSwitches,
  type RotationEvent,
  SecretsManagerModel,
  seededRandomness,
} from "../../../local/secrets-manager";

export const REGION = "us-east-1";
export const ACCOUNT = "000000000000";
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:rotate`;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A Sunday, 00:30 UTC. */
export const START = Date.UTC(2026, 10, 1, 0, 30);

export type Answer = Readonly<Record<string, unknown>>;

/** A version ID that reads as a number. */
export const token = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** A model with a clock to move and a rotation function to script. */
export interface World {
  readonly model: SecretsManagerModel;
  readonly clock: { now: number };
  readonly lambda: { mayInvoke: boolean; run: (event: RotationEvent) => Promise<void> };
  readonly updates: LabelUpdate[];
  readonly invocations: { readonly step: string; readonly token: string; readonly at: number }[];
  call(operation: string, input: object): Promise<Answer>;
  errorOf(operation: string, input: object): Promise<AwsError>;
  /** Labels by version ID, as DescribeSecret shows them. */
  labels(secretId?: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Moves the clock to what is due next, and does it; false when nothing is planned. */
  step(): Promise<boolean>;
}

export function createWorld(switches: Partial<ModelSwitches> = {}): World {
  const clock = { now: START };
  const lambda: World["lambda"] = { mayInvoke: true, run: async () => undefined };
  const updates: LabelUpdate[] = [];
  const invocations: World["invocations"] = [];
  const model = new SecretsManagerModel({
    region: REGION,
    accountId: ACCOUNT,
    now: () => clock.now,
    switches,
    randomness: seededRandomness(7),
    onLabelUpdated: (update) => updates.push(update),
    ports: {
      mayInvoke: async () => lambda.mayInvoke,
      invoke: async (_functionArn, event) => {
        invocations.push({ step: event.Step, token: event.ClientRequestToken, at: clock.now });
        await lambda.run(event);
      },
    },
  });
  const call = async (operation: string, input: object): Promise<Answer> =>
    (await model.handle(operation, input)) as Answer;
  return {
    model,
    clock,
    lambda,
    updates,
    invocations,
    call,
    errorOf: async (operation, input) => {
      const answer = await call(operation, input).catch((error: unknown) => error);
      if (answer instanceof AwsError) return answer;
      throw new Error(`${operation} answered without an error`);
    },
    labels: async (SecretId = "s") =>
      ((await call("DescribeSecret", { SecretId }))["VersionIdsToStages"] ?? {}) as Record<
        string,
        string[]
      >,
    step: async () => {
      const due = model.nextDueAt();
      if (due === undefined) return false;
      clock.now = Math.max(clock.now, due);
      await model.runDue();
      return true;
    },
  };
}

/** A rotation function as AWS's template writes them; it leaves AWSPENDING on the finished version. */
export function templateFunction(world: World): (event: RotationEvent) => Promise<void> {
  return async ({ Step, SecretId, ClientRequestToken }) => {
    if (Step === "createSecret") {
      await world.call("PutSecretValue", {
        SecretId,
        ClientRequestToken,
        SecretString: `value of ${ClientRequestToken}`,
        VersionStages: ["AWSPENDING"],
      });
    }
    if (Step === "finishSecret") await promote(world, SecretId, ClientRequestToken);
  };
}

async function promote(world: World, SecretId: string, versionId: string): Promise<void> {
  const stages = await world.labels(SecretId);
  if (stages[versionId]?.includes("AWSCURRENT")) return;
  const holder = Object.keys(stages).find((id) => stages[id]?.includes("AWSCURRENT"));
  await world.call("UpdateSecretVersionStage", {
    SecretId,
    VersionStage: "AWSCURRENT",
    MoveToVersionId: versionId,
    RemoveFromVersionId: holder,
  });
}
