import { graphqlUrlOf } from "./brands";
import { CodedError, type ErrorCode, isErrorCode } from "./errors";
import { type Checked, readRecord, type StoreRecord } from "./record-fields";
import { encodeScopes } from "./scopes";
import { type EpochMs, isoOf } from "./time";

export type { Checked, StoreRecord } from "./record-fields";

/** The version of the record's schema that we write. Readers accept every minor version and unknown keys. */
export const RECORD_SCHEMA_VERSION = "1.0";

/** Secrets Manager's limit for a value, in bytes. */
export const LARGEST_VALUE_BYTES = 65_536;

/** What a check found wrong; empty: nothing. */
export function codeOfCheck(checked: Checked): ErrorCode | "" {
  return checked === "ok" || checked === "untried" ? "" : checked;
}

/**
 * Reads the value of a store secret.
 *
 * @throws {CodedError} `record_malformed`, naming the field and never its content
 */
export function parseRecord(text: string): StoreRecord {
  const reading = readRecord(text);
  if (!reading.ok) throw new CodedError("record_malformed", { field: reading.field });
  return { ...reading.record, checked: checkedOf(reading.record.checked) };
}

/**
 * Writes a record as the value of a store secret: one flat JSON object, every value a string, the same
 * keys for every kind, an empty string for "does not apply". This is one of the places that open seals.
 *
 * Flat strings, because ECS prints numbers Go-style, the CSI driver takes only strings and a missing
 * key stops an ECS task from starting.
 *
 * @throws {CodedError} `record_too_large`
 */
export function encodeRecord(record: StoreRecord): string {
  const text = JSON.stringify({
    schema_version: RECORD_SCHEMA_VERSION,
    shop: record.shop,
    app: record.app ?? "",
    kind: record.kind,
    access_token: record.accessToken.unseal(),
    scope: encodeScopes(record.scopes),
    api_version: record.apiVersion,
    graphql_url: graphqlUrlOf(record.shop, record.apiVersion),
    issued_at: isoOf(record.issuedAt),
    expires_at: optionalIso(record.expiresAt),
    expires_at_epoch:
      record.expiresAt === undefined ? "" : `${Math.floor(record.expiresAt / 1_000)}`,
    checked: record.checked,
    parent_version: record.parentVersion ?? "",
    app_secret_version: record.appSecretVersion ?? "",
    config_token_fingerprint: record.configTokenFingerprint,
    refresh_token_sealed: record.refreshTokenSealed,
    refresh_token_expires_at: optionalIso(record.refreshTokenExpiresAt),
  });
  if (new TextEncoder().encode(text).byteLength > LARGEST_VALUE_BYTES) {
    throw new CodedError("record_too_large", { shop: record.shop });
  }
  return text;
}

// A newer writer's code is one that this reader does not know: it is not "ok".
function checkedOf(text: string): Checked {
  return text === "ok" || isErrorCode(text) ? text : "untried";
}

function optionalIso(at: EpochMs | undefined): string {
  return at === undefined ? "" : isoOf(at);
}
