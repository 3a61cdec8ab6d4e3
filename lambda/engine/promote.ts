import type { SecretArn } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { STATUS_TAGS, type StoreState } from "../../contract/status";
import { isoOf } from "../../contract/time";
import { fieldsOfError } from "../log";
import { holderOf, type SecretFacts } from "../secrets/port";
import type { EngineParts } from "./parts";
import type { Successor } from "./rules";

/** What a promotion did. */
export type PromotionOutcome = "promoted" | "already_current";

/**
 * Makes a version AWSCURRENT, over the version that it was made from and no other.
 *
 * @throws {CodedError} `parent_moved`: another version became current, so this one is dropped
 */
export async function promote(
  secretArn: SecretArn,
  successor: Successor,
  using: { readonly facts: SecretFacts | undefined; readonly parts: EngineParts },
): Promise<PromotionOutcome> {
  const { secrets, rules } = using.parts;
  const { versionId, record } = successor;
  const from = rules.mayReplace(record, using.facts);
  if ((await secrets.promote(secretArn, { to: versionId, from })) === "promoted") return "promoted";
  const now = await secrets.describe(secretArn);
  if (holderOf(now, "AWSCURRENT") === versionId) return "already_current";
  await secrets.dropStage(secretArn, versionId, "AWSPENDING");
  throw new CodedError("parent_moved", { shop: record.shop, secretArn });
}

/** What a store's status tags say after an attempt. */
export interface Status {
  readonly state: StoreState;
  readonly expiresAt?: string;
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
  const tags: Record<string, string> = {
    [STATUS_TAGS.state]: status.state,
    [STATUS_TAGS.lastErrorCode]: status.errorCode,
    ...(status.state === "ok" ? { [STATUS_TAGS.lastSuccessAt]: at } : {}),
    ...(status.errorCode === "" ? {} : { [STATUS_TAGS.lastErrorAt]: at }),
    ...(status.expiresAt === undefined ? {} : { [STATUS_TAGS.expiresAt]: status.expiresAt }),
  };
  try {
    await parts.secrets.tag(secretArn, tags);
  } catch (error) {
    parts.log.warn("status.not_written", fieldsOfError(error));
  }
}

/** Writes the status of a store whose new version was just promoted. */
export async function writeSuccess(
  secretArn: SecretArn,
  successor: Successor,
  parts: EngineParts,
): Promise<void> {
  const { record } = successor;
  const { checked } = record;
  await writeStatus(
    secretArn,
    {
      state: "ok",
      errorCode: checked === "ok" || checked === "untried" ? "" : checked,
      ...(record.expiresAt === undefined ? {} : { expiresAt: isoOf(record.expiresAt) }),
    },
    parts,
  );
}
