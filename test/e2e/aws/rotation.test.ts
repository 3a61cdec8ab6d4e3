import { AddPermissionCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { rotationPortsOf, secretsManagerBehind } from "../../../local/aws/secret-backend";
import { SecretsManagerModel } from "../../../local/secrets-manager";
import { createFunction, createRole, outcomeOf } from "./account";
import { AwsWorld } from "./aws-world";
import { SIGNED_CALL } from "./signed-call";

let world: AwsWorld;
let model: SecretsManagerModel;

beforeAll(async () => {
  world = await AwsWorld.start((front) => {
    model = new SecretsManagerModel({
      region: front.place.region,
      accountId: front.place.accountId,
      now: Date.now,
      ports: rotationPortsOf(front),
    });
    return secretsManagerBehind(model);
  });
}, 600_000);

afterAll(() => world.stop());

test("Secrets Manager's model runs a rotation function in the emulator, once it is permitted", async () => {
  const { secrets, lambda } = world.clients();
  const roleArn = await createRole(world, "rotate", {
    statements: [{ Action: "secretsmanager:*", Resource: "*" }],
  });
  const functionArn = await createFunction(world, "rotate", { roleArn, source: ROTATE });
  const { ARN: SecretId } = await secrets.send(
    new CreateSecretCommand({ Name: "rotated", SecretString: "first" }),
  );
  const rotate = new RotateSecretCommand({
    SecretId,
    RotationLambdaARN: functionArn,
    RotationRules: { ScheduleExpression: "rate(8 hours)" },
  });
  expect(await outcomeOf(secrets.send(rotate))).toMatch(
    /^AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function/,
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "rotate",
      StatementId: "secrets",
      Action: "lambda:InvokeFunction",
      Principal: "secretsmanager.amazonaws.com",
      SourceAccount: "000000000000",
    }),
  );
  await secrets.send(rotate);
  await model.settled();
  const read = await secrets.send(new GetSecretValueCommand({ SecretId }));
  expect(read.SecretString).toMatch(/^made by rotate for /);

  await lambda.send(
    new RemovePermissionCommand({ FunctionName: "rotate", StatementId: "secrets" }),
  );
  expect(await outcomeOf(secrets.send(new RotateSecretCommand({ SecretId })))).toMatch(
    /^AccessDeniedException/,
  );
  const described = await secrets.send(new DescribeSecretCommand({ SecretId }));
  expect(described.RotationLambdaARN).toBe(functionArn);
}, 60_000);

const ROTATE = `${SIGNED_CALL}
exports.handler = async ({ Step, SecretId, ClientRequestToken }) => {
  if (Step === "createSecret") {
    const SecretString = "made by rotate for " + ClientRequestToken;
    await mustCall("PutSecretValue", { SecretId, ClientRequestToken, SecretString, VersionStages: ["AWSPENDING"] });
  }
  if (Step === "finishSecret") {
    const { VersionId } = await mustCall("GetSecretValue", { SecretId });
    await mustCall("UpdateSecretVersionStage", { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: ClientRequestToken, RemoveFromVersionId: VersionId });
  }
};
async function mustCall(operation, input) {
  const { status, answer } = await call(operation, input);
  if (status !== 200) throw new Error(JSON.stringify(answer));
  return answer;
}`;
