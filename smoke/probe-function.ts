import { DeleteLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { strToU8, zipSync } from "fflate";
import { eventually, untilAllowed } from "./patience";
import { type Run, stackOf } from "./run";

const MARK = "smoke-probe";
/** Logs what it is asked, without the rotation token, and fails before anything is written. */
const SOURCE = `exports.handler = async (event) => {
  const { Step: step, SecretId: secretId, ClientRequestToken: versionId } = event;
  console.log("${MARK} " + JSON.stringify({ step, secretId, versionId }));
  if (step === "createSecret") throw new Error("the probe stops here");
};
`;
const BELIEVED_WITHIN_MS = 60_000;
const LOGGED_WITHIN_MS = 90_000;

/** One step that Secrets Manager asked of the probe. */
export interface ProbeEvent {
  readonly step: string;
  readonly secretId: string;
  readonly versionId: string;
}

/** A throw-away rotation function, deleted with the run. */
export class ProbeFunction {
  readonly arn: string;
  readonly #run: Run;
  readonly #accountId: string;
  readonly #name: string;

  private constructor(run: Run, made: { arn: string; accountId: string; name: string }) {
    this.#run = run;
    this.arn = made.arn;
    this.#accountId = made.accountId;
    this.#name = made.name;
  }

  static async create(run: Run): Promise<ProbeFunction> {
    const name = `shopify-${stackOf(run)}-probe`;
    const { Account: accountId = "" } = await run.sts.send(new GetCallerIdentityCommand({}));
    const roleArn = await createRole(run, name);
    run.cleanUp.add(`the log group /aws/lambda/${name}`, () =>
      run.logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${name}` })),
    );
    const arn = await createFunction(run, name, roleArn);
    return new ProbeFunction(run, { arn, accountId, name });
  }

  /** Lets Secrets Manager of this account call it. */
  async permit(): Promise<void> {
    await this.#run.lambda.send(
      new AddPermissionCommand({
        FunctionName: this.#name,
        StatementId: "SecretsManager",
        Action: "lambda:InvokeFunction",
        Principal: "secretsmanager.amazonaws.com",
        SourceAccount: this.#accountId,
      }),
    );
  }

  /** What it was asked for a version, read until it is as hoped or for a minute and a half. */
  async eventsOf(
    versionId: string,
    isHoped: (events: readonly ProbeEvent[]) => boolean,
  ): Promise<readonly ProbeEvent[]> {
    const look = async () =>
      (await this.#logged()).filter((event) => event.versionId === versionId);
    return await eventually(look, isHoped, {
      limitMs: LOGGED_WITHIN_MS,
      signal: this.#run.signal,
    });
  }

  async #logged(): Promise<ProbeEvent[]> {
    const logGroupName = `/aws/lambda/${this.#name}`;
    const answer = await this.#run.logs
      .send(new FilterLogEventsCommand({ logGroupName }))
      .catch(() => ({ events: [] })); // there is no log group before the first line
    return (answer.events ?? []).flatMap(({ message = "" }) => {
      const [, text] = message.split(`${MARK} `);
      return text === undefined ? [] : [JSON.parse(text) as ProbeEvent];
    });
  }
}

async function createRole({ iam, cleanUp }: Run, RoleName: string): Promise<string> {
  const trust = {
    Effect: "Allow",
    Principal: { Service: "lambda.amazonaws.com" },
    Action: "sts:AssumeRole",
  };
  const created = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policyOf(trust) }),
  );
  cleanUp.add(`the role ${RoleName}`, () => iam.send(new DeleteRoleCommand({ RoleName })));
  const Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
  const PolicyDocument = policyOf({ Effect: "Allow", Action, Resource: "*" });
  const PolicyName = "log";
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  cleanUp.add(`the policy of the role ${RoleName}`, () =>
    iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
  );
  return created.Role?.Arn ?? "";
}

const policyOf = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [statement] });

async function createFunction(run: Run, FunctionName: string, Role: string): Promise<string> {
  const { lambda, cleanUp, signal } = run;
  const command = new CreateFunctionCommand({
    FunctionName,
    Role,
    Runtime: "nodejs24.x",
    Timeout: 30,
    Handler: "index.handler",
    Code: { ZipFile: zipSync({ "index.js": strToU8(SOURCE) }) },
  });
  // A new role is not known everywhere.
  const mayPass = (error: unknown) =>
    error instanceof Error && error.name === "InvalidParameterValueException";
  const limits = { limitMs: BELIEVED_WITHIN_MS, signal };
  const created = await untilAllowed(() => lambda.send(command), mayPass, limits);
  cleanUp.add(`the function ${FunctionName}`, () =>
    lambda.send(new DeleteFunctionCommand({ FunctionName })),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName });
  return created.FunctionArn ?? "";
}
