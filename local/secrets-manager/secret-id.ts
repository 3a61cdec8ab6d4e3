import { invalidInput, invalidParameter, markedForDeletion, secretNotFound } from "./aws-error";
import type { ModelState, Secret } from "./state";

const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;
/** AWS takes an ARN that ends so for a complete one, whatever it means. */
const COMPLETE = /-[A-Za-z0-9]{6}$/;

/** @throws {AwsError} `ValidationException` */
export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw invalidInput(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
}

/** Finds a secret by name, by complete ARN, or by ARN without the random suffix. */
export function findSecret(state: ModelState, secretId: string): Secret | undefined {
  if (!secretId.startsWith("arn:")) return byName(state, secretId);
  const exact = state.secrets.get(secretId);
  if (exact !== undefined || COMPLETE.test(secretId)) return exact;
  for (const secret of state.secrets.values()) {
    if (secret.arn.length === secretId.length + 7 && secret.arn.startsWith(`${secretId}-`)) {
      return secret;
    }
  }
  return undefined;
}

export function byName(state: ModelState, name: string): Secret | undefined {
  for (const secret of state.secrets.values()) {
    if (secret.name === name) return secret;
  }
  return undefined;
}

/** @throws {AwsError} `ValidationException`, `ResourceNotFoundException` */
export function requireSecret(state: ModelState, secretId: string): Secret {
  if (!secretId.startsWith("arn:")) checkName(secretId);
  const secret = findSecret(state, secretId);
  if (secret === undefined) throw secretNotFound();
  return secret;
}

/** As `requireSecret`, and refuses a secret that waits for its deletion with `InvalidRequestException`. */
export function requireLiveSecret(state: ModelState, secretId: string): Secret {
  const secret = requireSecret(state, secretId);
  if (secret.deletion !== undefined) throw markedForDeletion();
  return secret;
}

/** @throws {AwsError} `InvalidParameterException`; the code for a missing token is the caller's. */
export function checkToken(token: string): string {
  if (token.length < 32 || token.length > 64) {
    throw invalidParameter("ClientRequestToken must be 32-64 characters long.");
  }
  return token;
}
