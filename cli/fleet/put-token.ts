import { randomBytes } from "node:crypto";
import type { EnrolPayload, EnrolResult } from "../../contract/enrolment";
import { isStatic } from "../../contract/kinds";
import { functionName } from "../../contract/names";
import type { Sealed } from "../../contract/sealed";
import type { Call } from "../command";
import { Refusal } from "../refusal";
import { requireDeclaration, undeclaredSays } from "./fleet";
import type { StoreSeen } from "./store-view";
import { ownWay } from "./what-next";

/** Refuses a store whose tokens are obtained for it. */
export function requireStatic(seen: StoreSeen, call: Pick<Call, "now">): void {
  requireDeclaration(seen);
  const says = whyNotPut(seen);
  if (says !== undefined) throw new Refusal(says, ownWay(seen, call));
}

/** Why a store takes no token; undefined: it does. */
export function whyNotPut({ store, declaration }: StoreSeen): string | undefined {
  if (declaration === undefined) return undeclaredSays(store);
  if (isStatic(declaration)) return undefined;
  return `the tokens of ${store} are obtained for you (${declaration.kind}), none can be put`;
}

/** Has a store's static token tried and stored by the enrol function; what is stored already stays. */
export async function putToken(
  { aws, prefix }: Pick<Call, "aws" | "prefix">,
  seen: StoreSeen,
  token: Sealed<string>,
): Promise<Partial<EnrolResult>> {
  const name = functionName(prefix, "enrol");
  const answer = await aws.functions.invoke(name, payloadOf(seen, token));
  if (isResult(answer)) return answer;
  throw new Refusal(`${name} answered something that we do not know`, "shopify-secrets doctor");
}

function isResult(answer: unknown): answer is Partial<EnrolResult> {
  return typeof answer === "object" && answer !== null && "outcome" in answer;
}

/** The same event as Pulumi's; one of the places that open seals. */
function payloadOf(seen: StoreSeen, token: Sealed<string>): EnrolPayload {
  const { kind, shop, app } = requireDeclaration(seen);
  return {
    action: "enrol",
    store: seen.store,
    secret_arn: seen.secretArn as EnrolPayload["secret_arn"],
    kind,
    shop,
    app: app ?? "",
    app_secret_version: "",
    access_token: token.unseal(),
    token_source: "operator",
    salt: randomBytes(16).toString("base64url"),
  };
}
