import type { StoreKey } from "../brands";
import type { Declaration } from "../declaration";
import { LISTED, LISTED_SHOP_TAG, SECRET_TAGS, type StoreOrigin } from "../names";

/** What the tags of a store's secret are made of. */
export interface TaggedStore {
  readonly key: StoreKey;
  readonly declaration: Pick<Declaration, "kind" | "shop">;
  /** The client ID of its app; undefined: it is not said which app it is at Shopify. */
  readonly clientId?: string | undefined;
  /** Where it comes from; undefined: from config. */
  readonly origin?: StoreOrigin | undefined;
  /** The operator's own tags of everything. Default: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What a tag's value may hold; Shopify's client IDs are 32 hexadecimal digits. */
const TAGGABLE = /^[\w+\-=.:/@]{1,256}$/;

/** The tags that a store's secret is made with, whoever makes it. */
export function storeTagsOf({
  key,
  declaration: { kind, shop },
  clientId,
  origin,
  tags,
}: TaggedStore): Record<string, string> {
  return {
    ...tags,
    [SECRET_TAGS.store]: key,
    [SECRET_TAGS.kind]: kind,
    ...(clientId !== undefined && TAGGABLE.test(clientId)
      ? { [SECRET_TAGS.clientId]: clientId }
      : {}),
    ...(origin === undefined ? {} : { [SECRET_TAGS.origin]: origin }),
    ...(origin === LISTED ? { [LISTED_SHOP_TAG]: shop } : {}),
  };
}
