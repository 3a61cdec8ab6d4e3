import { SECRET_TAGS } from "../../contract/names";
import type { OperatorSecrets } from "../aws/ports";
import { shownWord } from "../print/shown-word";
import { Refusal, usageError } from "../refusal";
import { LISTS_LAG } from "./lists-lag";

const PREFIX = /^[A-Za-z0-9_+=.@-]+(?:\/[A-Za-z0-9_+=.@-]+)*$/;

/** Refuses what can be no prefix; nobody is asked for it. */
export function judgePrefix(given: string | undefined): void {
  if (given === undefined || PREFIX.test(given)) return;
  throw usageError(`${shownWord(given)} is no prefix`, "give one such as --prefix shopify/prod");
}

/** The prefix that was given, or the only one that the account's store secrets have. */
export async function findPrefix(
  given: string | undefined,
  secrets: Pick<OperatorSecrets, "list">,
): Promise<string> {
  judgePrefix(given);
  if (given !== undefined) return given;
  const ofStores = await prefixesBy(SECRET_TAGS.store, secrets);
  // A stack whose stores come from a list, or by themselves, has none before the first.
  const found = ofStores.length > 0 ? ofStores : await prefixesBy(SECRET_TAGS.app, secrets);
  const [only] = found;
  if (only === undefined) {
    throw new Refusal(
      `this account and region hold no store secrets; ${LISTS_LAG}`,
      "check AWS_PROFILE and --region, name the stack with --prefix, or pulumi up --continue-on-error",
    );
  }
  if (found.length > 1) {
    throw usageError(
      `there are several stacks here: ${found.join(", ")}`,
      `repeat the command with --prefix ${only}, or set SHOPIFY_SECRETS_PREFIX`,
    );
  }
  return only;
}

async function prefixesBy(
  head: string,
  secrets: Pick<OperatorSecrets, "list">,
): Promise<readonly string[]> {
  const listed = await secrets.list({ by: "tag-key", head });
  return [...new Set(listed.flatMap(({ facts }) => prefixOf(facts.name) ?? []))].sort();
}

function prefixOf(secretName: string): string | undefined {
  return /^(.+)\/(?:stores\/[^/]+\/token|apps\/[^/]+\/credential)$/.exec(secretName)?.[1];
}
