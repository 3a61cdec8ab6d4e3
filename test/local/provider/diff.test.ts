import { check } from "../../../local/provider/check";
import { diff } from "../../../local/provider/diff";
import { type Properties, UNKNOWN } from "../../../local/provider/wire";
import { CONFIG, typeNamed } from "./stand-in";

const SECRET = "aws:secretsmanager/secret:Secret";
const FUNCTION = "aws:lambda/function:Function";

const inputsOf = (token: string, news: Properties): Properties =>
  check(typeNamed(token), { logicalName: "thing", olds: {}, news }, CONFIG).inputs;

/** The difference between a state as read and a program's inputs, defaults filled in. */
const between = (
  token: string,
  olds: Properties,
  ...[news, ignored = []]: [Properties, string[]?]
) => diff(typeNamed(token), { olds, news: inputsOf(token, news) }, ignored);

const paths = (found: ReturnType<typeof diff>) =>
  found.changes.map(({ path, kind, replace }) => `${kind} ${path}${replace ? " (replace)" : ""}`);

const STORED = {
  name: "acme",
  arn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:acme-abcdef",
  description: "one",
  recoveryWindowInDays: 30,
  forceOverwriteReplicaSecret: false,
  policy: "",
  region: "us-east-1",
  tags: { a: "1" },
  tagsAll: { a: "1" },
};
const PROGRAM = { name: "acme", description: "one", tags: { a: "1" } };

test("sees no difference where there is none, defaults and computed values included", () => {
  expect(paths(between(SECRET, STORED, PROGRAM))).toEqual([]);
});

test.each<[string, Properties, string[]]>([
  ["another description", { description: "two" }, ["update description"]],
  ["another tag", { tags: { a: "2" } }, ["update tags.a", "update tagsAll.a"]],
  ["an odd tag", { tags: { a: "1", "b c": "2" } }, ['add tags["b c"]', 'add tagsAll["b c"]']],
  ["a key", { kmsKeyId: "k" }, ["add kmsKeyId"]],
  ["another window", { recoveryWindowInDays: 0 }, ["update recoveryWindowInDays"]],
  ["another name", { name: "other" }, ["update name (replace)"]],
  ["a name not known yet", { name: UNKNOWN }, ["update name (replace)"]],
  ["a description not known yet", { description: UNKNOWN }, ["update description"]],
  ["another region", { region: "eu-west-1" }, ["update region (replace)"]],
])("sees %s", (_case, change, expected) => {
  expect(paths(between(SECRET, STORED, { ...PROGRAM, ...change })).sort()).toEqual(expected.sort());
});

test("sees what the program no longer says, unless AWS may choose it", () => {
  const { description, ...rest } = PROGRAM;
  expect(description).toBe("one");
  expect(paths(between(SECRET, STORED, rest))).toEqual(["delete description"]);
  expect(paths(between(SECRET, { ...STORED, policy: '{"Statement":[]}' }, PROGRAM))).toEqual([]);
});

test.each([["description"], ["tags"], ["tagsAll"]])("sees drift of %s in the state", (name) => {
  const drifted = { ...STORED, [name]: name === "description" ? "x" : { a: "x" } };
  expect(between(SECRET, drifted, PROGRAM).changed).toContain(name);
});

test("leaves out what the program ignores", () => {
  const change = { ...PROGRAM, description: "two", tags: { a: "2" } };
  expect(paths(between(SECRET, STORED, change, ["description", "tags", "tagsAll"]))).toEqual([]);
  expect(paths(between(SECRET, STORED, change, ["tags.a", "tagsAll"]))).toEqual([
    "update description",
  ]);
});

describe("replacement", () => {
  test("deletes first what carries a name of the program's own", () => {
    expect(between(SECRET, STORED, { ...PROGRAM, name: "b" }).deleteBeforeReplace).toBe(true);
    expect(between(SECRET, STORED, { ...PROGRAM, description: "b" }).deleteBeforeReplace).toBe(
      false,
    );
  });

  test("creates first what was named automatically", () => {
    const news = inputsOf(SECRET, { region: "eu-west-1" });
    const olds = { ...STORED, name: news["name"] ?? "" };
    const found = diff(typeNamed(SECRET), { olds, news });
    expect(found).toMatchObject({ replaces: ["region"], deleteBeforeReplace: false });
  });

  test("creates a new invocation before the old one goes, for input and triggers alike", () => {
    const token = "aws:lambda/invocation:Invocation";
    const olds = inputsOf(token, { functionName: "f", input: "{}", triggers: { code: "1" } });
    for (const change of [{ input: '{"a":1}' }, { triggers: { code: "2" } }, { qualifier: "3" }]) {
      const news = { functionName: "f", input: "{}", triggers: { code: "1" }, ...change };
      const found = between(token, olds, news as Properties);
      expect(found.replaces).toEqual(Object.keys(change));
      expect(found.deleteBeforeReplace).toBe(false);
    }
  });

  test("names the properties that stay, so that dependents can rely on them", () => {
    const found = between(SECRET, STORED, { ...PROGRAM, description: "two" });
    expect(found.stables).toEqual(expect.arrayContaining(["name", "region"]));
    expect(between(SECRET, STORED, { ...PROGRAM, name: "b" }).stables).not.toContain("name");
  });
});

describe("a function", () => {
  const SIGNATURE = "4dabf18193072939515e22adb298388d";
  const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
  const code = (hash: string, path = "dist") => ({ [SIGNATURE]: ARCHIVE, hash, path });
  const news = {
    name: "rotate",
    role: "r",
    handler: "index.handler",
    runtime: "nodejs24.x",
    code: code("aa"),
    environment: { variables: { LOG_LEVEL: "info" } },
  };
  const olds = {
    ...inputsOf(FUNCTION, news),
    architectures: ["x86_64"],
    ephemeralStorage: { size: 512 },
    loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/rotate" },
    tracingConfig: { mode: "PassThrough" },
    sourceCodeSize: 12,
  };

  test("shows no difference for a rebuilt bundle with the same contents", () => {
    const rebuilt = { ...news, code: code("aa", "elsewhere") };
    expect(paths(between(FUNCTION, olds, rebuilt))).toEqual([]);
  });

  test("shows new code, one changed variable, and a log format", () => {
    const changed = {
      ...news,
      code: code("bb"),
      environment: { variables: { LOG_LEVEL: "debug", NEW: "1" } },
      loggingConfig: { logFormat: "JSON" },
    };
    expect(paths(between(FUNCTION, olds, changed))).toEqual([
      "update code",
      "update environment.variables.LOG_LEVEL",
      "add environment.variables.NEW",
      "update loggingConfig.logFormat",
    ]);
  });

  test("suppresses an empty environment and an empty VPC block", () => {
    const { environment: _, ...without }: Properties = olds;
    const empty = {
      ...news,
      environment: { variables: {} },
      vpcConfig: { securityGroupIds: [], subnetIds: [] },
    };
    expect(paths(between(FUNCTION, without, empty))).toEqual([]);
  });

  test("compares sets without order", () => {
    const vpc = (...ids: string[]) => ({ securityGroupIds: ids, subnetIds: ["s"] });
    const inVpc = { ...olds, vpcConfig: { ...vpc("a", "b"), vpcId: "v" } };
    expect(paths(between(FUNCTION, inVpc, { ...news, vpcConfig: vpc("b", "a") }))).toEqual([]);
    expect(paths(between(FUNCTION, inVpc, { ...news, vpcConfig: vpc("b", "c") }))).toEqual([
      "update vpcConfig.securityGroupIds",
    ]);
  });
});

test("a policy in another order is the same policy", () => {
  const token = "aws:iam/rolePolicy:RolePolicy";
  const policy = (actions: string[] | string) =>
    JSON.stringify({ Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
  const olds = { name: "p", role: "r", policy: policy(["s3:Get", "s3:Put"]) };
  const program = (text: string) => ({ name: "p", role: "r", policy: text });
  expect(paths(between(token, olds, program(policy(["s3:put", "s3:get"]))))).toEqual([]);
  expect(paths(between(token, olds, program(policy("s3:Get"))))).toEqual(["update policy"]);
});
