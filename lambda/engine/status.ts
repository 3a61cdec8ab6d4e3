import type { SecretArn } from "../../contract/brands";
import { adviceRow, type ErrorCode } from "../../contract/errors";
import { codeOfCheck } from "../../contract/record";
import { type Sighted, sight } from "../../contract/store/second-sight";
import {
  encodeStatus,
  parseStatus,
  type StatusChange,
  type StoreState,
} from "../../contract/store/status";
import type { EpochMs } from "../../contract/time";
import { withReserve } from "../deadline";
import { fieldsOfError } from "../log";
import type { EngineDeps } from "./deps";
import type { Successor } from "./successor";

/** What an attempt left: the state of the store, and the code to remember; empty: none. */
export interface AttemptOutcome {
  readonly state: StoreState;
  readonly code: ErrorCode | "";
}

/** What a store's status says after an attempt. */
export function statusAfter({ state, code }: AttemptOutcome, now: EpochMs): StatusChange {
  return {
    state,
    ...(state === "ok" ? { lastSuccessAt: now } : {}),
    lastErrorCode: code,
    ...(code === "" ? {} : { lastErrorAt: now }),
  };
}

/** What a store's status says after its new version was promoted. */
export function statusOfSuccess(
  successor: Successor,
  { clock, credentials }: Pick<EngineDeps, "clock" | "credentials">,
): StatusChange {
  const code = codeOfObtained(successor, credentials) || codeOfLastCheck(successor);
  return { ...statusAfter({ state: "ok", code }, clock.now()), ...statusOfVersion(successor) };
}

/** What is wrong with the newest client secret or key, though another one got a token: it dies with that one. */
export function codeOfObtained(
  { record: { app, appSecretVersion: version } }: Pick<Successor, "record">,
  credentials: EngineDeps["credentials"],
): ErrorCode | "" {
  return credentials.refusalBehind({ app, version });
}

function codeOfLastCheck({ record }: Successor): ErrorCode | "" {
  const check = codeOfCheck(record.checked);
  // Nobody knows here whether it was seen before.
  return check !== "" && adviceRow(check).belief.sights > 1 ? "refusal_unconfirmed" : check;
}

/** What a version's own times say, so that the sweep need not read the value for them. */
export function statusOfVersion({ versionId, record }: Successor): StatusChange {
  return {
    version: versionId,
    expiresAt: record.expiresAt ?? "never",
    refreshExpiresAt: record.refreshTokenExpiresAt ?? "never",
  };
}

/** Writes the status of a store whose new version was just promoted. */
export async function writeSuccess(
  secretArn: SecretArn,
  successor: Successor,
  deps: EngineDeps,
): Promise<void> {
  await writeStatus(secretArn, statusOfSuccess(successor, deps), deps);
}

/** Writes the status of a store whose new version is known to be dead: its end is now, whatever it says. */
export async function writeDeath(
  secretArn: SecretArn,
  { versionId, record }: Successor,
  deps: EngineDeps,
): Promise<void> {
  const now = deps.clock.now();
  const change = {
    ...statusAfter({ state: "dead", code: "token_dead" }, now),
    ...statusOfVersion({ versionId, record: { ...record, expiresAt: now } }),
  };
  await writeStatus(secretArn, change, deps);
}

/** Notes a failed attempt; the state is left as it was, because the failure says nothing of a token that lives. */
export async function writeFailure(
  secretArn: SecretArn,
  code: ErrorCode,
  deps: EngineDeps,
): Promise<void> {
  await writeStatus(secretArn, { lastErrorCode: code, lastErrorAt: deps.clock.now() }, deps);
}

/** Notes a failed attempt of which Shopify's refusal may be the cause: it is believed when it came again. */
export async function writeRefusal(
  secretArn: SecretArn,
  code: ErrorCode,
  deps: EngineDeps,
): Promise<void> {
  const { attempt, belief } = adviceRow(code);
  // Somebody else was faster, or it is too early: that is no failure of the store's.
  if (attempt === "postponed") return;
  const sighted = belief.sights <= 1 ? undefined : await sightOf(secretArn, code, deps);
  if (sighted === undefined) return await writeFailure(secretArn, code, deps);
  const { refused, told } = sighted;
  const failure = told === undefined ? {} : { lastErrorCode: told, lastErrorAt: deps.clock.now() };
  await writeStatus(secretArn, { ...failure, refused }, deps);
}

/** Undefined: what was seen before cannot be read, and the code is written as it is. */
async function sightOf(
  secretArn: SecretArn,
  code: ErrorCode,
  deps: EngineDeps,
): Promise<Sighted | undefined> {
  try {
    const { tags } = await deps.secrets.describe(secretArn);
    return sight(parseStatus(tags), code, deps.clock.now());
  } catch (error) {
    deps.log.warn("status.not_read", fieldsOfError(error));
    return undefined;
  }
}

/** Writes the status; a failure is logged and goes no further, because the token is safe already. */
export async function writeStatus(
  secretArn: SecretArn,
  change: StatusChange,
  deps: EngineDeps,
): Promise<void> {
  await writeTags(secretArn, encodeStatus(change), deps);
}

/** Writes status tags, when the time for work is over too; a failure is logged and goes no further. */
export async function writeTags(
  secretArn: SecretArn,
  tags: Readonly<Record<string, string>>,
  deps: EngineDeps,
): Promise<void> {
  try {
    await deps.secrets.under(withReserve(deps.deadline)).tag(secretArn, tags);
  } catch (error) {
    deps.log.warn("status.not_written", fieldsOfError(error));
  }
}
