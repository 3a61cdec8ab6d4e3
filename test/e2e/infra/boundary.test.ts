import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  DeleteApiCommand,
  TagResourceCommand as TagApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  AttachUserPolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DetachUserPolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { boundaryArnOf } from "../../../contract/boundary-policy";
import { deployerPolicies } from "../../../contract/deployer-policy";
import { DAY_MS } from "../../../contract/time";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";
import { blocksOf, documents, PROJECT } from "../../docs/code-blocks";
import { beginWorld } from "../begin-world";
import { letListsArrive } from "../let-lists-arrive";
import { DEV_FLEET } from "../security/marked-fleet";
import { roleArn } from "../security/targets";
import { projectIn, runnable, shell } from "../terminal";
import { changesIn } from "./declared-stack";
import { historyOf } from "./secret-history";

const ROTATE = "shopify-dev-rotate-us-east-1";
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

const MINE = [{ TagKey: "shopify-prefix", TagValue: "shopify/dev" }];
const EVERYBODY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
});

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The lines of docs/deploy.md that bound a stack, on a stack of before; and then what a deployer must not. */
describe("a stack that gets a boundary", () => {
  const [makesBoundary, makesPolicies, bounds, widens] = boundedBlocks();
  const before = deployerPolicies({ ...DEV_FLEET, vpc: true, accessLog: true });
  let world: World;
  let folder: string;
  let pipeline: Keys;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = projectIn(world);
    pipeline = await createReaderUser(world, "pipeline", before);
  });

  afterAll(() => world?.stop());

  /** Types lines as somebody; without keys the account's owner, who administers it. */
  async function type(script: string, { accessKeyId, secretAccessKey }: Partial<Keys> = {}) {
    const keys =
      accessKeyId === undefined
        ? {}
        : { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey ?? "" };
    const { operatorEnvironment, clockEnvironment } = world;
    const { status, output } = await shell(runnable(script), {
      cwd: folder,
      env: {
        HOME: world.folder,
        ...operatorEnvironment,
        ...clockEnvironment,
        ...keys,
        PATH: `${awsStandIn(world)}:${operatorEnvironment["PATH"]}`,
      },
    });
    world.letRightsArrive();
    if (status !== 0) throw new Error(output);
    return output;
  }

  async function withIam<T>(act: (iam: IAMClient) => Promise<T>, keys?: Keys): Promise<T> {
    const credentials = keys === undefined ? {} : { credentials: keys };
    const iam = new IAMClient({ ...clientConfigOf(world), ...credentials });
    try {
      return await act(iam);
    } finally {
      iam.destroy();
      world.letRightsArrive();
    }
  }

  test("was deployed without one, with everything at the install endpoint", async () => {
    const settings = ["installEndpoint true", "installAccessLog true", "alarms true"];
    await type(
      [
        "pulumi stack init dev",
        ...settings.map((setting) => `pulumi config set shopify-secrets:${setting}`),
        "pulumi up --continue-on-error",
      ].join("\n"),
      pipeline,
    );
    letListsArrive(world);
  });

  test("an administrator makes the boundary and the deployer's other policies", async () => {
    await type(makesBoundary);
    const [first, second] = [1, 2, 3].map((part) =>
      makesPolicies.replace("--part 1", `--part ${part}`).replace("deployer-1", `deployer-${part}`),
    );
    await type(`${first}\n${second}`);
    await expect(type(makesPolicies.replace("--part 1", "--part 4"))).rejects.toThrow(
      "there is no part",
    );
    for (const part of [1, 2]) {
      const PolicyArn = `arn:aws:iam::000000000000:policy/shopify-dev-deployer-${part}`;
      await withIam((iam) =>
        iam.send(new AttachUserPolicyCommand({ UserName: "pipeline", PolicyArn })),
      );
    }
  });

  test("the pipeline bounds its roles in place, and touches no store", async () => {
    const acme = "shopify/dev/stores/acme/token";
    const history = await historyOf(world, acme);
    const output = await type(bounds, pipeline);
    const changes = changesIn(output);
    expect(changes.filter((change) => !change.startsWith("~ "))).toEqual([]);
    expect(changes.filter((change) => change.includes("aws:iam:Role "))).toHaveLength(5);
    expect(await historyOf(world, acme)).toEqual(history);
  });

  test("without the policies of before it deploys, changes and refreshes", async () => {
    for (const index of before.keys()) {
      const PolicyArn = `arn:aws:iam::000000000000:policy/pipeline-${index}`;
      await withIam((iam) =>
        iam.send(new DetachUserPolicyCommand({ UserName: "pipeline", PolicyArn })),
      );
    }
    await type(
      "pulumi config set shopify-secrets:logRetentionDays 30\npulumi up --continue-on-error\npulumi preview --refresh --expect-no-changes",
      pipeline,
    );
  });

  test("the sweep does all that it does: a day brings no refusal, and enrol and install are kept awake", async () => {
    world.front.forgetCalls();
    await world.driver.advance(DAY_MS);
    const calls = world.front.calls();
    const refused = calls.filter(({ status }) => status === 403);
    expect(refused.map(({ service, operation }) => `${service} ${operation}`)).toEqual([]);
    const awake = calls
      .filter(({ service, status }) => service === "lambda" && status === 202)
      .map(({ operation }) => /functions\/([^/]+)\/invocations/.exec(operation)?.[1]);
    expect([...new Set(awake)].sort()).toEqual(["shopify-dev-enrol", "shopify-dev-install"]);
  });

  test("the boundary is widened by its administrator, and by no pipeline", async () => {
    await type(widens);
    await expect(type(widens, pipeline)).rejects.toThrow(/explicit deny/);
  });

  test("a role that the pipeline gives every right has none beyond the boundary", async () => {
    const give = new PutRolePolicyCommand({
      RoleName: ROTATE,
      PolicyName: "everything",
      PolicyDocument: EVERYTHING,
    });
    await withIam((iam) => iam.send(give), pipeline);
    const who = { roleArn: roleArn(ROTATE), assumedBy: "lambda.amazonaws.com" };
    const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret";
    const asked = [
      ["secretsmanager:GetSecretValue", `${secret}:shopify/dev/stores/acme/token-AbCdEf`],
      ["secretsmanager:GetSecretValue", `${secret}:payroll/db-AbCdEf`],
      ["iam:CreateUser", "arn:aws:iam::000000000000:user/backdoor"],
      ["iam:PutUserPolicy", "arn:aws:iam::000000000000:user/backdoor"],
    ] as const;
    const answers = await world.front
      .policies()
      .ask(asked.map(([action, resource]) => ({ who, action, resource })));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, false, false, false]);
  });

  test("the pipeline opens no role, unbounds none, and reaches nothing of another stack", async () => {
    const theirs = await thingsOfOthers(world);
    const mine = { ...clientConfigOf(world), credentials: pipeline };
    const [iam, kms] = [new IAMClient(mine), new KMSClient(mine)];
    const [api, logs] = [new ApiGatewayV2Client(mine), new CloudWatchLogsClient(mine)];
    const RoleName = "shopify-dev-sweep-us-east-1";
    const attempts = {
      "lets everybody into a role": () =>
        iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: EVERYBODY })),
      "takes a boundary away": () =>
        iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
      "deletes a key of another stack": () =>
        kms.send(new ScheduleKeyDeletionCommand({ KeyId: theirs.keyId, PendingWindowInDays: 7 })),
      "deletes a key without a tag": () =>
        kms.send(new ScheduleKeyDeletionCommand({ KeyId: theirs.bareKeyId })),
      "deletes an API of another stack": () =>
        api.send(new DeleteApiCommand({ ApiId: theirs.apiId })),
      "takes a key that has an alias, by tagging it": () =>
        kms.send(new TagResourceCommand({ KeyId: theirs.namedKeyId, Tags: MINE })),
      "deletes an API of another stack that it tagged": async () => {
        const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${theirs.apiId}`;
        await api.send(
          new TagApiCommand({ ResourceArn, Tags: { "shopify-prefix": "shopify/dev" } }),
        );
        await api.send(new DeleteApiCommand({ ApiId: theirs.apiId }));
      },
      "deletes a log of a stack of nearly the same name": () =>
        logs.send(new DeleteLogGroupCommand({ logGroupName: theirs.logGroupName })),
    };
    const ends: Record<string, string> = {};
    for (const [what, attempt] of Object.entries(attempts)) {
      ends[what] = await attempt().then(
        () => "allowed",
        (error: Error) => error.name,
      );
    }
    for (const client of [iam, kms, api, logs]) client.destroy();
    for (const end of Object.values(ends)) expect(end).toMatch(/^AccessDenied(?:Exception)?$/);
    expect(Object.keys(ends)).toHaveLength(8);
  });
});

/** The blocks of the page, for the stack of a world. */
function boundedBlocks(): [string, string, string, string] {
  const blocks = documents()
    .flatMap(blocksOf)
    .filter(({ mark }) => mark === "bounded")
    .map(({ code }) =>
      code
        .replaceAll("shopify/prod", "shopify/dev")
        .replaceAll("shopify-prod", "shopify-dev")
        .replaceAll("eu-west-1", "us-east-1")
        .replaceAll("123456789012", DEV_FLEET.place.accountId),
    );
  expect(blocks).toHaveLength(4);
  expect(blocks.join("\n")).toContain(boundaryArnOf(DEV_FLEET));
  return blocks as [string, string, string, string];
}

/** A folder with an `aws` of the world's own. */
function awsStandIn(world: World): string {
  const folder = join(world.folder, "aws-stand-in");
  mkdirSync(folder, { recursive: true });
  const script = join(folder, "aws");
  const target = join(PROJECT, "test/e2e/infra/aws-iam.ts");
  writeFileSync(
    script,
    `#!/bin/sh\nexec node --import '${join(PROJECT, "node_modules/tsx/dist/loader.mjs")}' '${target}' "$@"\n`,
  );
  chmodSync(script, 0o755);
  return folder;
}

/** What belongs to others in the account, made by its owner. */
async function thingsOfOthers(world: World) {
  const owner = clientConfigOf(world);
  const [kms, api] = [new KMSClient(owner), new ApiGatewayV2Client(owner)];
  const logs = new CloudWatchLogsClient(owner);
  const tag = { "shopify-prefix": "shopify/other" };
  const Tags = [{ TagKey: "shopify-prefix", TagValue: "shopify/other" }];
  const tagged = await kms.send(new CreateKeyCommand({ Tags }));
  const bare = await kms.send(new CreateKeyCommand({}));
  const named = await kms.send(new CreateKeyCommand({}));
  const TargetKeyId = named.KeyMetadata?.KeyId;
  await kms.send(new CreateAliasCommand({ AliasName: "alias/payroll", TargetKeyId }));
  const { ApiId } = await api.send(
    new CreateApiCommand({ Name: "shopify-other-install", ProtocolType: "HTTP", Tags: tag }),
  );
  const logGroupName = "/aws/lambda/shopify-dev-eu-rotate";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const client of [kms, api, logs]) client.destroy();
  return {
    keyId: tagged.KeyMetadata?.KeyId,
    namedKeyId: TargetKeyId,
    bareKeyId: bare.KeyMetadata?.KeyId,
    apiId: ApiId,
    logGroupName,
  };
}
