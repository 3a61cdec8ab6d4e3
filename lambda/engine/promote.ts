import type { SecretArn } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { holderOf } from "../../contract/store/secret-facts";
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
  { secrets, rules }: EngineParts,
): Promise<PromotionOutcome> {
  const { versionId, record } = successor;
  const readHolder = async () => holderOf(await secrets.describe(secretArn), "AWSCURRENT");
  const from = await rules.replaces(record, readHolder);
  if ((await secrets.promote(secretArn, { to: versionId, from })) === "promoted") return "promoted";
  if ((await readHolder()) === versionId) return "already_current";
  await secrets.dropStage(secretArn, versionId, "AWSPENDING");
  throw new CodedError("parent_moved", { shop: record.shop, secretArn });
}
