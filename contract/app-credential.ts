import * as v from "valibot";
import { type AppKey, isAppKey, isKeyArn, type KeyArn } from "./brands";
import { CodedError } from "./errors";
import { parseJsonQuietly } from "./quiet-json";
import { Sealed } from "./sealed";

/** The value of an app secret: written by Pulumi and by nothing else, never read by an application. */
export interface AppCredential {
  readonly app: AppKey;
  readonly clientId: string;
  /** Undefined: the app signs, and nothing of it needs its client secret. */
  readonly clientSecret: Sealed<string> | undefined;
  /** The client secret before, tried when Shopify definitely refuses the current one. */
  readonly previousClientSecret: Sealed<string> | undefined;
  /** The KMS keys that sign in place of the client secret, in the order in which they are tried. Default: none. */
  readonly signingKeys?: readonly KeyArn[];
}

const WireCredential = v.pipe(
  v.object({
    schema_version: v.pipe(v.string(), v.regex(/^1\.\d+$/)),
    app: v.custom<AppKey>(isAppKey),
    client_id: v.pipe(v.string(), v.minLength(1)),
    client_secret: v.string(),
    previous_client_secret: v.optional(v.string(), ""),
    signing_keys: v.optional(v.array(v.custom<KeyArn>(isKeyArn)), []),
  }),
  v.forward(
    v.check(
      ({ client_secret, signing_keys }) => client_secret !== "" || signing_keys.length > 0,
      "an app has to prove who it is",
    ),
    ["client_secret"],
  ),
);

/** Writes the value of an app secret; one of the places that open seals. */
export function encodeAppCredential(credential: AppCredential): string {
  const { app, clientId, clientSecret, previousClientSecret, signingKeys = [] } = credential;
  return JSON.stringify({
    schema_version: "1.0",
    app,
    client_id: clientId,
    client_secret: clientSecret?.unseal() ?? "",
    previous_client_secret: previousClientSecret?.unseal() ?? "",
    // Left out where there are none: the value of an app that is there already must not change.
    ...(signingKeys.length === 0 ? {} : { signing_keys: signingKeys }),
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
    clientSecret: sealedUnlessEmpty(wire.client_secret),
    previousClientSecret: sealedUnlessEmpty(wire.previous_client_secret),
    ...(wire.signing_keys.length === 0 ? {} : { signingKeys: wire.signing_keys }),
  };
}

function sealedUnlessEmpty(text: string): Sealed<string> | undefined {
  return text === "" ? undefined : Sealed.of(text);
}
