import { parseJsonQuietly } from "../../contract/quiet-json";

const MOST = 300;

/** What Shopify's tokens and client secrets begin with, wherever they stand. */
const SECRETS = /\b(shp[a-z]{1,3}_)\w+/g;

/** AWS's word on why a run failed, for a person: its first line, without secrets; empty: there is none. */
export function causeText(cause: string | undefined): string {
  const [line = ""] = messageIn(cause ?? "")
    .trim()
    .split(/[\r\n]/);
  const text = line.replace(SECRETS, "$1…");
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

/** A function's error stands as JSON in it (Lambda developer guide, "Function errors in Node.js"). */
function messageIn(cause: string): string {
  const error = parseJsonQuietly(cause) as { readonly errorMessage?: unknown } | undefined;
  const message = error?.errorMessage;
  return typeof message === "string" ? message : cause;
}
