import * as v from "valibot";

/** Names of fields of ours: anything else may be a secret that was pasted as a key. */
const FIELD = /^[a-z][a-z_]{0,39}(?:\.\d{1,6})?$/;

/** The name of the field that is wrong, for an error; `otherwise` when it is none that we could have named. */
export function shownField(issue: v.BaseIssue<unknown>, otherwise: string): string {
  const path = v.getDotPath(issue) ?? "";
  return FIELD.test(path) ? path : otherwise;
}
