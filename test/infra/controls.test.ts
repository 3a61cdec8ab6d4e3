import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deployerPolicies } from "../../contract/deployer-policy";
import type { Statement } from "../../contract/policy";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import { PROJECT } from "../docs/code-blocks";
import { reading } from "./config/at";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { SMALL_STACK } from "./small-stack";
import { stubBundles } from "./stub-bundles";

const PREFIX = "shopify/test";
const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };

const WITH_SETTINGS = {
  ...SMALL_STACK,
  installAccessLog: true,
  logRetentionDays: 365,
  tags: { team: "commerce" },
  vpc: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] },
};

const WITH_KEY = {
  ...SMALL_STACK,
  apps: {
    ...SMALL_STACK.apps,
    reach: { clientId: "reach-client", distribution: "public", credential: "signing-key" },
  },
  stores: {
    ...SMALL_STACK.stores,
    signed: { kind: "client-credentials", shop: "signed.myshopify.com", app: "reach" },
  },
};

type Program = readonly Recorded[];
type Verdict = "met" | "not met" | "in part";

const bundles = stubBundles();
let plain: Program;
let set: Program;
/** The small stack with an app that signs beside the other. */
let signing: Program;

beforeAll(async () => {
  plain = await programOf(SMALL_STACK);
  set = await programOf(WITH_SETTINGS);
  signing = await programOf(WITH_KEY);
});

afterAll(() => bundles.remove());

async function programOf(config: object): Promise<Program> {
  const { fleet, problems } = parseFleet(config as never, reading(PREFIX));
  expect(problems).toEqual([]);
  return await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
}

const of = (type: string) => (program: Program) => ofType(program, `aws:${type}`);
const secrets = of("secretsmanager/secret:Secret");
const functions = of("lambda/function:Function");
const alarms = of("cloudwatch/metricAlarm:MetricAlarm");
const keys = of("kms/key:Key");

function statementsIn(resources: readonly Recorded[], input: string): Statement[] {
  return resources.flatMap(
    (resource) => (policyIn(resource, input) as { Statement: Statement[] }).Statement,
  );
}

const rolePolicies = (program: Program) =>
  statementsIn(of("iam/rolePolicy:RolePolicy")(program), "policy");
const listed = (value: string | readonly string[] | undefined) => [value ?? []].flat();

const when = (isMet: boolean): Verdict => (isMet ? "met" : "not met");
const all = (resources: readonly Recorded[], is: (inputs: Recorded["inputs"]) => unknown) =>
  when(resources.length > 0 && resources.every(({ inputs }) => Boolean(is(inputs))));

function rotated(program: Program): Verdict {
  const rotations = of("secretsmanager/secretRotation:SecretRotation")(program).length;
  if (rotations === 0) return "not met";
  return rotations === secrets(program).length ? "met" : "in part";
}

const decryptsAnyKey = ({ Action, Resource }: Statement) =>
  listed(Action).includes("kms:Decrypt") && listed(Resource).some((arn) => /\*$/.test(arn));
const isTagged = ({ tags }: Recorded["inputs"]) => (tags as { team?: string } | undefined)?.team;
const isPublic = ({ Principal, Condition }: Statement) =>
  JSON.stringify(Principal ?? "").includes('"*"') && Condition === undefined;

const isSymmetric = ({ inputs }: Recorded) => inputs["keyUsage"] !== "SIGN_VERIFY";

/** What a control finds on what the program asks AWS for. */
const CHECKS: Readonly<Record<string, (program: Program) => Verdict>> = {
  "SecretsManager.1": rotated,
  "SecretsManager.2": rotated,
  "SecretsManager.4": rotated,
  "SecretsManager.5": (program) => all(secrets(program), ({ tags }) => tags),
  "Lambda.1": (program) =>
    all(of("lambda/permission:Permission")(program), ({ principal, sourceArn }) =>
      Boolean(/\.amazonaws\.com$/.test(String(principal)) && sourceArn),
    ),
  "Lambda.2": (program) => all(functions(program), ({ runtime }) => runtime === "nodejs24.x"),
  "Lambda.3": (program) => all(functions(program), ({ vpcConfig }) => vpcConfig),
  "Lambda.5": (program) =>
    all(functions(program), ({ vpcConfig }) => {
      const { subnetIds = [] } = (vpcConfig ?? {}) as { subnetIds?: string[] };
      return subnetIds.length > 1;
    }),
  "Lambda.6": (program) => all(functions(program), isTagged),
  "Lambda.7": (program) => all(functions(program), ({ tracingConfig }) => tracingConfig),
  "APIGateway.8": (program) =>
    all(of("apigatewayv2/route:Route")(program), ({ authorizationType }) => authorizationType),
  "APIGateway.9": (program) =>
    all(of("apigatewayv2/stage:Stage")(program), ({ accessLogSettings }) => accessLogSettings),
  "CloudWatch.15": (program) =>
    all(alarms(program), ({ alarmActions, okActions }) => alarmActions && okActions),
  "CloudWatch.16": (program) =>
    all(
      of("cloudwatch/logGroup:LogGroup")(program),
      ({ retentionInDays }) => Number(retentionInDays) >= 365,
    ),
  "CloudWatch.17": (program) =>
    all(alarms(program), ({ actionsEnabled }) => actionsEnabled !== false),
  "SNS.1": (program) => all(of("sns/topic:Topic")(program), ({ kmsMasterKeyId }) => kmsMasterKeyId),
  "SNS.3": (program) => all(of("sns/topic:Topic")(program), isTagged),
  "SNS.4": (program) =>
    when(!statementsIn(of("sns/topicPolicy:TopicPolicy")(program), "policy").some(isPublic)),
  "KMS.1": () => {
    const about = { place: PLACE, prefix: PREFIX, vpc: false };
    const statements = deployerPolicies(about).flatMap(
      (policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement,
    );
    return when(!statements.some(decryptsAnyKey));
  },
  "KMS.2": (program) => when(!rolePolicies(program).some(decryptsAnyKey)),
  "KMS.3": (program) =>
    all(keys(program), ({ deletionWindowInDays }) => deletionWindowInDays === 30),
  // "This control doesn't evaluate asymmetric KMS keys": KMS rotates none.
  "KMS.4": (program) =>
    all(keys(program).filter(isSymmetric), ({ enableKeyRotation }) => enableKeyRotation),
  "KMS.5": (program) => when(!statementsIn(keys(program), "policy").some(isPublic)),
  "IAM.1": (program) =>
    when(!rolePolicies(program).some(({ Action }) => listed(Action).includes("*"))),
  "IAM.21": (program) =>
    when(!rolePolicies(program).some(({ Action }) => listed(Action).some((one) => /\*/.test(one)))),
  "IAM.24": (program) => all(of("iam/role:Role")(program), isTagged),
};

/** What takes tags, of what the program makes; organizations' tag policies refuse what has none. */
const TAKES_TAGS = [
  "apigatewayv2/api:Api",
  "apigatewayv2/stage:Stage",
  "cloudwatch/logGroup:LogGroup",
  "cloudwatch/metricAlarm:MetricAlarm",
  "iam/role:Role",
  "kms/key:Key",
  "lambda/function:Function",
  "secretsmanager/secret:Secret",
  "sns/topic:Topic",
];

test.each(TAKES_TAGS)("every %s has the tags of config", (type) => {
  expect(all(of(type)(set), isTagged)).toBe("met");
});

test("a key that signs is one of the keys that are looked at, and names its signers", () => {
  const made = keys(signing).filter((key) => !isSymmetric(key));
  expect(made).toHaveLength(1);
  const [statement] = statementsIn(made, "policy").filter(({ Action }) =>
    listed(Action).includes("kms:Sign"),
  );
  expect(JSON.stringify(statement?.Condition)).toMatch(/-enrol-.*-rotate-.*-sweep-/);
});

interface Row {
  readonly control: string;
  readonly here: string;
  readonly why: string;
}

const ROWS: readonly Row[] = readFileSync(join(PROJECT, "docs/security.md"), "utf8")
  .split("## Security Hub and CIS")[1]
  ?.split("\n")
  .flatMap((line) => {
    const [, control = "", here = "", why = ""] =
      /^\| ([A-Za-z]+\.\d+), [^|]+ \| ([a-z ]+) \| (.*) ?\|$/.exec(line) ?? [];
    return control === "" ? [] : [{ control, here, why }];
  }) as Row[];

describe("the table of controls in docs/security.md", () => {
  test("has a row for every check, and shows elsewhere what no program shows", () => {
    const checked = ROWS.filter(({ control }) => CHECKS[control] !== undefined);
    expect(checked.map(({ control }) => control)).toEqual(Object.keys(CHECKS).sort(asOnThePage));
    for (const { control, why } of ROWS) {
      const shownBy = [...why.matchAll(/`(test\/[\w./-]+)`/g)].map(([, file = ""]) => file);
      expect([control, shownBy.filter((file) => !existsSync(join(PROJECT, file)))]).toEqual([
        control,
        [],
      ]);
      if (CHECKS[control] === undefined)
        expect([control, shownBy.length]).not.toEqual([control, 0]);
    }
  });

  test.each(ROWS.filter(({ control }) => CHECKS[control] !== undefined))(
    "$control: $here",
    ({ control, here, why }) => {
      const check = CHECKS[control] as (program: Program) => Verdict;
      if (here !== "setting") {
        const found = [check(plain), check(set), check(signing)];
        return expect(found).toEqual([here, here, here]);
      }
      expect([check(plain), check(set)]).toEqual(["not met", "met"]);
      expect(why).toMatch(/`(?:vpc|tags|installAccessLog|logRetentionDays: 365)`/);
    },
  );
});

function asOnThePage(one: string, other: string): number {
  const at = (control: string) => ROWS.findIndex((row) => row.control === control);
  return at(one) - at(other);
}
