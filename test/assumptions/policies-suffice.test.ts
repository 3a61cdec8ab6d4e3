import type { FunctionRole } from "../../contract/names";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import type { Statement } from "../../infra/policies/statement";
import { needsOfSecretRequest } from "../../local/aws/dependent-permissions";
import { questionOf, type SecretFacts, type SecretRequest } from "../../local/aws/secret-request";
import { reading } from "../infra/config/at";
import { ofType, policyIn, type Recorded, recordResources } from "../infra/recorded";
import { stubBundles } from "../infra/stub-bundles";
import { StoreStand } from "../lambda/stand/store-stand";
import { ROTATE_FUNCTION as FUNCTION, HOUR, PREFIX } from "../simulation/stage";
import { allows, type Question } from "./iam-evaluation";

const PLACE = { region: "us-east-1", accountId: "000000000000" };
const KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
const CONFIG = {
  apps: { erp: { clientId: "erp-client" } },
  clientSecrets: { erp: "shpss_canary" },
  stores: { acme: { kind: "client-credentials", shop: "acme.myshopify.com", app: "erp" } },
};

const bundles = stubBundles();
let program: readonly Recorded[];

beforeAll(async () => {
  const { fleet, problems } = parseFleet(CONFIG, reading(PREFIX));
  expect(problems).toEqual([]);
  program = await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
});

afterAll(() => bundles.remove());

/** The statements that the program gives a function, its own ARN being the world's. */
function statementsOf(role: FunctionRole): readonly Statement[] {
  const policy = ofType(program, "aws:iam/rolePolicy:RolePolicy").find(
    ({ name }) => name === `${role}-policy`,
  );
  const { Statement: statements } = policyIn(policy, "policy") as { Statement: Statement[] };
  const text = JSON.stringify(statements);
  const ownArn = `arn:aws:lambda:us-east-1:000000000000:function:shopify-test-${role}`;
  return JSON.parse(text.replaceAll(ownArn, FUNCTION)) as Statement[];
}

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Everything that is asked of Secrets Manager while something is done. */
async function callsDuring(world: StoreStand, act: () => Promise<unknown>): Promise<Call[]> {
  const handle = jest.spyOn(world.model, "handle");
  await act();
  return handle.mock.calls.map(([operation, input]) => ({
    operation,
    input: input as Call["input"],
  }));
}

/** All that AWS would ask the policies about one call: its own action, and the rights that it depends on. */
function questionsOf(world: StoreStand, { operation, input }: Call): readonly Question[] {
  const facts = factsOf(world, String(input["SecretId"]));
  const request: SecretRequest = { operation, input, facts, versionId: "any" };
  return [questionOf(request, PLACE), ...needsOfSecretRequest(request, PLACE)];
}

/** What policies see of a secret of the world, under the key that the program gives it. */
function factsOf(world: StoreStand, secretId: string): SecretFacts {
  const found = world.model.factsFor(secretId);
  if (found === undefined) throw new Error(`there is no secret ${secretId}`);
  const { arn, name, rotationLambdaArn } = found;
  return { arn, name, rotationLambdaArn, tags: {}, kmsKeyId: KEY_ARN };
}

function refusedTo(role: FunctionRole, world: StoreStand, calls: readonly Call[]): string[] {
  const statements = statementsOf(role);
  const refused = calls
    .flatMap((call) => questionsOf(world, call))
    .filter((question) => !allows(statements, question))
    .map(({ action, resource }) => `${action} on ${resource}`);
  return [...new Set(refused)];
}

async function rotatingWorld(): Promise<StoreStand> {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  world.clock.now += 8 * HOUR;
  return world;
}

describe("the policies that the program deploys allow", () => {
  test("every call of a rotation, with all that AWS makes depend on it", async () => {
    const world = await rotatingWorld();
    const token = world.model.newToken();
    const calls = await callsDuring(world, () => world.rotateNow(token));
    const own = calls.filter(({ operation }) => operation !== "RotateSecret");
    expect(own.length).toBeGreaterThanOrEqual(6);
    expect(refusedTo("rotate", world, own)).toEqual([]);
  });

  test("every call of an enrolment, before the secret names any function", async () => {
    const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
    const calls = await callsDuring(world, () => world.enrol());
    expect(calls.map(({ operation }) => operation)).toContain("PutSecretValue");
    expect(refusedTo("enrol", world, calls)).toEqual([]);
  });

  test("every call of a renewal by the sweep, whatever function the secret names", async () => {
    const world = await rotatingWorld();
    const calls = await callsDuring(world, () => world.renew());
    expect(calls.map(({ operation }) => operation)).toContain("UpdateSecretVersionStage");
    expect(refusedTo("sweep", world, calls)).toEqual([]);
  });

  test("no call on a secret that names another function, or is another stack's", async () => {
    const world = await rotatingWorld();
    const [describe] = await callsDuring(world, () => world.rotateNow());
    if (describe === undefined) throw new Error("nothing was asked");
    const question = questionOf(
      {
        operation: "DescribeSecret",
        input: describe.input,
        facts: { ...factsOf(world, world.arn), rotationLambdaArn: `${FUNCTION}-of-another` },
      },
      PLACE,
    );
    expect(allows(statementsOf("rotate"), question)).toBe(false);
    const foreign = { ...question, resource: question.resource.replace(PREFIX, "shopify/other") };
    expect(allows(statementsOf("enrol"), foreign)).toBe(false);
  });
});
