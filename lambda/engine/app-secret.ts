import { type AppCredential, parseAppCredential } from "../../contract/app-credential";
import type { AppKey, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { appSecretName } from "../../contract/names";
import type { Sealed } from "../../contract/sealed";
import { rereadUntil } from "../retry";
import type { EngineParts } from "./parts";

/** A client secret that may be presented, and the app secret's version that it came with. */
export interface ClientSecret {
  readonly secret: Sealed<string>;
  /** Undefined for the previous client secret out of config, which has no version of its own. */
  readonly version: VersionId | undefined;
}

/** An app's credential as its app secret holds it now. */
export interface AppInHand {
  readonly credential: AppCredential;
  readonly current: ClientSecret;
}

/** Reads the current credential of an app, by the app secret's name. */
export async function readApp(
  app: AppKey,
  parts: Pick<EngineParts, "prefix" | "secrets" | "deadline">,
): Promise<AppInHand> {
  const value = await rereadUntil(
    () => parts.secrets.readStage(appSecretName(parts.prefix, app), "AWSCURRENT"),
    (found) => found !== undefined,
    parts,
  );
  if (value === undefined) throw new CodedError("app_secret_malformed", { app });
  const credential = parseAppCredential(value.text.unseal());
  if (credential.app !== app) throw new CodedError("app_secret_malformed", { app, field: "app" });
  return { credential, current: { secret: credential.clientSecret, version: value.versionId } };
}

/**
 * The client secret before the current one: config's own, else the app secret's previous version.
 *
 * A version of another client ID belongs to another app and is left alone.
 */
export async function readPreviousClientSecret(
  { credential }: AppInHand,
  parts: Pick<EngineParts, "prefix" | "secrets">,
): Promise<ClientSecret | undefined> {
  if (credential.previousClientSecret !== undefined) {
    return { secret: credential.previousClientSecret, version: undefined };
  }
  const name = appSecretName(parts.prefix, credential.app);
  const value = await parts.secrets.readStage(name, "AWSPREVIOUS");
  if (value === undefined) return undefined;
  const previous = parseAppCredential(value.text.unseal());
  return previous.clientId === credential.clientId
    ? { secret: previous.clientSecret, version: value.versionId }
    : undefined;
}
