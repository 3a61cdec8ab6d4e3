import { type AppCredential, parseAppCredential } from "../../contract/app-credential";
import type { AppKey, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { appSecretName } from "../../contract/names";
import { DAY_MS } from "../../contract/time";
import { rereadUntil } from "../retry";
import type { AppInHand, ClientProof, ClientSecret } from "./credential-memory";
import type { EngineDeps } from "./deps";

export type { AppInHand, ClientProof, ClientSecret } from "./credential-memory";

type ReadingDeps = Pick<EngineDeps, "prefix" | "secrets" | "deadline" | "clock" | "credentials">;

/** Reads the current credential of an app, by the app secret's name. */
export async function readApp(app: AppKey, deps: ReadingDeps): Promise<AppInHand> {
  const value = await rereadUntil(
    () => deps.secrets.readStage(appSecretName(deps.prefix, app), "AWSCURRENT"),
    (found) => found !== undefined,
    deps,
  );
  if (value === undefined) throw new CodedError("app_secret_malformed", { app });
  const credential = parseAppCredential(value.text.unseal());
  if (credential.app !== app) throw new CodedError("app_secret_malformed", { app, field: "app" });
  const inHand = { credential, version: value.versionId, changedAt: value.createdAt };
  deps.credentials.keep(inHand, deps.clock.now());
  return inHand;
}

/**
 * An app's credential for the renewal of a token, without a call where it is known.
 *
 * It is believed only as long as the token that is renewed was obtained by that very version: where a change of the client
 * secret has come to the store, no renewal goes back behind it.
 */
export async function appForRenewal(
  app: AppKey,
  obtainedWith: VersionId | undefined,
  deps: ReadingDeps,
): Promise<AppInHand> {
  return deps.credentials.recall(app, obtainedWith, deps.clock.now()) ?? (await readApp(app, deps));
}

/**
 * An app's client secret, which an app that signs need not have.
 *
 * @throws {CodedError} `app_secret_malformed`
 */
export function clientSecretOf({ credential, version }: AppInHand): ClientSecret {
  const { app, clientSecret } = credential;
  if (clientSecret === undefined) {
    throw new CodedError("app_secret_malformed", { app, field: "client_secret" });
  }
  return { secret: clientSecret, version };
}

/** What a grant is asked for with: an app's own credential, which may sign, or the client secret alone. */
export type ProvesBy = "client-secret" | "own-credential";

/** What an app presents, in order: its keys where they may sign, else its client secret, if it has one. */
export function proofsOf(app: AppInHand, by: ProvesBy): readonly ClientProof[] {
  const { signingKeys = [], clientSecret } = app.credential;
  if (by === "client-secret" || signingKeys.length === 0) {
    return clientSecret === undefined ? [] : [clientSecretOf(app)];
  }
  return signingKeys.map((keyArn, place) => ({
    keyArn,
    version: place === 0 ? app.version : undefined,
  }));
}

/**
 * How long the client secret before the current one counts for signatures that config does not name it for. Shopify
 * signs with the oldest one until it is revoked, and for up to an hour more.
 */
export const PREVIOUS_SIGNS_MS = DAY_MS;

/**
 * The client secrets that may have signed what comes from outside: the current one, and the one before while config
 * names it, or for a day after the change. A revoked one has to be worth nothing: whoever found it could sign all.
 */
export async function signingClientSecretsOf(
  app: AppInHand,
  deps: Pick<EngineDeps, "prefix" | "secrets" | "clock">,
): Promise<ClientSecret[]> {
  const { clientSecret, previousClientSecret } = app.credential;
  if (clientSecret === undefined) return [];
  const current = clientSecretOf(app);
  const ageMs = deps.clock.now() - (app.changedAt ?? 0);
  if (previousClientSecret === undefined && ageMs > PREVIOUS_SIGNS_MS) return [current];
  const previous = await readPreviousClientSecret(app, deps);
  return previous === undefined ? [current] : [current, previous];
}

/**
 * The client secret before the current one, to be presented to Shopify, which refuses a revoked one: config's own,
 * else the app secret's previous version.
 */
export async function readPreviousClientSecret(
  { credential }: AppInHand,
  deps: Pick<EngineDeps, "prefix" | "secrets">,
): Promise<ClientSecret | undefined> {
  if (credential.previousClientSecret !== undefined) {
    return { secret: credential.previousClientSecret, version: undefined };
  }
  const previous = await readPrevious(credential, deps);
  return previous?.credential.clientSecret && clientSecretOf(previous);
}

/**
 * What an app that signs presented before its newest change, for a token that must not end meanwhile: keys that are
 * not tried already, or the client secret that it had until then.
 */
export async function previousProofsOf(
  { credential }: AppInHand,
  deps: Pick<EngineDeps, "prefix" | "secrets">,
): Promise<readonly ClientProof[]> {
  const previous = await readPrevious(credential, deps);
  if (previous === undefined) return [];
  const tried = new Set<string>(credential.signingKeys);
  return proofsOf(previous, "own-credential").filter(
    (proof) => !("keyArn" in proof && tried.has(proof.keyArn)),
  );
}

/** The app secret's version before; one of another client ID belongs to another app and is left alone. */
async function readPrevious(
  { app, clientId }: AppCredential,
  deps: Pick<EngineDeps, "prefix" | "secrets">,
): Promise<AppInHand | undefined> {
  const value = await deps.secrets.readStage(appSecretName(deps.prefix, app), "AWSPREVIOUS");
  if (value === undefined) return undefined;
  const credential = parseAppCredential(value.text.unseal());
  if (credential.clientId !== clientId) return undefined;
  return { credential, version: value.versionId, changedAt: value.createdAt };
}
