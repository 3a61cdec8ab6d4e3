import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { deployerPolicies } from "../contract/deployer-policy";
import { defaultPrefixOf } from "../contract/names";
import { untilAllowed } from "./patience";
import { type Run, stackOf } from "./run";

/** Credentials that may do what `shopify-secrets deployer-policy` prints, and nothing else. */
export interface DeployerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const BELIEVED_WITHIN_MS = 90_000;

/** Makes a role with the documented policies of a deployer, and a session of it; both go with the run. */
export async function becomeDeployer(run: Run): Promise<DeployerCredentials> {
  const identity = await run.sts.send(new GetCallerIdentityCommand({}));
  const [, partition = "aws"] = (identity.Arn ?? "").split(":");
  const accountId = identity.Account ?? "";
  const roleArn = await createRole(run, `arn:${partition}:iam::${accountId}:root`);
  const policies = deployerPolicies({
    place: { partition, region: run.region, accountId },
    prefix: defaultPrefixOf(stackOf(run)),
    vpc: false,
  });
  for (const [at, policy] of policies.entries()) await attach(run, `${at + 1}`, policy);
  const credentials = await untilAllowed(
    () => assume(run, roleArn),
    (error) => (error as Error).name === "AccessDenied",
    { limitMs: BELIEVED_WITHIN_MS, signal: run.signal },
  );
  await untilBelieved(run, credentials);
  return credentials;
}

const roleNameOf = (run: Run): string => `${stackOf(run)}-deployer`;

async function createRole(run: Run, principal: string): Promise<string> {
  const RoleName = roleNameOf(run);
  const trust = { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" };
  const made = await run.iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  run.cleanUp.add(`the role ${RoleName}`, () => run.iam.send(new DeleteRoleCommand({ RoleName })));
  return made.Role?.Arn ?? "";
}

async function attach(run: Run, part: string, PolicyDocument: string): Promise<void> {
  const RoleName = roleNameOf(run);
  const PolicyName = `${RoleName}-${part}`;
  const made = await run.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
  const PolicyArn = made.Policy?.Arn;
  run.cleanUp.add(`the policy ${PolicyName}`, () =>
    run.iam.send(new DeletePolicyCommand({ PolicyArn })),
  );
  await run.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  run.cleanUp.add(`the policy ${PolicyName} of its role`, () =>
    run.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
  );
}

async function assume(run: Run, RoleArn: string): Promise<DeployerCredentials> {
  const { Credentials } = await run.sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: stackOf(run) }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

/** A new role's policies arrive some seconds after it. */
async function untilBelieved(run: Run, credentials: DeployerCredentials): Promise<void> {
  const secrets = new SecretsManagerClient({ region: run.region, credentials });
  try {
    await untilAllowed(
      () => secrets.send(new ListSecretsCommand({ MaxResults: 1 })),
      (error) => (error as Error).name === "AccessDeniedException",
      { limitMs: BELIEVED_WITHIN_MS, signal: run.signal },
    );
  } finally {
    secrets.destroy();
  }
}
