import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { type ApprovedKind, kindFactsOf } from "../../contract/kinds";
import type { Sealed } from "../../contract/sealed";
import type { AppInHand } from "../engine/app-secret";
import type { EngineDeps } from "../engine/deps";
import type { Grant } from "../engine/grants";
import { type Obtained, obtain } from "../engine/obtain";
import type { InstallableStore } from "./installable";

function codeGrant(kind: ApprovedKind, code: Sealed<string>): Grant {
  const expiring = kindFactsOf({ kind }).hasRefreshToken ? "1" : "0";
  return {
    kind,
    storesFirst: true,
    isOnlyOnce: true,
    provesBy: "client-secret",
    fieldsOf: async () => ({ code, expiring }),
  };
}

/**
 * Exchanges a merchant's code for access.
 *
 * A code is presented once: nobody knows what a second presentation does to tokens that the first one
 * made (RFC 6749, section 4.1.2, lets a server revoke them). Only a definite no is followed by another try.
 *
 * @throws {CodedError} `code_exchange_lost` when tokens may exist that we never saw
 */
export async function exchangeCode(
  { store, kind }: InstallableStore,
  hand: { readonly app: AppInHand; readonly code: Sealed<string> },
  deps: EngineDeps,
): Promise<Obtained> {
  const planOf = (code: ErrorCode) =>
    adviceRow(code).mayHaveGranted ? undefined : deps.rules.planOf(code);
  const grant = codeGrant(kind, hand.code);
  try {
    return await obtain(
      { store, grant, app: hand.app, presented: undefined, clientSecrets: "with_previous" },
      { ...deps, rules: { ...deps.rules, planOf } },
    );
  } catch (error) {
    if (!(error instanceof CodedError) || !adviceRow(error.code).mayHaveGranted) throw error;
    throw new CodedError("code_exchange_lost", error.facts);
  }
}
