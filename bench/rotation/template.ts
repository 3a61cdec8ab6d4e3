import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";

// AWS's generic rotation template (SecretsManagerRotationTemplate/lambda_function.py of
// aws-samples/aws-secrets-manager-rotation-lambdas), line for line in TypeScript, with its two gaps filled in for a
// Shopify token: `get_random_password` becomes a client-credentials grant, `test_secret` a call with the new token.

export interface RotationEvent {
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly Step: string;
}

/** What the template asks of the world. */
export interface Host {
  send(command: object): Promise<object>;
  /** The secret with the app's client ID and client secret. */
  readonly appSecretId: string;
  grant(credential: { readonly clientId: string; readonly clientSecret: string }): Promise<string>;
  works(accessToken: string): Promise<boolean>;
}

export async function templateHandler(event: RotationEvent, to: Host): Promise<void> {
  const { SecretId, ClientRequestToken: token } = event;
  const metadata = await describe(SecretId, to);
  if (metadata.RotationEnabled !== true) throw new Error("secret is not enabled for rotation");
  const versions = metadata.VersionIdsToStages ?? {};
  const stages = versions[token];
  if (stages === undefined) throw new Error("secret version has no stage for rotation");
  if (stages.includes("AWSCURRENT")) return;
  if (!stages.includes("AWSPENDING")) throw new Error("secret version not set as AWSPENDING");
  switch (event.Step) {
    case "createSecret":
      return createSecret(SecretId, token, to);
    case "setSecret":
      return; // Shopify knows the token since it granted it
    case "testSecret":
      return testSecret(SecretId, token, to);
    case "finishSecret":
      return finishSecret(SecretId, token, to);
    default:
      throw new Error("invalid step parameter");
  }
}

async function createSecret(SecretId: string, token: string, to: Host): Promise<void> {
  const current = await read({ SecretId, VersionStage: "AWSCURRENT" }, to);
  try {
    await read({ SecretId, VersionId: token, VersionStage: "AWSPENDING" }, to);
  } catch {
    const app = await read({ SecretId: to.appSecretId }, to);
    const { client_id, client_secret } = JSON.parse(app.SecretString ?? "") as {
      client_id: string;
      client_secret: string;
    };
    const access_token = await to.grant({ clientId: client_id, clientSecret: client_secret });
    const SecretString = JSON.stringify({
      ...(JSON.parse(current.SecretString ?? "{}") as object),
      access_token,
    });
    await to.send(
      new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: token,
        SecretString,
        VersionStages: ["AWSPENDING"],
      }),
    );
  }
}

async function testSecret(SecretId: string, token: string, to: Host): Promise<void> {
  const pending = await read({ SecretId, VersionId: token, VersionStage: "AWSPENDING" }, to);
  const { access_token } = JSON.parse(pending.SecretString ?? "{}") as { access_token: string };
  if (!(await to.works(access_token))) throw new Error("the new token does not work");
}

async function finishSecret(SecretId: string, token: string, to: Host): Promise<void> {
  const { VersionIdsToStages = {} } = await describe(SecretId, to);
  const [current] =
    Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes("AWSCURRENT")) ?? [];
  if (current === token) return;
  await to.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: token,
      ...(current === undefined ? {} : { RemoveFromVersionId: current }),
    }),
  );
}

async function describe(SecretId: string, to: Host): Promise<DescribeSecretCommandOutput> {
  return (await to.send(
    new DescribeSecretCommand({ SecretId }),
  )) as unknown as DescribeSecretCommandOutput;
}

async function read(
  which: { SecretId: string; VersionId?: string; VersionStage?: string },
  to: Host,
): Promise<GetSecretValueCommandOutput> {
  return (await to.send(
    new GetSecretValueCommand(which),
  )) as unknown as GetSecretValueCommandOutput;
}
