import { invalidParameter } from "../aws-error";
import type { TagResourceRequest, UntagResourceRequest } from "../requests";
import { requireLiveSecret } from "../secret-id";
import { changed, type ModelState, type Outcome, type Surroundings, type Tag } from "../state";

/** AWS's tag rules: letters, digits, spaces and + - = . _ : / @. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAGS_PER_SECRET = 50;

export function tagResource(
  state: ModelState,
  request: TagResourceRequest,
  around: Surroundings,
): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  const tags = checkedTags(secret.tags ?? [], request.Tags);
  return changed(state, { ...secret, tags, changedAt: around.now }, {});
}

export function untagResource(
  state: ModelState,
  request: UntagResourceRequest,
  around: Surroundings,
): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  const tags = (secret.tags ?? []).filter((tag) => !request.TagKeys.includes(tag.Key));
  return changed(state, { ...secret, tags, changedAt: around.now }, {});
}

/**
 * The tags after `added` was laid over `before`.
 *
 * @throws {AwsError} `InvalidParameterException`
 */
export function checkedTags(before: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  for (const tag of added) checkTag(tag);
  if (new Set(added.map((tag) => tag.Key)).size < added.length) {
    throw invalidParameter("Request contains duplicate tag keys.");
  }
  const values = new Map(before.map((tag) => [tag.Key, tag.Value]));
  for (const tag of added) values.set(tag.Key, tag.Value);
  if (values.size > TAGS_PER_SECRET) {
    throw invalidParameter(`A secret can have at most ${TAGS_PER_SECRET} tags.`);
  }
  return [...values].map(([Key, Value]) => ({ Key, Value }));
}

function checkTag({ Key, Value }: Tag): void {
  if (Key === undefined || Value === undefined) {
    throw invalidParameter("A tag needs a key and a value.");
  }
  if (/^aws:/i.test(Key)) throw invalidParameter("Tag keys can't start with aws:.");
  if (!TAG_TEXT.test(Key) || !TAG_TEXT.test(Value)) {
    throw invalidParameter("A tag has a character that is not allowed.");
  }
}
