import { diff } from "../../../local/provider/diff";
import { awsError, fakeAws, sessionOn, typeNamed } from "./stand-in";

const SECRET = typeNamed("aws:secretsmanager/secret:Secret");
const ROTATION = typeNamed("aws:secretsmanager/secretRotation:SecretRotation");

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:acme-abcdef";
const MISSING = awsError("ResourceNotFoundException", "no such thing");

describe("a secret", () => {
  const created = { CreateSecret: { ARN } };
  const news = { name: "acme", description: "{}", tagsAll: { a: "1" } };

  test("is created without a value and without a policy that nobody asked for", async () => {
    const { aws, calls } = fakeAws(created);
    const { session, made } = sessionOn(aws);
    await expect(SECRET.create(session, news)).resolves.toEqual({ id: ARN });
    expect(made).toEqual([ARN]);
    expect(calls).toEqual([{ name: "CreateSecret", input: expect.any(Object) }]);
    expect(calls[0]?.input).not.toHaveProperty("SecretString");
    expect(calls[0]?.input).toMatchObject({ Name: "acme", Tags: [{ Key: "a", Value: "1" }] });
  });

  test("waits for a name that is being deleted, and gives up with AWS's words", async () => {
    const words = "a secret with this name is already scheduled for deletion.";
    const { aws } = fakeAws({ CreateSecret: awsError("InvalidRequestException", words) });
    const { session, pauses } = sessionOn(aws);
    await expect(SECRET.create(session, news)).rejects.toThrow(
      `creating Secrets Manager Secret (acme): InvalidRequestException: ${words}`,
    );
    expect(pauses.length).toBeGreaterThan(3);
  });

  test.each([
    [30, { RecoveryWindowInDays: 30 }],
    [7, { RecoveryWindowInDays: 7 }],
    [0, { ForceDeleteWithoutRecovery: true }],
  ])("with a window of %d days is deleted with %j", async (days, expected) => {
    const { aws, calls } = fakeAws({ DeleteSecret: {} });
    await SECRET.remove(sessionOn(aws).session, ARN, { recoveryWindowInDays: days });
    expect(calls[0]?.input).toEqual({ SecretId: ARN, ...expected });
  });

  test("is gone when AWS has it no more, or deletes it", async () => {
    const waiting = { ARN, Name: "acme", DeletedDate: new Date("2026-11-23") };
    for (const answer of [MISSING, waiting]) {
      const { session } = sessionOn(fakeAws({ DescribeSecret: answer }).aws);
      await expect(SECRET.read(session, ARN, {})).resolves.toBeUndefined();
    }
  });

  test("is read anew in every property", async () => {
    const { aws } = fakeAws({
      DescribeSecret: {
        ARN,
        Name: "acme",
        Description: "drift",
        KmsKeyId: "key",
        Tags: [{ Key: "a", Value: "drift" }],
      },
      GetResourcePolicy: { ResourcePolicy: '{"Statement":[]}' },
    });
    await expect(SECRET.read(sessionOn(aws).session, ARN, {})).resolves.toEqual({
      arn: ARN,
      name: "acme",
      description: "drift",
      kmsKeyId: "key",
      policy: '{"Statement":[]}',
      tags: { a: "drift" },
    });
  });

  test("changes only what differs", async () => {
    const { aws, calls } = fakeAws({ TagResource: {}, UntagResource: {} });
    await SECRET.update?.(sessionOn(aws).session, {
      id: ARN,
      olds: { tagsAll: { a: "1", gone: "x", same: "y" } },
      news: { tagsAll: { a: "2", same: "y" } },
      changed: new Set(["tags", "tagsAll"]),
    });
    expect(calls).toEqual([
      { name: "UntagResource", input: { SecretId: ARN, TagKeys: ["gone"] } },
      { name: "TagResource", input: { SecretId: ARN, Tags: [{ Key: "a", Value: "2" }] } },
    ]);
  });

  test("loses its policy when the program takes it away", async () => {
    const { aws, calls } = fakeAws({ DeleteResourcePolicy: {} });
    const change = { id: ARN, olds: {}, news: { policy: "" }, changed: new Set(["policy"]) };
    await SECRET.update?.(sessionOn(aws).session, change);
    expect(calls.map(({ name }) => name)).toEqual(["DeleteResourcePolicy"]);
  });
});

describe("a rotation", () => {
  const news = {
    secretId: ARN,
    rotationLambdaArn: "arn:aws:lambda:us-east-1:000000000000:function:rotate",
    rotateImmediately: false,
    rotationRules: { scheduleExpression: "cron(0 2/8 * * ? *)", duration: "1h" },
  };

  test("waits for the permission to arrive", async () => {
    let left = 3;
    const refused = awsError("AccessDeniedException", "cannot invoke the specified function");
    const answer = () => (left-- > 0 ? refused : { ARN });
    const { aws, calls } = fakeAws({ RotateSecret: answer });
    await expect(ROTATION.create(sessionOn(aws).session, news)).resolves.toEqual({ id: ARN });
    expect(calls).toHaveLength(4);
    expect(calls[0]?.input).toMatchObject({
      RotateImmediately: false,
      RotationRules: { ScheduleExpression: "cron(0 2/8 * * ? *)", Duration: "1h" },
    });
  });

  test("does not start over because of rotateImmediately alone", async () => {
    const { aws, calls } = fakeAws({});
    const changed = new Set(["rotateImmediately"]);
    await ROTATION.update?.(sessionOn(aws).session, { id: ARN, olds: news, news, changed });
    expect(calls).toEqual([]);
  });

  test("ends by cancelling", async () => {
    const { aws, calls } = fakeAws({ CancelRotateSecret: { ARN } });
    await ROTATION.remove(sessionOn(aws).session, ARN, news);
    expect(calls).toEqual([{ name: "CancelRotateSecret", input: { SecretId: ARN } }]);
  });

  test("reads the expression, not the days that AWS computes from it", async () => {
    const RotationRules = { ScheduleExpression: "rate(8 hours)", AutomaticallyAfterDays: 1 };
    const DescribeSecret = { ARN, RotationEnabled: true, RotationLambdaARN: "f", RotationRules };
    const { session } = sessionOn(fakeAws({ DescribeSecret }).aws);
    await expect(ROTATION.read(session, ARN, {})).resolves.toEqual({
      rotationEnabled: true,
      rotationLambdaArn: "f",
      rotationRules: { scheduleExpression: "rate(8 hours)" },
      secretId: ARN,
    });
  });

  test("that was cancelled behind Pulumi's back is seen", async () => {
    const { session } = sessionOn(fakeAws({ DescribeSecret: { ARN } }).aws);
    const found = await ROTATION.read(session, ARN, {});
    expect(found).toEqual({ rotationEnabled: false, secretId: ARN });
    const { changed } = diff(ROTATION, {
      olds: { ...found, rotateImmediately: false },
      news,
    });
    expect(changed).toEqual(["rotationLambdaArn", "rotationRules"]);
  });
});
