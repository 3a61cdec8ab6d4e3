import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { functionRoleName } from "../../../contract/names";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { deployerPolicy } from "../../security/deployer-policy";
import { beginWorld } from "../begin-world";
import { changesIn, DeclaredStack } from "./declared-stack";
import { copyProject } from "./project-copy";

const { acme, heritage } = DEV_STORES;
const ROTATE_ROLE = functionRoleName("shopify/dev", "rotate", "us-east-1");
const LISTED = '{"store":"west","kind":"custom-app","shop":"west.myshopify.com"}\n';
const READER = "arn:aws:iam::000000000000:role/orders";

const VPC = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
const CONFIG = {
  recoveryWindowDays: 0,
  alarms: true,
  installEndpoint: true,
  installAccessLog: true,
  apps: { fulfilment: { clientId: DEV_APPS.fulfilment.clientId } },
  clientSecrets: { fulfilment: DEV_APPS.fulfilment.clientSecret },
  accessTokens: { heritage: heritage.accessToken },
  stores: {
    acme: { kind: acme.kind, shop: acme.shop, app: acme.app, scopes: acme.scopes },
    heritage: { kind: heritage.kind, shop: heritage.shop, readers: [READER] },
  },
};

/** Dependent permissions are enforced: this is all that a deployer needs. */
describe("a deployer with the policies that the command prints and no other", () => {
  let world: World;
  let stack: DeclaredStack;
  let credentials: { accessKeyId: string; secretAccessKey: string };

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    const more = { vpc: true, accessLog: true, list: true, workQueue: true };
    const policies = deployerPolicy("dev", more);
    credentials = await createReaderUser(world, "deployer", policies);
    const projectDir = copyProject(world);
    writeFileSync(join(projectDir, "stores.jsonl"), LISTED);
    stack = new DeclaredStack(world, { credentials, projectDir });
    stack.declare(CONFIG);
    await stack.must(stack.engine.run(["stack", "init"]));
  });

  afterAll(async () => {
    await world?.stop();
  });

  test("provisions a stack with everything in it", async () => {
    const output = await stack.must(stack.up());
    expect(output).toMatch(/\+ \d+ created/);
  });

  test("changes every kind of thing in it, and refreshes", async () => {
    stack.declare({
      ...CONFIG,
      logRetentionDays: 30,
      rotationHours: 6,
      vpc: VPC,
      stores: { ...CONFIG.stores, heritage: { kind: heritage.kind, shop: heritage.shop } },
    });
    expect(await policyOfHeritage()).toContain(READER);
    await stack.must(stack.up());
    expect(await policyOfHeritage()).toBeUndefined();
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  test("gives it a list of stores and a queue, and takes them away again", async () => {
    stack.declare({ ...CONFIG, vpc: VPC, fleet: { list: "stores.jsonl" }, workQueue: true });
    const made = changesIn(await stack.must(stack.up()));
    expect(made).toEqual(
      expect.arrayContaining([
        "+ aws:s3:BucketLifecycleConfiguration apply-lifecycle",
        "+ aws:sfn:StateMachine apply-machine",
        "+ aws:sqs:Queue work-queue",
      ]),
    );
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    stack.declare({ ...CONFIG, vpc: VPC });
    const gone = changesIn(await stack.must(stack.up()));
    expect(gone).toContain("- aws:s3:BucketLifecycleConfiguration apply-lifecycle");
    expect(gone).toContain("- aws:s3:Bucket apply-bucket");
  });

  test("takes it out of its VPC in two steps: the functions' right to delete their interfaces goes last", async () => {
    const iam = new IAMClient(clientConfigOf(world));
    const rotatePolicies = async () => {
      const asked = new ListRolePoliciesCommand({ RoleName: ROTATE_ROLE });
      return (await iam.send(asked)).PolicyNames?.length;
    };
    const joined = await rotatePolicies();
    stack.declare({ ...CONFIG, leavingVpc: true });
    const left = changesIn(await stack.must(stack.up()));
    expect(left).toContain("~ aws:lambda:Function rotate-function");
    expect(left.filter((change) => /RolePolicy/.test(change))).toEqual([]);
    expect(await rotatePolicies()).toBe(joined);
    stack.declare(CONFIG);
    const last = changesIn(await stack.must(stack.up()));
    expect(last).toContain("- aws:iam:RolePolicy rotate-network-policy");
    expect(last.filter((change) => !/network-policy$/.test(change))).toEqual([]);
    expect(await rotatePolicies()).toBe((joined ?? 0) - 1);
    iam.destroy();
  });

  async function policyOfHeritage(): Promise<string | undefined> {
    const SecretId = "shopify/dev/stores/heritage/token";
    const policy = await world.secrets.handle("GetResourcePolicy", { SecretId });
    return (policy as { ResourcePolicy?: string }).ResourcePolicy;
  }

  test("reads no store secret", async () => {
    const client = new SecretsManagerClient({ ...clientConfigOf(world), credentials });
    const read = client.send(
      new GetSecretValueCommand({ SecretId: "shopify/dev/stores/acme/token" }),
    );
    await expect(read).rejects.toMatchObject({ name: "AccessDeniedException" });
    client.destroy();
  });

  test("destroys it, also where somebody attached a policy to its roles", async () => {
    const iam = new IAMClient(clientConfigOf(world));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }],
    });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "of-a-guard-rail", PolicyDocument }),
    );
    const attach = { RoleName: ROTATE_ROLE, PolicyArn: Policy?.Arn };
    await iam.send(new AttachRolePolicyCommand(attach));
    iam.destroy();
    await stack.must(stack.engine.run(["refresh", "--yes", "--skip-preview"]));
    await stack.must(
      stack.engine.run(["destroy", "--yes", "--skip-preview", "--continue-on-error"]),
    );
  });
});
