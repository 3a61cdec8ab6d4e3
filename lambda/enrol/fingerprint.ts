import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Sealed } from "../../contract/sealed";

const SALT_BYTES = 16;

/** A salted fingerprint of a token: `v1.<salt>.<HMAC-SHA256>`, both base64url. */
export function fingerprintOf(
  token: Sealed<string>,
  salt: Buffer = randomBytes(SALT_BYTES),
): string {
  const digest = createHmac("sha256", salt).update(token.unseal()).digest("base64url");
  return `v1.${salt.toString("base64url")}.${digest}`;
}

/** Whether a fingerprint is this token's, by making it again with the stored salt. */
export function matchesFingerprint(fingerprint: string, token: Sealed<string>): boolean {
  const [version, salt, ...rest] = fingerprint.split(".");
  if (version !== "v1" || salt === undefined || rest.length !== 1) return false;
  const expected = Buffer.from(fingerprintOf(token, Buffer.from(salt, "base64url")));
  const given = Buffer.from(fingerprint);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
