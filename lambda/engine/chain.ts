import { CodedError } from "../../contract/errors";
import { holderOf } from "../secrets/port";
import { type Line, newestLiveSuccessor } from "./line";
import type { EngineParts } from "./parts";
import { promote } from "./promote";
import type { Successor } from "./rules";

/**
 * Saves a refresh chain whose current refresh token is refused.
 *
 * A refusal is believed only when AWSCURRENT, read again, is still the parent. Then a successor that
 * was stored and never promoted holds the only refresh token that can be left: it becomes AWSCURRENT,
 * whatever became of its access token, because no refresh token is presented before that.
 *
 * @throws the failure itself when it is another one, or when nothing is left to present
 */
export async function recoverChain(
  line: Line,
  failure: unknown,
  parts: EngineParts,
): Promise<Successor> {
  const { store, parent } = line;
  const isRefused = failure instanceof CodedError && failure.code === "refresh_token_dead";
  if (!isRefused || parent.versionId === undefined) throw failure;
  const facts = await parts.secrets.describe(store.secretArn);
  if (!parts.rules.believesRefusal(parent.versionId, holderOf(facts, "AWSCURRENT"))) {
    throw new CodedError("parent_moved", { shop: store.declaration.shop });
  }
  const successor = await newestLiveSuccessor(line, parts);
  if (successor === undefined) throw failure;
  await promote(store.secretArn, successor, parts);
  parts.log.warn("rotation.chain_recovered", { version_id: successor.versionId });
  return successor;
}
