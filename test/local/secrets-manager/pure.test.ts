import {
  type Applied,
  apply,
  DEFAULT_SWITCHES,
  EMPTY_STATE,
  type ModelRequest,
  type ModelState,
  type Surroundings,
  seededRandomness,
} from "../../../local/secrets-manager";
import { ACCOUNT, FUNCTION, REGION, START, token } from "./world";

const around = (): Surroundings => ({
  now: START,
  region: REGION,
  accountId: ACCOUNT,
  switches: DEFAULT_SWITCHES,
  randomness: seededRandomness(1),
  mayInvoke: true,
});

const put = (number: number, VersionStages: string[]): ModelRequest => ({
  operation: "PutSecretValue",
  input: {
    SecretId: "s",
    ClientRequestToken: token(number),
    SecretString: `v${number}`,
    VersionStages,
  },
});

const HISTORY: readonly ModelRequest[] = [
  {
    operation: "CreateSecret",
    input: { Name: "s", ClientRequestToken: token(1), SecretString: "v1" },
  },
  { operation: "TagResource", input: { SecretId: "s", Tags: [{ Key: "k", Value: "v" }] } },
  put(2, ["AWSPENDING"]),
  {
    operation: "UpdateSecretVersionStage",
    input: {
      SecretId: "s",
      VersionStage: "AWSCURRENT",
      RemoveFromVersionId: token(1),
      MoveToVersionId: token(2),
    },
  },
  { operation: "GetSecretValue", input: { SecretId: "s" } },
  put(2, ["AWSCURRENT"]),
  put(1, ["x"]),
  {
    operation: "RotateSecret",
    input: { SecretId: "s", ClientRequestToken: token(3), RotationLambdaARN: FUNCTION },
  },
  { operation: "CancelRotateSecret", input: { SecretId: "s" } },
  { operation: "GetSecretValue", input: { SecretId: "s", VersionId: token(3) } },
  { operation: "UntagResource", input: { SecretId: "s", TagKeys: ["k"] } },
  { operation: "DeleteSecret", input: { SecretId: "s" } },
  { operation: "RestoreSecret", input: { SecretId: "s" } },
];

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

/** Runs the history over states that throw when they are changed in place. */
function run(): readonly Applied[] {
  const results: Applied[] = [];
  let state: ModelState = EMPTY_STATE;
  for (const request of HISTORY) {
    const applied = apply(state, freeze(request), around());
    results.push(applied);
    state = applied.state;
    for (const secret of state.secrets.values()) freeze(secret);
  }
  return results;
}

describe("apply", () => {
  test("changes neither the state nor the request that it was given", () => {
    const errors = run().flatMap(({ error }) => error?.code ?? []);
    expect(errors).toEqual(["ResourceNotFoundException"]);
  });

  test("gives the same for the same", () => {
    expect(run().map(({ answer, effects }) => ({ answer, effects }))).toEqual(
      run().map(({ answer, effects }) => ({ answer, effects })),
    );
  });

  test("tells what follows outside: the moves of AWSCURRENT, and a rotation to run", () => {
    const effects = run().flatMap(({ effects }) => effects);
    expect(effects).toMatchObject([
      { kind: "label-updated", update: { versionId: token(1) } },
      { kind: "label-updated", update: { versionId: token(2) } },
      { kind: "rotation-started", token: token(3) },
    ]);
  });

  test("an unknown operation is an error that names it", () => {
    const { error } = apply(
      EMPTY_STATE,
      { operation: "StopReplicationToReplica", input: {} },
      around(),
    );
    expect(error).toMatchObject({
      code: "UnknownOperationException",
      message: expect.stringContaining("StopReplicationToReplica"),
    });
  });

  test("replicas are refused, not forgotten", () => {
    const input = {
      Name: "s",
      ClientRequestToken: token(1),
      AddReplicaRegions: [{ Region: "eu-west-1" }],
    };
    const { error } = apply(EMPTY_STATE, { operation: "CreateSecret", input }, around());
    expect(error?.code).toBe("InvalidParameterException");
  });
});
