import type { SecretArn } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import { codeOfTrial } from "../../contract/record";
import {
  encodeMissingScopes,
  STATUS_TAGS,
  type StoreState,
  versionTagOf,
} from "../../contract/status";
import { isoOf } from "../../contract/time";
import { withReserve } from "../deadline";
import { fieldsOfError } from "../log";
import type { EngineParts } from "./parts";
import type { Successor } from "./rules";

/** What a store's status tags say after an attempt. */
export interface Status {
  readonly state: StoreState;
  /** Empty: never. */
  readonly expiresAt?: string;
  /** Wanted scopes that the token lacks; undefined: not known. */
  readonly missingScopes?: readonly string[] | undefined;
  /** The code to remember; empty: none. */
  readonly errorCode: string;
}

/** Writes the status; a failure is logged and goes no further, because the token is safe already. */
export async function writeStatus(
  secretArn: SecretArn,
  status: Status,
  parts: EngineParts,
): Promise<void> {
  const at = isoOf(parts.clock.now());
  const { missingScopes } = status;
  const tags: Record<string, string> = {
    [STATUS_TAGS.state]: status.state,
    [STATUS_TAGS.lastErrorCode]: status.errorCode,
    ...(status.state === "ok" ? { [STATUS_TAGS.lastSuccessAt]: at } : {}),
    ...(status.errorCode === "" ? {} : { [STATUS_TAGS.lastErrorAt]: at }),
    ...(status.expiresAt === undefined ? {} : { [STATUS_TAGS.expiresAt]: status.expiresAt }),
    ...(missingScopes === undefined
      ? {}
      : { [STATUS_TAGS.missingScopes]: encodeMissingScopes(missingScopes) }),
  };
  await writeTags(secretArn, tags, parts);
}

/** Writes the status of a store whose new version was just promoted. */
export async function writeSuccess(
  secretArn: SecretArn,
  successor: Successor,
  parts: EngineParts,
): Promise<void> {
  const at = isoOf(parts.clock.now());
  const errorCode = codeOfTrial(successor.record.checked);
  const tags = {
    [STATUS_TAGS.state]: "ok",
    [STATUS_TAGS.lastSuccessAt]: at,
    [STATUS_TAGS.lastErrorCode]: errorCode,
    ...(errorCode === "" ? {} : { [STATUS_TAGS.lastErrorAt]: at }),
    ...expiryTagsOf(successor),
  };
  await writeTags(secretArn, tags, parts);
}

/** Writes the status of a store whose new version is known to be dead: its end is now, whatever it says. */
export async function writeDeath(
  secretArn: SecretArn,
  { versionId, record }: Successor,
  parts: EngineParts,
): Promise<void> {
  const now = parts.clock.now();
  const tags = {
    [STATUS_TAGS.state]: "dead",
    [STATUS_TAGS.lastErrorCode]: "token_dead",
    [STATUS_TAGS.lastErrorAt]: isoOf(now),
    ...expiryTagsOf({ versionId, record: { ...record, expiresAt: now } }),
  };
  await writeTags(secretArn, tags, parts);
}

/** What the tags say of a version's own times, so that the sweep need not read the value for them. */
export function expiryTagsOf({ versionId, record }: Successor): Record<string, string> {
  const { expiresAt, refreshTokenExpiresAt } = record;
  return {
    [STATUS_TAGS.version]: versionTagOf(versionId),
    [STATUS_TAGS.expiresAt]: expiresAt === undefined ? "" : isoOf(expiresAt),
    [STATUS_TAGS.refreshExpiresAt]:
      refreshTokenExpiresAt === undefined ? "" : isoOf(refreshTokenExpiresAt),
  };
}

/** Notes a failed attempt; the state is left to the sweep, which knows whether the token still lives. */
export async function writeFailure(
  secretArn: SecretArn,
  code: ErrorCode,
  parts: EngineParts,
): Promise<void> {
  const at = isoOf(parts.clock.now());
  const tags = { [STATUS_TAGS.lastErrorCode]: code, [STATUS_TAGS.lastErrorAt]: at };
  await writeTags(secretArn, tags, parts);
}

/** Writes status tags, when the time for work is over too; a failure is logged and goes no further. */
export async function writeTags(
  secretArn: SecretArn,
  tags: Readonly<Record<string, string>>,
  parts: EngineParts,
): Promise<void> {
  try {
    await parts.secrets.under(withReserve(parts.deadline)).tag(secretArn, tags);
  } catch (error) {
    parts.log.warn("status.not_written", fieldsOfError(error));
  }
}
