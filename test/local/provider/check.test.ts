import { check, DEFAULTS } from "../../../local/provider/check";
import { type Properties, UNKNOWN } from "../../../local/provider/wire";
import { CONFIG, typeNamed } from "./stand-in";

const checked = (token: string, news: Properties, olds: Properties = {}) =>
  check(typeNamed(token), { logicalName: "thing", olds, news }, CONFIG);

const SECRET = "aws:secretsmanager/secret:Secret";
const ROTATION = "aws:secretsmanager/secretRotation:SecretRotation";
const FUNCTION = "aws:lambda/function:Function";
const LOGS = "aws:cloudwatch/logGroup:LogGroup";
const CODE = { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", path: "x" };
const RUNNABLE = {
  role: "arn:aws:iam::0:role/r",
  handler: "i.h",
  runtime: "nodejs24.x",
  code: CODE,
};

test("fills in the official defaults and notes which values are its own", () => {
  const { inputs, failures } = checked(SECRET, { name: "acme", description: "d" });
  expect(failures).toEqual([]);
  expect(inputs).toEqual({
    name: "acme",
    description: "d",
    recoveryWindowInDays: 30,
    forceOverwriteReplicaSecret: false,
    tagsAll: {},
    [DEFAULTS]: expect.arrayContaining(["recoveryWindowInDays", "forceOverwriteReplicaSecret"]),
  });
  expect(inputs[DEFAULTS]).not.toContain("name");
});

// Names and lengths as the official provider's own validations have them (secretsmanager/validate.go, iam/role.go,
// kms/alias.go, logs/group.go, lambda/function.go, scheduler/schedule.go, cloudwatch/metric_alarm.go, sns/topic.go).
test.each([
  ["aws:iam/role:Role", { name: "r".repeat(65), assumeRolePolicy: "{}" }, "name"],
  ["aws:iam/role:Role", { name: "a/b", assumeRolePolicy: "{}" }, "name"],
  ["aws:iam/role:Role", { description: "d".repeat(1_001), assumeRolePolicy: "{}" }, "description"],
  ["aws:iam/role:Role", { name: "r", assumeRolePolicy: "{no" }, "assumeRolePolicy"],
  ["aws:iam/rolePolicy:RolePolicy", { name: "a b", role: "r", policy: "{}" }, "name"],
  ["aws:iam/rolePolicy:RolePolicy", { name: "a", role: "r", policy: "{no" }, "policy"],
  ["aws:kms/key:Key", { description: "d".repeat(8_193) }, "description"],
  ["aws:kms/key:Key", { policy: "{no" }, "policy"],
  ["aws:kms/alias:Alias", { name: "alias/a.b", targetKeyId: "k" }, "name"],
  ["aws:kms/alias:Alias", { name: "mine", targetKeyId: "k" }, "name"],
  [LOGS, { name: "a b" }, "name"],
  [LOGS, { name: "l".repeat(513) }, "name"],
  [FUNCTION, { ...RUNNABLE, name: "a b" }, "name"],
  [FUNCTION, { ...RUNNABLE, description: "d".repeat(257) }, "description"],
  [SECRET, { name: "shopify/dev/stores/acme!/token" }, "name"],
  [SECRET, { name: "s".repeat(513) }, "name"],
  [SECRET, { name: "a", policy: "{no" }, "policy"],
  [
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    { name: "a".repeat(256), comparisonOperator: "LessThanThreshold", evaluationPeriods: 1 },
    "name",
  ],
  ["aws:sns/topic:Topic", { name: "a.b" }, "name"],
] as const)("%s refuses %j at preview", (token, news, property) => {
  const { failures } = checked(token, news as Properties);
  expect(failures.map((failure) => failure.property)).toContain(property);
});

test("keeps a zero recovery window: it means deletion at once", () => {
  expect(checked(SECRET, { name: "a", recoveryWindowInDays: 0 }).inputs).toMatchObject({
    recoveryWindowInDays: 0,
  });
});

test.each([
  ["an unknown property", SECRET, { name: "a", colour: "red" }, "colour", /"colour"/],
  [
    "an unknown nested property",
    ROTATION,
    { secretId: "s", rotationRules: { scheduleExpression: "rate(8 hours)", days: 3 } },
    "rotationRules.days",
    /"rotationRules.days"/,
  ],
  ["a computed property", SECRET, { arn: "arn:aws:x" }, "arn", /"arn"/],
  ["a missing one", "aws:kms/alias:Alias", {}, "targetKeyId", /Missing required property/],
  ["a wrong type", SECRET, { tags: "red" }, "tags", /must be of type map/],
  ["a wrong type of number", FUNCTION, { ...RUNNABLE, timeout: "soon" }, "timeout", /number/],
  ["no JSON", SECRET, { policy: "{" }, "policy", /must be of type json/],
  ["a value that is none", LOGS, { retentionInDays: 4 }, "retentionInDays", /to be one of/],
  ["too large a number", FUNCTION, { ...RUNNABLE, timeout: 901 }, "timeout", /range \(1 - 900\)/],
  ["a window of 5 days", SECRET, { recoveryWindowInDays: 5 }, "recoveryWindowInDays", /7 - 30/],
  ["two names", SECRET, { name: "a", namePrefix: "b" }, "namePrefix", /conflicts with name/],
  ["no rules", ROTATION, { secretId: "s" }, "rotationRules", /is required unless/],
  ["no schedule", ROTATION, { secretId: "s", rotationRules: {} }, "rotationRules", /one of/],
  [
    "two schedules",
    ROTATION,
    {
      secretId: "s",
      rotationRules: { automaticallyAfterDays: 1, scheduleExpression: "rate(8 hours)" },
    },
    "rotationRules",
    /no more than one/,
  ],
  ["no code", FUNCTION, { ...RUNNABLE, code: "a text is none" }, "code", /archive/],
  ["no handler", FUNCTION, { role: "r", runtime: "nodejs24.x", code: CODE }, "handler", /handler/],
  [
    "a call for each change",
    "aws:lambda/invocation:Invocation",
    { functionName: "f", input: "{}", lifecycleScope: "CRUD" },
    "lifecycleScope",
    /CREATE_ONLY/,
  ],
  [
    "an alarm with no statistic",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    { comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, metricName: "m" },
    "statistic",
    /statistic/,
  ],
] as const)("refuses %s and names it", (...[, token, news, property, reason]) => {
  const { failures } = checked(token, { ...news } as Properties);
  expect(failures).toContainEqual({ property, reason: expect.stringMatching(reason) });
});

test("says all mistakes at once", () => {
  const { failures } = checked(FUNCTION, { ...RUNNABLE, timeout: 0, memorySize: 1, oops: true });
  expect(failures.map(({ property }) => property).sort()).toEqual([
    "memorySize",
    "oops",
    "timeout",
  ]);
});

test("lets what is unknown pass, also where a value would be refused", () => {
  const news = { secretId: UNKNOWN, rotationRules: UNKNOWN, rotationLambdaArn: UNKNOWN };
  expect(checked(ROTATION, news)).toMatchObject({ failures: [], inputs: news });
});

test("turns a policy that is an object into its text", () => {
  const policy = { Version: "2012-10-17", Statement: [] };
  const { inputs } = checked("aws:iam/policy:Policy", { name: "p", policy });
  expect(inputs["policy"]).toBe(JSON.stringify(policy));
});

test("names a resource after its logical name, once and for all", () => {
  const first = checked(SECRET, {}).inputs;
  expect(first["name"]).toMatch(/^thing-[0-9a-f]{7}$/);
  expect(first[DEFAULTS]).toContain("name");
  expect(checked(SECRET, {}, first).inputs["name"]).toBe(first["name"]);
});

test("gives an alias its prefix, and takes the engine's own proposal for a name", () => {
  const type = typeNamed("aws:kms/alias:Alias");
  const news = { targetKeyId: "k" };
  const request = { logicalName: "thing", olds: {}, news, proposedName: "proposed" };
  expect(check(type, request, CONFIG).inputs["name"]).toBe("alias/proposed");
});

describe("tags", () => {
  const config = {
    ...CONFIG,
    defaultTags: { project: "shop", team: "a" },
    ignoreTags: { keys: ["team"], keyPrefixes: ["status:"] },
  };
  const tagged = (tags?: Properties) =>
    check(
      typeNamed(SECRET),
      { logicalName: "thing", olds: {}, news: { name: "a", ...(tags ? { tags } : {}) } },
      config,
    ).inputs["tagsAll"];

  test("merges the provider's default tags in, the program's own first", () => {
    expect(tagged({ b: "2", project: "mine" })).toEqual({ b: "2", project: "mine" });
  });

  test("leaves ignored tags out", () => {
    expect(tagged({ "status:last": "x" })).toEqual({ project: "shop" });
    expect(tagged()).toEqual({ project: "shop" });
  });

  test("are unknown as long as one of them is", () => {
    expect(tagged({ b: UNKNOWN })).toBe(UNKNOWN);
  });
});
