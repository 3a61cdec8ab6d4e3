import {
  CreateAliasCommand,
  CreateKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { allow, callerWith, createRole, outcomeOf } from "./account";
import { AwsWorld } from "./aws-world";

const SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret";
const ALL_OF = "arn:aws:iam::000000000000:root";

let world: AwsWorld;

beforeAll(async () => {
  world = await AwsWorld.start();
});

afterAll(() => world.stop());

const read = (secretId: string) => new GetSecretValueCommand({ SecretId: secretId });

describe("a secret under a customer managed key", () => {
  const VIA = { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" };

  async function createKey(): Promise<string> {
    const key = await world.clients().kms.send(new CreateKeyCommand({}));
    return key.KeyMetadata?.Arn ?? "";
  }

  /** Reads a secret under a new key, with all rights on secrets and these on the key. */
  async function readUnderKey(
    name: string,
    condition: Record<string, Record<string, string | readonly string[]>>,
  ): Promise<string> {
    const kmsKeyId = await createKey();
    const secretArn = world.secrets.add(`${name}/secret`, { kmsKeyId });
    const { secrets } = world.clients(
      await callerWith(world, name, [
        { Action: "secretsmanager:*", Resource: "*" },
        { Action: "kms:Decrypt", Resource: kmsKeyId, Condition: condition },
      ]),
    );
    return outcomeOf(secrets.send(read(secretArn)));
  }

  const REFUSED = "AccessDeniedException: Access to KMS is not allowed";

  test.each([
    ["via-here", { StringEquals: VIA }, "allowed"],
    [
      "via-elsewhere",
      { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
      REFUSED,
    ],
    [
      "context-here",
      { StringLike: { "kms:EncryptionContext:SecretARN": `${SECRETS}:context-here/*` } },
      "allowed",
    ],
    [
      "context-elsewhere",
      { StringLike: { "kms:EncryptionContext:SecretARN": `${SECRETS}:other/*` } },
      REFUSED,
    ],
    [
      "version-here",
      { StringEquals: { "kms:EncryptionContext:SecretVersionId": "version-1" } },
      "allowed",
    ],
    [
      "keys-here",
      {
        "ForAllValues:StringEquals": {
          "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
        },
      },
      "allowed",
    ],
    [
      "keys-fewer",
      { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["SecretARN"] } },
      REFUSED,
    ],
  ])("%s", async (name, condition, expected) => {
    expect(await readUnderKey(name, condition)).toBe(expected);
  });

  test("the key's own policy must allow too, and may deny", async () => {
    const kmsKeyId = await createKey();
    const secretArn = world.secrets.add("key-policy/secret", { kmsKeyId });
    const { secrets } = world.clients(
      await callerWith(world, "key-policy", [
        { Action: ["secretsmanager:*", "kms:*"], Resource: "*" },
      ]),
    );
    const policy = async (principal: unknown, condition?: unknown) => {
      const statement = {
        Effect: "Allow",
        Principal: principal,
        Action: "kms:*",
        Resource: "*",
        Condition: condition,
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      await world
        .clients()
        .kms.send(new PutKeyPolicyCommand({ KeyId: kmsKeyId, PolicyName: "default", Policy }));
      return outcomeOf(secrets.send(read(secretArn)));
    };
    expect(await policy({ AWS: ALL_OF })).toBe("allowed");
    // AWS takes nobody into a key's policy who does not exist.
    const AWS = await createRole(world, "someone-else", {});
    expect(await policy({ AWS })).toBe(REFUSED);
    expect(
      await policy({ AWS: "*" }, { StringEquals: { ...VIA, "kms:CallerAccount": "000000000000" } }),
    ).toBe("allowed");
    expect(
      await policy({ AWS: "*" }, { StringEquals: { "kms:CallerAccount": "111111111111" } }),
    ).toBe(REFUSED);
  });

  test("writing needs GenerateDataKey and Decrypt, changing the key Encrypt too", async () => {
    const [oldKey, newKey] = [await createKey(), await createKey()];
    const secretArn = world.secrets.add("writes/secret", { kmsKeyId: oldKey });
    const { secrets } = world.clients(
      await callerWith(world, "writer", [{ Action: "secretsmanager:*", Resource: "*" }]),
    );
    const may = (...kmsActions: string[]) =>
      allow(world, "writer", [
        { Action: "secretsmanager:*", Resource: "*" },
        { Action: kmsActions.map((action) => `kms:${action}`), Resource: [oldKey, newKey] },
      ]);
    const put = () =>
      outcomeOf(
        secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: "v" })),
      );
    const move = () =>
      outcomeOf(secrets.send(new UpdateSecretCommand({ SecretId: secretArn, KmsKeyId: newKey })));
    const describeOnly = () =>
      outcomeOf(secrets.send(new UpdateSecretCommand({ SecretId: secretArn, Description: "d" })));
    const create = () =>
      outcomeOf(secrets.send(new CreateSecretCommand({ Name: "writes/new", KmsKeyId: newKey })));

    await may("Decrypt");
    expect(await put()).toBe(REFUSED);
    expect(await create()).toBe(REFUSED);
    expect(await describeOnly()).toBe("allowed");
    await may("Decrypt", "GenerateDataKey");
    expect(await put()).toBe("allowed");
    expect(await create()).toBe("allowed");
    expect(await move()).toBe(REFUSED);
    await may("Decrypt", "GenerateDataKey", "Encrypt");
    expect(await move()).toBe("allowed");
  });

  test("a key may be named by its alias, and one that is pending deletion opens nothing", async () => {
    const kmsKeyId = await createKey();
    const { kms } = world.clients();
    await kms.send(new CreateAliasCommand({ AliasName: "alias/tokens", TargetKeyId: kmsKeyId }));
    const secretArn = world.secrets.add("alias/secret", { kmsKeyId: "alias/tokens" });
    const { secrets } = world.clients(
      await callerWith(world, "by-alias", [
        { Action: "secretsmanager:*", Resource: "*" },
        { Action: "kms:*", Resource: kmsKeyId },
      ]),
    );
    expect(await outcomeOf(secrets.send(read(secretArn)))).toBe("allowed");
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: kmsKeyId, PendingWindowInDays: 7 }));
    expect(await outcomeOf(secrets.send(read(secretArn)))).toMatch(/^DecryptionFailure: /);
  });
});
