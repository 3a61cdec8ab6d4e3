import { fakeAws, sessionOn, typeNamed } from "./stand-in";

const KEY = typeNamed("aws:kms/key:Key");
const LOGS = typeNamed("aws:cloudwatch/logGroup:LogGroup");

test("a key that waits for its deletion is gone", async () => {
  const DescribeKey = { KeyMetadata: { KeyId: "k", KeyState: "PendingDeletion" } };
  const { session } = sessionOn(fakeAws({ DescribeKey }).aws);
  await expect(KEY.read(session, "k", {})).resolves.toBeUndefined();
});

test("a disabled key is enabled before, and disabled after everything else", async () => {
  const order = async (isEnabled: boolean) => {
    const { aws, calls } = fakeAws({ EnableKey: {}, DisableKey: {}, UpdateKeyDescription: {} });
    await KEY.update?.(sessionOn(aws).session, {
      id: "k",
      olds: {},
      news: { isEnabled, description: "d" },
      changed: new Set(["isEnabled", "description"]),
    });
    return calls.map(({ name }) => name);
  };
  await expect(order(true)).resolves.toEqual(["EnableKey", "UpdateKeyDescription"]);
  await expect(order(false)).resolves.toEqual(["UpdateKeyDescription", "DisableKey"]);
});

test("a log group is found by its whole name, and its retention is read", async () => {
  const { aws } = fakeAws({
    DescribeLogGroups: {
      logGroups: [
        { logGroupName: "/aws/lambda/rotate-2", arn: "other" },
        { logGroupName: "/aws/lambda/rotate", arn: "arn:x:*", retentionInDays: 7 },
      ],
    },
    ListTagsForResource: { tags: {} },
  });
  const { session } = sessionOn(aws);
  await expect(LOGS.read(session, "/aws/lambda/rotate", {})).resolves.toMatchObject({
    arn: "arn:x",
    retentionInDays: 7,
  });
  await expect(LOGS.read(session, "/aws/lambda/rot", {})).resolves.toBeUndefined();
});
