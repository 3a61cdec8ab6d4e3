import { check } from "../../../local/provider/check";
import {
  locators,
  plannedCreate,
  plannedUpdate,
  refreshedInputs,
  settledState,
} from "../../../local/provider/state";
import { asSecret, type Properties, UNKNOWN } from "../../../local/provider/wire";
import { CONFIG, REGION, typeNamed } from "./stand-in";

const SECRET = typeNamed("aws:secretsmanager/secret:Secret");
const VERSION = typeNamed("aws:secretsmanager/secretVersion:SecretVersion");
const ROTATION = typeNamed("aws:secretsmanager/secretRotation:SecretRotation");
const INVOCATION = typeNamed("aws:lambda/invocation:Invocation");
const FUNCTION = typeNamed("aws:lambda/function:Function");

describe("the preview of a new resource", () => {
  test("shows inputs and defaults, and leaves the rest unknown", () => {
    const { inputs } = check(
      SECRET,
      { logicalName: "s", olds: {}, news: { name: "acme", kmsKeyId: UNKNOWN } },
      CONFIG,
    );
    expect(plannedCreate(SECRET, inputs, REGION)).toEqual({
      name: "acme",
      kmsKeyId: UNKNOWN,
      recoveryWindowInDays: 30,
      forceOverwriteReplicaSecret: false,
      region: REGION,
      arn: UNKNOWN,
      namePrefix: UNKNOWN,
      policy: UNKNOWN,
      tagsAll: {},
    });
  });

  test("leaves computed values inside a block unknown too", () => {
    const vpcConfig = { securityGroupIds: ["a"], subnetIds: ["b"] };
    const planned = plannedCreate(FUNCTION, { name: "f", vpcConfig }, REGION);
    expect(planned["vpcConfig"]).toEqual({ ...vpcConfig, vpcId: UNKNOWN });
  });

  test("marks what is secret by its schema", () => {
    const planned = plannedCreate(VERSION, { secretId: "s", secretString: "shpss_x" }, REGION);
    expect(planned["secretString"]).toEqual(asSecret("shpss_x"));
  });

  test("does not know an invocation's result yet", () => {
    const planned = plannedCreate(INVOCATION, { functionName: "f", input: "{}" }, REGION);
    expect(planned["result"]).toBe(UNKNOWN);
  });
});

describe("the preview of an update", () => {
  test("keeps what AWS said, so that dependents are not replaced", () => {
    const olds = { name: "acme", arn: "arn", region: REGION, tags: { a: "1" }, description: "d" };
    const news = { name: "acme", tags: { a: "2" } };
    const planned = plannedUpdate(SECRET, { olds, news, changed: new Set(["tags"]) });
    expect(planned).toEqual({ name: "acme", arn: "arn", region: REGION, tags: { a: "2" } });
  });

  test("unsettles a function's date with new code, its version only when it is published", () => {
    const olds = { name: "f", arn: "arn", lastModified: "then", version: "1" };
    const changed = new Set(["code"]);
    const plan = (publish: boolean) =>
      plannedUpdate(FUNCTION, { olds, news: { name: "f", publish }, changed });
    expect(plan(false)).toMatchObject({ lastModified: UNKNOWN, version: "1", arn: "arn" });
    expect(plan(true)).toMatchObject({ lastModified: UNKNOWN, version: UNKNOWN, arn: "arn" });
  });
});

describe("the state of a real resource", () => {
  const passed = {
    name: "acme",
    description: "passed",
    kmsKeyId: "passed",
    policy: '{"Statement":[]}',
    recoveryWindowInDays: 0,
    tags: { a: "1" },
  };

  test("is what AWS says, never an echo of what was passed", () => {
    const found = { name: "acme", arn: "arn", description: "drift", policy: "", tags: {} };
    expect(settledState(SECRET, { passed, found }, CONFIG)).toEqual({
      name: "acme",
      arn: "arn",
      description: "drift",
      policy: "",
      recoveryWindowInDays: 0,
      tags: {},
      tagsAll: {},
    });
  });

  test("keeps the wording of a policy as long as AWS means the same", () => {
    const mine = '{"Statement":[{"Effect":"Allow","Action":["a:A"],"Resource":"*"}]}';
    const theirs = '{"Statement":{"Effect":"Allow","Action":"a:A","Resource":"*"}}';
    const state = (policy: string) =>
      settledState(SECRET, { passed: { policy: mine }, found: { policy, tags: {} } }, CONFIG);
    expect(state(theirs)["policy"]).toBe(mine);
    expect(state('{"Statement":[]}')["policy"]).toBe('{"Statement":[]}');
  });

  test("hides ignored and default tags, but not those that the program asks for itself", () => {
    const config = {
      ...CONFIG,
      defaultTags: { project: "shop", team: "a" },
      ignoreTags: { keys: [], keyPrefixes: ["status:"] },
    };
    const tags = { project: "shop", team: "a", "status:last": "x", "aws:cloud": "y", extra: "1" };
    const seen = { passed: { tags: { team: "a" } }, found: { tags } };
    expect(settledState(SECRET, seen, config)).toEqual({
      tags: { team: "a", extra: "1" },
      tagsAll: { project: "shop", team: "a", extra: "1" },
    });
  });

  test("keeps what AWS cannot be asked for", () => {
    const invoked = { functionName: "f", input: "{}", result: '"done"' };
    expect(settledState(INVOCATION, { passed: invoked, found: {} }, CONFIG)).toEqual(invoked);
  });
});

describe("the inputs after a refresh", () => {
  const refreshed = (before: Properties, state: Properties) =>
    refreshedInputs(ROTATION, before, state);

  test("are the ones before, with AWS's values", () => {
    const before = {
      secretId: "s",
      rotationRules: { scheduleExpression: "rate(8 hours)" },
      __defaults: ["rotateImmediately"],
    };
    const state = {
      secretId: "s",
      rotationEnabled: true,
      rotationLambdaArn: "arn",
      rotationRules: { scheduleExpression: "rate(4 hours)", duration: "1h" },
    };
    expect(refreshed(before, state)).toEqual({
      secretId: "s",
      rotationRules: { scheduleExpression: "rate(4 hours)", duration: "1h" },
      __defaults: ["rotateImmediately"],
    });
  });

  test("lose what AWS no longer has", () => {
    const before = { secretId: "s", rotationLambdaArn: "arn" };
    expect(refreshed(before, { secretId: "s", rotationEnabled: false })).toEqual({ secretId: "s" });
  });

  test("of an import are every input that AWS has", () => {
    const state = { secretId: "s", rotationEnabled: true, rotationLambdaArn: "arn", region: "r" };
    expect(refreshed({}, state)).toEqual({
      secretId: "s",
      rotationEnabled: true,
      rotationLambdaArn: "arn",
    });
  });
});

test("read is shown nothing of the state but what locates the resource", () => {
  const state = { function: "f", qualifier: "1", action: "lambda:InvokeFunction", region: "r" };
  const { table } = typeNamed("aws:lambda/permission:Permission");
  expect(locators(table, state)).toEqual({ function: "f", qualifier: "1", region: "r" });
});
