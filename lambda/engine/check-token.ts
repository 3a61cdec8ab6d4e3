import { CodedError, type ErrorCode } from "../../contract/errors";
import type { Sealed } from "../../contract/sealed";
import { SECOND_MS } from "../../contract/time";
import { fits } from "../deadline";
import { callShopify, type ShopifyCall } from "../shopify/call";
import { buildCheckRequest, type TokenFacts } from "../shopify/check";
import { callDepsOf, type EngineDeps } from "./deps";
import type { Store } from "./store";

/** What trying an access token said: it works, nothing about the token, or `token_dead`. */
export interface TokenCheck {
  readonly checked: "ok" | ErrorCode;
  /** The token's own scopes; undefined when the check was inconclusive. */
  readonly scopes: readonly string[] | undefined;
}

/** How long after a 401 the token is tried again. */
const SECOND_LOOK_MS = SECOND_MS;

/**
 * Tries an access token at the store's Admin API; one stray 401 condemns nothing, so it is tried twice.
 *
 * @throws {CodedError} `token_dead`: the one answer that condemns a token. Everything else says
 *   nothing about it, and keeping an old token for it would only shorten the store's life.
 *   `out_of_time` when none is left for the second look
 */
export async function checkToken(
  store: Store,
  accessToken: Sealed<string>,
  deps: EngineDeps,
): Promise<TokenCheck> {
  const { shop, apiVersion } = store.declaration;
  const call = {
    name: "shopify.check",
    request: buildCheckRequest(shop, apiVersion, accessToken),
    judge: deps.rules.judgeCheck,
  };
  try {
    const facts = await askTwice(call, deps);
    if (facts.apiVersion !== undefined && facts.apiVersion !== apiVersion) {
      deps.log.warn("shopify.api_version_moved", {
        wanted: apiVersion,
        answered: /^[\w-]{1,20}$/.test(facts.apiVersion) ? facts.apiVersion : "unknown",
      });
    }
    return { checked: "ok", scopes: facts.scopes };
  } catch (error) {
    return inconclusive(error, store, deps);
  }
}

async function askTwice(call: ShopifyCall<TokenFacts>, deps: EngineDeps): Promise<TokenFacts> {
  try {
    return await callShopify(call, callDepsOf(deps));
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "token_dead") throw error;
    if (!fits(deps.deadline, SECOND_LOOK_MS)) throw new CodedError("out_of_time");
    await deps.deadline.pause(SECOND_LOOK_MS);
    return await callShopify(call, callDepsOf(deps));
  }
}

/** The same, with a dead token as an answer like any other. */
export async function checkEvenDead(
  store: Store,
  accessToken: Sealed<string>,
  deps: EngineDeps,
): Promise<TokenCheck> {
  try {
    return await checkToken(store, accessToken, deps);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "token_dead") throw error;
    return { checked: error.code, scopes: undefined };
  }
}

function inconclusive(error: unknown, store: Store, deps: EngineDeps): TokenCheck {
  if (!(error instanceof CodedError)) throw error;
  // Out of time is not an answer: the next attempt tries again.
  if (error.code === "out_of_time") throw error;
  if (error.code === "token_dead") {
    const key = store.key === undefined ? {} : { store: store.key };
    throw new CodedError("token_dead", { ...error.facts, ...key, shop: store.declaration.shop });
  }
  deps.log.warn("shopify.check_inconclusive", { code: error.code });
  return { checked: error.code, scopes: undefined };
}
