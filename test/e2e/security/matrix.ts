import type { Caller, PolicyQuestion } from "../../../local/aws/policy";
import type { World } from "../../../local/world/world";
import { ACTIONS } from "./actions";
import type { Target } from "./targets";

const BATCH = 2_000;
/** Actions about no single secret: whatever resource is named, AWS asks about all of them. */
const WHOLE_ACCOUNT = new Set([
  "secretsmanager:BatchGetSecretValue",
  "secretsmanager:GetRandomPassword",
  "secretsmanager:ListSecrets",
]);
/** AWS asks no policy about these; they only tell a caller about itself. */
const WITHOUT_PERMISSION = new Set(["sts:GetCallerIdentity", "sts:GetSessionToken"]);
const TAG_ACTIONS = new Set(["secretsmanager:TagResource", "secretsmanager:UntagResource"]);

/** One cell of the matrix: `action on target`, and the question behind it. */
interface Cell {
  readonly name: string;
  readonly question: PolicyQuestion;
}

/** Which cells a caller may enter, of every action of the targets' services on every target. */
export async function allowedTo(
  world: World,
  who: Caller,
  targets: Readonly<Record<string, Target>>,
): Promise<{ allowed: string[]; asked: ReadonlySet<string> }> {
  const cells = Object.entries(targets).flatMap(([name, target]) => cellsOf(who, name, target));
  const allowed: string[] = [];
  for (let at = 0; at < cells.length; at += BATCH) {
    const batch = cells.slice(at, at + BATCH);
    const answers = await world.front.policies().ask(batch.map(({ question }) => question));
    allowed.push(...batch.filter((_, index) => answers[index]?.allowed).map(({ name }) => name));
  }
  return { allowed, asked: new Set(cells.map(({ name }) => name)) };
}

function cellsOf(who: Caller, name: string, target: Target): Cell[] {
  return ACTIONS[target.service].flatMap((action) => {
    if (WITHOUT_PERMISSION.has(action)) return [];
    if (WHOLE_ACCOUNT.has(action) && target.resource !== "*") return [];
    if (!TAG_ACTIONS.has(action)) return [cellOf(who, `${action} on ${name}`, { action, target })];
    return [
      ["status tags", "shopify-secrets:state"],
      ["other tags", "shopify-kind"],
    ].map(([which = "", tag = ""]) => {
      const context = { ...target.context, "aws:TagKeys": [tag] };
      const tagged = { action, target: { ...target, context } };
      return cellOf(who, `${action} on ${name}: ${which}`, tagged);
    });
  });
}

function cellOf(who: Caller, name: string, asked: { action: string; target: Target }): Cell {
  const { action, target } = asked;
  const { resource, context } = target;
  return {
    name,
    question: {
      who,
      action,
      resource,
      ...(context === undefined ? {} : { context }),
      // The stack's stores have no resource policy but the one that names readers, which is asked apart.
      ...(target.service === "secretsmanager" ? { resourcePolicy: null } : {}),
    },
  };
}
