import type { IgnoreTags, ProviderConfig } from "./provider-config";
import type { Change } from "./resource-type";
import { textMap } from "./values";
import { holdsUnknown, isObject, type Properties, UNKNOWN, type Value } from "./wire";

export interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The program's tags over the provider's default tags, without ignored ones (pulumi-aws, tags.go). */
export function tagsAllOf(tags: Value | undefined, config: ProviderConfig): Value {
  if (holdsUnknown(tags)) return UNKNOWN;
  return visible({ ...config.defaultTags, ...(isObject(tags) ? tags : {}) }, config.ignoreTags);
}

/** What a resource's tags are to Pulumi: `tags` as the program would say them, and all of them. */
export function readTags(
  found: Properties,
  before: Properties,
  config: ProviderConfig,
): Properties {
  const tagsAll = visible(textMap(found, "tags"), config.ignoreTags);
  const asked = textMap(before, "tags");
  const tags = Object.entries(tagsAll).filter(
    ([key, value]) => key in asked || config.defaultTags[key] !== value,
  );
  return { tags: Object.fromEntries(tags), tagsAll };
}

function visible(tags: Properties, ignore: IgnoreTags): Properties {
  const shown = Object.entries(tags).filter(
    ([key]) =>
      !key.startsWith("aws:") &&
      !ignore.keys.includes(key) &&
      !ignore.keyPrefixes.some((prefix) => key.startsWith(prefix)),
  );
  return Object.fromEntries(shown);
}

/** The tags to create a resource with. */
export const newTags = (news: Properties): Record<string, string> => textMap(news, "tagsAll");

/** The member that creates a resource with its tags; no member without tags (pulumi-aws, getTagsIn). */
export function tagsMember<Name extends string>(
  name: Name,
  news: Properties,
): Partial<Record<Name, Record<string, string>>> {
  const tags = newTags(news);
  if (Object.keys(tags).length === 0) return {};
  return { [name]: tags } as Partial<Record<Name, Record<string, string>>>;
}

export const tagList = (tags: Record<string, string>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));

export const tagMap = (tags: readonly AwsTag[] | undefined): Properties =>
  Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));

/** The tags to set and the keys to take away; undefined where nothing changes. */
export function tagChange(
  change: Change,
): { readonly set: Record<string, string>; readonly drop: string[] } | undefined {
  const [olds, news] = [textMap(change.olds, "tagsAll"), textMap(change.news, "tagsAll")];
  const set = Object.entries(news).filter(([key, value]) => olds[key] !== value);
  const drop = Object.keys(olds).filter((key) => !(key in news));
  if (set.length === 0 && drop.length === 0) return undefined;
  return { set: Object.fromEntries(set), drop };
}
