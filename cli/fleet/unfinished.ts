import { kindFactsOf } from "../../contract/kinds";
import { LISTED, originOf } from "../../contract/names";
import { UP } from "../../contract/up";
import type { Row } from "./status-json";

/** The stores that are made, and whose token or rotation is not there yet; what needs a person is told of elsewhere. */
export function unfinishedOf(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => !row.condition.needsPerson && isUnfinished(row));
}

function isUnfinished({ seen: { declaration, current, facts }, condition }: Row): boolean {
  if (current === undefined) return condition.state === "awaiting_token";
  const isRotated =
    declaration !== undefined && kindFactsOf(declaration).renewer === "secrets-manager";
  return isRotated && !facts.rotationEnabled;
}

/** What goes on with them. */
export function nextOfUnfinished(unfinished: readonly Row[]): string {
  const isListed = ({ seen }: Row) => originOf(seen.facts) === LISTED;
  const nexts = [
    ...(unfinished.some((row) => !isListed(row)) ? [UP] : []),
    ...(unfinished.some(isListed) ? ["shopify-secrets apply"] : []),
  ];
  return nexts.join(", then ");
}
