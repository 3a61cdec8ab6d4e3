import { boundaryArnOf, boundaryPolicy } from "../../contract/boundary-policy";
import { deployerPolicies } from "../../contract/deployer-policy";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import {
  encodeActingPolicy,
  encodeApplyingPolicy,
  encodeLookingPolicy,
} from "../../infra/policies/operator";
import { blocksOf, documents } from "../docs/code-blocks";
import { reading } from "../infra/config/at";
import { recordResources } from "../infra/recorded";
import { stubBundles } from "../infra/stub-bundles";
import { EVERY_POLICY } from "../security/every-policy";
import { type AnyStatement, findingsIn } from "./policy-data";

const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const FLEET = { place: PLACE, prefix: "shopify/test" };

interface Found {
  readonly where: string;
  readonly policy: string;
}

/** Every policy that the program gives AWS, and the readers' policies that it puts out. */
async function policiesOfProgram(): Promise<Found[]> {
  const bundles = stubBundles();
  const { fleet, problems } = parseFleet(
    { ...EVERY_POLICY, fleet: { list: "stores.jsonl" } },
    { ...reading("shopify/test"), readLines: () => [] },
  );
  expect(problems).toEqual([]);
  const readers: Found[] = [];
  const program = await recordResources(() => {
    for (const [key, store] of Object.entries(
      provisionFleet(fleet, { bundlesFolder: bundles.folder }).stores,
    )) {
      store.apply(({ readerPolicy }) =>
        readers.push({ where: `readers of ${key}`, policy: readerPolicy }),
      );
    }
  });
  bundles.remove();
  const given = program.flatMap(({ name, inputs }) =>
    Object.entries(inputs).flatMap(([input, value]) =>
      typeof value === "string" && value.includes('"Statement"')
        ? [{ where: `${name} ${input}`, policy: value }]
        : [],
    ),
  );
  return [...given, ...readers];
}

/** What the commands print for people to attach. */
function policiesOfCommands(): Found[] {
  const deployment = {
    ...FLEET,
    vpc: true,
    workQueue: true,
    stateBucket: "my-state",
    stateKey: "alias/state",
  };
  return [
    { where: "looking operator", policy: encodeLookingPolicy(FLEET, { hasWorkQueue: true }) },
    { where: "acting operator", policy: encodeActingPolicy(FLEET) },
    { where: "applying operator", policy: encodeApplyingPolicy(FLEET) },
    ...deployerPolicies({ ...deployment, list: true }).map((policy) => ({
      where: "deployer of a list",
      policy,
    })),
    { where: "boundary of a list", policy: boundaryPolicy({ ...FLEET, vpc: true, list: true }) },
    ...deployerPolicies(deployment).map((policy) => ({ where: "deployer", policy })),
    ...deployerPolicies({ ...deployment, accessLog: true, boundaryArn: boundaryArnOf(FLEET) }).map(
      (policy) => ({ where: "bounded deployer", policy }),
    ),
    { where: "boundary", policy: boundaryPolicy({ ...FLEET, vpc: true, workQueue: true }) },
  ];
}

/** Every policy that stands in the documents, with names in place of its capitals. */
function policiesOfDocuments(): Found[] {
  return documents()
    .flatMap(blocksOf)
    .filter(({ language, code }) => language === "json" && code.includes('"Statement"'))
    .map(({ file, line, code }) => ({
      where: `${file}:${line}`,
      policy: code.replaceAll("REGION", "us-east-1").replaceAll("ACCOUNT", "000000000000"),
    }));
}

function statementsOf(policy: string): AnyStatement[] {
  return [(JSON.parse(policy) as { Statement: AnyStatement | AnyStatement[] }).Statement].flat();
}

test("every policy of the program, of the commands and of the documents is one that AWS's reference knows", async () => {
  const found = [...(await policiesOfProgram()), ...policiesOfCommands(), ...policiesOfDocuments()];
  expect(found.length).toBeGreaterThan(20);
  const findings = await Promise.all(
    found.map(async ({ where, policy }) => {
      const all = await Promise.all(statementsOf(policy).map(findingsIn));
      return all.flat().map((finding) => `${where}: ${finding}`);
    }),
  );
  expect(findings.flat()).toEqual([]);
});

describe("a planted mistake is found", () => {
  const SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/*";
  const READ = { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: SECRET };

  test.each<[string, AnyStatement, string]>([
    [
      "an action that does not exist",
      { ...READ, Action: ["secretsmanager:ReadSecretValue"] },
      "secretsmanager:ReadSecretValue is no action",
    ],
    [
      "an action in another spelling",
      { ...READ, Action: ["secretsmanager:getSecretValue"] },
      "secretsmanager:getSecretValue is no action",
    ],
    [
      "a resource of another service",
      { ...READ, Resource: "arn:aws:sns:us-east-1:000000000000:topic" },
      "secretsmanager:GetSecretValue acts on none of its resources",
    ],
    [
      "a resource that is dead beside one that is not",
      { ...READ, Resource: [SECRET, "arn:aws:ssm:us-east-1:000000000000:parameter/x"] },
      "none of the actions acts on arn:aws:ssm:us-east-1:000000000000:parameter/x",
    ],
    [
      "an action that knows no resource, with one",
      { Effect: "Allow", Action: ["secretsmanager:ListSecrets"], Resource: SECRET },
      "secretsmanager:ListSecrets acts on none of its resources",
    ],
    [
      "a condition key that the action never carries",
      { ...READ, Condition: { StringEquals: { "kms:ViaService": "x" } } },
      "secretsmanager:GetSecretValue never carries kms:ViaService",
    ],
    [
      "a misspelled global key",
      { ...READ, Condition: { StringEquals: { "aws:PrincipleArn": "x" } } },
      "secretsmanager:GetSecretValue never carries aws:PrincipleArn",
    ],
  ])("%s", async (_what, statement, finding) => {
    expect(await findingsIn(statement)).toContain(finding);
  });

  test("and a right statement is not", async () => {
    const condition = {
      StringEquals: { "aws:ResourceTag/team": "a" },
      Bool: { "aws:SecureTransport": "true" },
    };
    expect(await findingsIn({ ...READ, Condition: condition })).toEqual([]);
  });
});
