import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { invokeFunction, mayRotate } from "../../../local/aws/invoke";
import { allow, callerWith, createFunction, createRole, outcomeOf, sessionOf } from "./account";
import { AwsWorld } from "./aws-world";
import { SIGNED_CALL } from "./signed-call";

const SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret";

let world: AwsWorld;

beforeAll(async () => {
  world = await AwsWorld.start();
});

afterAll(() => world.stop());

const read = (secretId: string) => new GetSecretValueCommand({ SecretId: secretId });

describe("identity policies", () => {
  test("a function reads its own prefix and is refused elsewhere in AWS's words", async () => {
    const mine = world.secrets.add("shopify/dev/stores/one/token");
    const other = world.secrets.add("billing/key");
    const roleArn = await createRole(world, "prefix-reader", {
      statements: [
        { Action: "secretsmanager:GetSecretValue", Resource: `${SECRETS}:shopify/dev/*` },
      ],
    });
    const functionArn = await createFunction(world, "prefix-reader", { roleArn, source: READER });

    expect(await invokeFunction(world.front, functionArn, { SecretId: mine })).toMatchObject({
      status: 200,
    });
    expect(await invokeFunction(world.front, functionArn, { SecretId: other })).toEqual({
      status: 400,
      answer: {
        __type: "AccessDeniedException",
        Message: `User: arn:aws:sts::000000000000:assumed-role/prefix-reader/prefix-reader is not authorized to perform: secretsmanager:GetSecretValue on resource: ${other} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
      },
    });
    expect(world.front.calls().filter((call) => call.operation === "GetSecretValue")).toMatchObject(
      [
        { allowed: true, resource: mine },
        { allowed: false, resource: other },
      ],
    );
  });

  test("AllowRotationLambdaArn holds for the secret's own rotation function only", async () => {
    const rotate = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
    const rotated = world.secrets.add("rotated", { rotationLambdaArn: rotate });
    const foreign = world.secrets.add("foreign", { rotationLambdaArn: `${rotate}-other` });
    const bare = world.secrets.add("bare");
    const { secrets } = world.clients(
      await callerWith(world, "rotation-only", [
        {
          Action: "secretsmanager:GetSecretValue",
          Resource: "*",
          Condition: { StringEquals: { "secretsmanager:resource/AllowRotationLambdaArn": rotate } },
        },
      ]),
    );
    expect(await outcomeOf(secrets.send(read(rotated)))).toBe("allowed");
    expect(await outcomeOf(secrets.send(read(foreign)))).toMatch(/^AccessDeniedException: User: /);
    expect(await outcomeOf(secrets.send(read(bare)))).toMatch(/^AccessDeniedException: User: /);
  });

  test("a resource policy speaks of roles by aws:PrincipalArn, the role's own ARN", async () => {
    const roleArn = await createRole(world, "reader", { path: "/teams/a/" });
    const guarded = (arn: string) =>
      world.secrets.add("guarded", {
        resourcePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: "*",
              Action: "secretsmanager:GetSecretValue",
              Resource: "*",
              Condition: { ArnEquals: { "aws:PrincipalArn": arn } },
            },
          ],
        }),
      });
    const { secrets } = world.clients(await sessionOf(world, roleArn));
    expect(roleArn).toBe("arn:aws:iam::000000000000:role/teams/a/reader");
    expect(await outcomeOf(secrets.send(read(guarded(roleArn))))).toBe("allowed");
    const session = "arn:aws:sts::000000000000:assumed-role/reader/s";
    expect(await outcomeOf(secrets.send(read(guarded(session))))).toMatch(/^AccessDeniedException/);
  });

  test("an explicit deny of the resource policy wins and is named", async () => {
    const denied = world.secrets.add("denied", {
      resourcePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Principal: "*", Action: "secretsmanager:*", Resource: "*" }],
      }),
    });
    const { secrets } = world.clients(
      await callerWith(world, "reads-all", [{ Action: "secretsmanager:*", Resource: "*" }]),
    );
    expect(await outcomeOf(secrets.send(read(denied)))).toMatch(
      /with an explicit deny in a resource-based policy$/,
    );
  });

  test("a forged signature is refused before any policy", async () => {
    const secretArn = world.secrets.add("forged");
    const caller = await callerWith(world, "forger", [{ Action: "*", Resource: "*" }]);
    const { secrets } = world.clients({ ...caller, secretAccessKey: "guessed" });
    expect(await outcomeOf(secrets.send(read(secretArn)))).toMatch(/^InvalidSignatureException/);
  });

  test("a batch read leaves out, as errors, what the caller may not read", async () => {
    const yes = world.secrets.add("batch/yes");
    const no = world.secrets.add("batch/no");
    const { secrets } = world.clients(
      await callerWith(world, "batch", [
        { Action: "secretsmanager:BatchGetSecretValue", Resource: "*" },
        { Action: "secretsmanager:GetSecretValue", Resource: `${SECRETS}:batch/yes-??????` },
      ]),
    );
    const answer = await secrets.send(new BatchGetSecretValueCommand({ SecretIdList: [yes, no] }));
    expect(answer.SecretValues?.map((value) => value.ARN)).toEqual([yes]);
    expect(answer.Errors).toMatchObject([{ SecretId: no, ErrorCode: "AccessDeniedException" }]);
  });
});

describe("dependent permissions", () => {
  test("tags on CreateSecret need TagResource", async () => {
    const { secrets } = world.clients(
      await callerWith(world, "creator", [
        { Action: "secretsmanager:CreateSecret", Resource: "*" },
      ]),
    );
    const plain = new CreateSecretCommand({ Name: "plain" });
    const tagged = new CreateSecretCommand({ Name: "tagged", Tags: [{ Key: "a", Value: "b" }] });
    expect(await outcomeOf(secrets.send(plain))).toBe("allowed");
    expect(await outcomeOf(secrets.send(tagged))).toMatch(/secretsmanager:TagResource/);
  });

  test("RotateSecret needs lambda:InvokeFunction on the rotation function", async () => {
    const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
    const secretArn = world.secrets.add("to-rotate", { rotationLambdaArn: functionArn });
    const rotate = { Action: "secretsmanager:RotateSecret", Resource: "*" };
    const { secrets } = world.clients(await callerWith(world, "rotator", [rotate]));
    const request = () => secrets.send(new RotateSecretCommand({ SecretId: secretArn }));
    expect(await outcomeOf(request())).toMatch(
      /^AccessDeniedException: .* lambda:InvokeFunction on/,
    );
    await allow(world, "rotator", [
      rotate,
      { Action: "lambda:InvokeFunction", Resource: functionArn },
    ]);
    expect(await outcomeOf(request())).toBe("allowed");
  });

  test("Secrets Manager may run the function for the account and secrets that its permission names", async () => {
    const roleArn = await createRole(world, "rotating", {});
    const functionArn = await createFunction(world, "rotating", { roleArn, source: READER });
    const secretArn = `${SECRETS}:shopify/dev/stores/one/token-AbCdEf`;
    const permit = (id: string, account: string, sourceArn: string) =>
      world.clients().lambda.send(
        new AddPermissionCommand({
          FunctionName: "rotating",
          StatementId: id,
          Action: "lambda:InvokeFunction",
          Principal: "secretsmanager.amazonaws.com",
          SourceAccount: account,
          SourceArn: sourceArn,
        }),
      );
    expect(await mayRotate(world.front, { functionArn, secretArn })).toBe(false);
    await permit("wrong-account", "111111111111", `${SECRETS}:shopify/dev/*`);
    expect(await mayRotate(world.front, { functionArn, secretArn })).toBe(false);
    await permit("wrong-prefix", "000000000000", `${SECRETS}:shopify/prod/*`);
    expect(await mayRotate(world.front, { functionArn, secretArn })).toBe(false);
    await permit("right", "000000000000", `${SECRETS}:shopify/dev/*`);
    expect(await mayRotate(world.front, { functionArn, secretArn })).toBe(true);
  });
});

const READER = `${SIGNED_CALL}
exports.handler = (event) => call("GetSecretValue", event);`;
