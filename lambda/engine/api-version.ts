import type { ApiVersion } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { SECOND_MS } from "../../contract/time";
import { within } from "../deadline";
import { callShopify } from "../shopify/call";
import { buildCheckRequest } from "../shopify/check";
import { callDepsOf, type EngineDeps } from "./deps";
import type { Store } from "./store";
import type { Parent } from "./successor";

/** A renewal waits no longer for this; then the declared version is taken. */
const LONGEST_LOOK_MS = 3 * SECOND_MS;

/**
 * The API version of a store's next record: the declared one, unless Shopify does not serve it.
 *
 * Applications call the address in the record: a version that does not exist would take a working store from them.
 * Asked before a token is, and only where the version changes.
 */
export async function apiVersionFor(
  { declaration }: Store,
  { record }: Parent,
  deps: EngineDeps,
): Promise<ApiVersion> {
  const { apiVersion: wanted, shop } = declaration;
  if (record === undefined || record.apiVersion === wanted || record.shop !== shop) return wanted;
  const call = {
    name: "shopify.version",
    request: buildCheckRequest(shop, wanted, record.accessToken),
    judge: deps.rules.judgeCheck,
  };
  const deadline = within(deps.deadline, LONGEST_LOOK_MS);
  try {
    await callShopify(call, { ...callDepsOf(deps), deadline, planOf: () => undefined });
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.code !== "api_version_unknown") return wanted;
    deps.log.warn("shopify.api_version_kept", {
      code: error.code,
      wanted,
      kept: record.apiVersion,
    });
    return record.apiVersion;
  }
  return wanted;
}
