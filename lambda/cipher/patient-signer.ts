import { CodedError } from "../../contract/errors";
import { retry } from "../retry";
import { denialPolicy, type RetryingDeps } from "../secrets/retrying-port";
import type { AssertionSigner } from "./assertion-signer";

/** The same signer, which believes a denial only when it stays: a role and a key's policy may be seconds old. */
export function createPatientSigner(signer: AssertionSigner, deps: RetryingDeps): AssertionSigner {
  const isDenial = (error: unknown) =>
    error instanceof CodedError && error.code === "signing_denied";
  return {
    sign: (keyArn, text) =>
      retry(() => signer.sign(keyArn, text), denialPolicy(isDenial, deps), deps.deadline),
    under: (deadline) => createPatientSigner(signer.under(deadline), { ...deps, deadline }),
  };
}
