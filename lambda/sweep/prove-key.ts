import { CodedError } from "../../contract/errors";
import { isSigned } from "../../contract/kinds";
import type { ProveResult, SweepRequest } from "../../contract/sweep";
import { renew } from "../engine/renew";
import { RULES, type Rules } from "../engine/rules";
import { fieldsOfError } from "../log";
import { depsFor, type SweepDeps } from "./deps";
import { createRateLimitedPort } from "./rate-limited-port";
import { namedStore } from "./seen-now";

/**
 * Proves at Shopify that it knows a key of an app, the next one before it signs first: a store's token is renewed with
 * that key and with nothing else.
 *
 * The token is stored, tried and promoted like any other, because it is not published whether a newer one ends the one
 * before. A refusal says nothing of the store, whose token lives on, so that no status tells of it.
 */
export async function proveKey(
  { store: name, key: keyArn }: Extract<SweepRequest, { action: "prove" }>,
  given: SweepDeps,
): Promise<ProveResult> {
  const store = await namedStore(name, given);
  const { declaration, secretArn } = store;
  if (declaration === undefined || !isSigned(declaration))
    throw new CodedError("kind_not_renewable", { store: name });
  let isProven = false;
  const granted = () => {
    isProven = true;
  };
  const secrets = createRateLimitedPort(given.secrets, given.deadline);
  const deps = depsFor(store, {
    ...given,
    secrets,
    rules: SPACED_AS_A_PROOF,
    proving: { keyArn, granted },
  });
  try {
    await renew(secretArn, deps);
    // Where a successor was pending already, nobody had to sign.
    return { store: name, isProven, code: isProven ? "" : "version_budget_spent" };
  } catch (error) {
    deps.log.warn("sweep.key_not_proven", fieldsOfError(error));
    return { store: name, isProven, code: error instanceof CodedError ? error.code : "unexpected" };
  }
}

/**
 * `up` gave the store a version a minute ago, when it was told of the key. A proof need not wait for it, but for the
 * proof before: its token is of no version of the app secret.
 */
const SPACED_AS_A_PROOF: Rules = {
  ...RULES,
  mayAddVersion: (newest, now) =>
    newest.appSecretVersion !== undefined || RULES.mayAddVersion(newest, now),
};
