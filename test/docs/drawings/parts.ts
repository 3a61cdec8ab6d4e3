import { FUNCTION_ROLES, type FunctionRole } from "../../../contract/names";
import { parseFleet } from "../../../infra/config/parse-fleet";
import { provisionFleet } from "../../../infra/fleet";
import type { Statement } from "../../../infra/policies/statement";
import { reading } from "../../infra/config/at";
import { ofType, policyIn, type Recorded, recordResources } from "../../infra/recorded";
import { SMALL_STACK } from "../../infra/small-stack";
import { stubBundles } from "../../infra/stub-bundles";
import { PREFIX } from "../../simulation/stage";

/** The services of AWS that a function may call, and what the arrow says. */
const SERVICES: Readonly<Record<string, { readonly node: string; readonly says: string }>> = {
  secretsmanager: { node: "SM", says: "" },
  kms: { node: "KMS", says: "" },
  sns: { node: "SNS", says: "notices" },
};

/** Who talks to whom: the arrows from the functions to AWS are the ones that the program's own policies allow. */
export async function drawParts(): Promise<string> {
  const program = await recordProgram();
  const roles = FUNCTION_ROLES;
  const arrows = roles.flatMap((role) =>
    [...servicesOf(program, role)].map((service) => {
      const { node = "", says = "" } = SERVICES[service] ?? {};
      return `  ${role} -->${says === "" ? "" : `|${says}|`} ${node}`;
    }),
  );
  return [
    "flowchart LR",
    '  up["pulumi up"]',
    '  merchant(["merchant"])',
    '  operator(["operator"])',
    '  app(["your applications"])',
    '  subgraph AWS["your AWS account"]',
    ...roles.map((role) => `    ${role}["${role} function"]`),
    '    SM[("Secrets Manager: one secret per store")]',
    '    KMS["KMS: encrypts the secrets, and refresh tokens once more"]',
    '    SNS["SNS: alarms and notices"]',
    "  end",
    '  shopify["Shopify"]',
    "  up -->|each store, once| enrol",
    "  SM -->|four steps, every 8 hours| rotate",
    '  schedule["every 10 minutes"] --> sweep',
    "  merchant -->|approves| install",
    "  operator -->|shopify-secrets| sweep",
    ...arrows,
    ...roles.map((role) => `  ${role} -->|tokens| shopify`),
    "  app -->|read| SM",
    "  app -->|call| shopify",
    '  SNS --> people(["people on call"])',
  ].join("\n");
}

async function recordProgram(): Promise<readonly Recorded[]> {
  const bundles = stubBundles();
  const { fleet, problems } = parseFleet(SMALL_STACK, reading(PREFIX));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const program = await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
  bundles.remove();
  return program;
}

/** The services of {@link SERVICES} that a role's policies name, in the order of that table. */
function servicesOf(program: readonly Recorded[], role: FunctionRole): Set<string> {
  const own = ofType(program, "aws:iam/rolePolicy:RolePolicy").filter(({ name }) =>
    name.startsWith(`${role}-`),
  );
  const actions = own.flatMap((policy) => {
    const { Statement: statements } = policyIn(policy, "policy") as { Statement: Statement[] };
    return statements.flatMap(({ Action }) => Action);
  });
  const named = new Set(actions.map((action) => action.split(":")[0] ?? ""));
  return new Set(Object.keys(SERVICES).filter((service) => named.has(service)));
}
