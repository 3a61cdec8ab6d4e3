import * as v from "valibot";
import { type AppKey, isAppKey } from "./brands";
import { CodedError } from "./errors";
import { parseJsonQuietly } from "./quiet-json";
import { Sealed } from "./sealed";

/** The value of an app secret: written by Pulumi and by nothing else, never read by an application. */
export interface AppCredential {
  readonly app: AppKey;
  readonly clientId: string;
  readonly clientSecret: Sealed<string>;
  /** The client secret before, tried when Shopify definitely refuses the current one. */
  readonly previousClientSecret: Sealed<string> | undefined;
}

const WireCredential = v.object({
  schema_version: v.pipe(v.string(), v.regex(/^1\.\d+$/)),
  app: v.custom<AppKey>(isAppKey),
  client_id: v.pipe(v.string(), v.minLength(1)),
  client_secret: v.pipe(v.string(), v.minLength(1)),
  previous_client_secret: v.optional(v.string(), ""),
});

/** Writes the value of an app secret; one of the places that open seals. */
export function encodeAppCredential(credential: AppCredential): string {
  return JSON.stringify({
    schema_version: "1.0",
    app: credential.app,
    client_id: credential.clientId,
    client_secret: credential.clientSecret.unseal(),
    previous_client_secret: credential.previousClientSecret?.unseal() ?? "",
  });
}

/**
 * Reads the value of an app secret.
 *
 * @throws {CodedError} `app_secret_malformed`, naming the field and never its content
 */
export function parseAppCredential(text: string): AppCredential {
  const parsed = v.safeParse(WireCredential, parseJsonQuietly(text));
  if (!parsed.success) {
    throw new CodedError("app_secret_malformed", {
      field: v.getDotPath(parsed.issues[0]) ?? "value",
    });
  }
  const wire = parsed.output;
  return {
    app: wire.app,
    clientId: wire.client_id,
    clientSecret: Sealed.of(wire.client_secret),
    previousClientSecret:
      wire.previous_client_secret === "" ? undefined : Sealed.of(wire.previous_client_secret),
  };
}
