import { type Filter, ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import type { ShopDomain } from "../../contract/brands";
import {
  INSTALLED,
  isOfPrefix,
  LISTED,
  LISTED_SHOP_TAG,
  originOf,
  SECRET_TAGS,
  type StoreOrigin,
} from "../../contract/names";
import { type ListedSecret, listedSecretsOf } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import type { Deadline } from "../deadline";
import { codedAwsError, unanswered } from "./aws-errors";
import { createFindSecret, type FindSecret } from "./find-secret";
import { createCall, type SecretsManagerCall, type SecretsManagerSend } from "./secrets-manager";

/** The port that lists secrets; ListSecrets says as much of each as DescribeSecret does, and may be five minutes behind. */
export interface FleetPort {
  /** Finds a secret by its whole name, as it is now. */
  readonly find: FindSecret;
  /** Every secret under the stack's prefix, but those that are to be deleted. */
  listOwn(): Promise<readonly ListedSecret[]>;
  /** The same without the stores of those origins, which may be too many for one who waits. */
  listWithout(origins: ReadonlySet<StoreOrigin>): Promise<readonly ListedSecret[]>;
  /** The stores of a list on a shop. */
  listListed(shop: ShopDomain): Promise<readonly ListedSecret[]>;
  /** The stores that came by themselves after an instant, newest first; up to five minutes behind too. */
  listArrived(after: EpochMs): Promise<readonly ListedSecret[]>;
  /** The store secrets under the stack's prefix, those that wait for their deletion too. */
  listStores(): Promise<readonly ListedSecret[]>;
  /** The store secrets of other stacks in this account and region. */
  listForeign(): Promise<readonly ListedSecret[]>;
  /** The same port, whose calls end with another deadline. */
  under(deadline: Deadline): FleetPort;
}

type Filters = Filter[];

/** ListSecrets' largest page. */
const PAGE_SIZE = 100;

export function createFleetPort(
  client: SecretsManagerSend,
  { prefix, deadline }: { readonly prefix: string; readonly deadline: Deadline },
): FleetPort {
  const call = createCall(client, deadline);
  const own = `${prefix}/`;
  // "name: Prefix match, case-sensitive" (API reference of Filter); what it lets through is looked at all the same.
  const isOwn = ({ facts }: ListedSecret) => isOfPrefix(prefix, facts.name);
  const list = (filters: Filters) => listAll(call, filters);
  const listWithout: FleetPort["listWithout"] = async (origins) => {
    const named: Filter = { Key: "name", Values: [own] };
    const left = await list([named, ...[...origins].map((origin) => WITHOUT[origin])]);
    return left.filter((secret) => isOwn(secret) && !isOfAny(origins, secret));
  };
  return {
    find: createFindSecret(client, deadline),
    listOwn: () => listWithout(new Set()),
    listWithout,
    listListed: async (shop) =>
      (
        await list([
          { Key: "name", Values: [`${own}stores/`] },
          { Key: "tag-key", Values: [LISTED_SHOP_TAG] },
          { Key: "tag-value", Values: [shop] },
        ])
      ).filter((secret) => isOwn(secret) && secret.facts.tags.get(LISTED_SHOP_TAG) === shop),
    listArrived: async (after) =>
      (await listArrived(call, own, after)).filter(
        (secret) => isOwn(secret) && originOf(secret.facts) === INSTALLED,
      ),
    listStores: async () =>
      (await listAll(call, [{ Key: "name", Values: [`${own}stores/`] }], WITH_DELETED)).filter(
        isOwn,
      ),
    listForeign: async () =>
      (
        await list([
          { Key: "tag-key", Values: [SECRET_TAGS.kind] },
          { Key: "name", Values: [`!${own}`] },
        ])
      ).filter((secret) => !isOwn(secret)),
    under: (other) => createFleetPort(client, { prefix, deadline: other }),
  };
}

async function listAll(
  call: SecretsManagerCall,
  filters: Filters,
  more: object = {},
): Promise<ListedSecret[]> {
  const found: ListedSecret[] = [];
  for await (const page of pagesOf(call, filters, more)) found.push(...page);
  return found;
}

/** What leaves the stores of an origin out; a listed store from before it had the tag of its shop stays. */
const WITHOUT: Readonly<Record<StoreOrigin, Filter>> = {
  [INSTALLED]: { Key: "tag-value", Values: [`!${INSTALLED}`] },
  [LISTED]: { Key: "tag-key", Values: [`!${LISTED_SHOP_TAG}`] },
};

function isOfAny(origins: ReadonlySet<StoreOrigin>, { facts }: ListedSecret): boolean {
  const origin = originOf(facts);
  if (origin === undefined || !origins.has(origin)) return false;
  return origin === INSTALLED || facts.tags.has(LISTED_SHOP_TAG);
}

/** Reads no further than it has to: of 100,000 stores those of the last hour are a page or two. */
async function listArrived(
  call: SecretsManagerCall,
  own: string,
  after: EpochMs,
): Promise<ListedSecret[]> {
  const found: ListedSecret[] = [];
  const filters: Filters = [
    { Key: "name", Values: [`${own}stores/`] },
    { Key: "tag-value", Values: [INSTALLED] },
  ];
  for await (const page of pagesOf(call, filters, NEWEST_FIRST)) {
    const newer = page.filter(({ facts }) => (facts.createdAt ?? after) > after);
    found.push(...newer);
    if (newer.length < page.length) break;
  }
  return found;
}

async function* pagesOf(
  call: SecretsManagerCall,
  filters: Filters,
  more: object,
): AsyncGenerator<readonly ListedSecret[]> {
  let token: string | undefined;
  do {
    const page = await listPage(call, filters, token, more);
    // Without it a fleet would look empty, and well.
    if (page.SecretList === undefined) throw unanswered();
    yield listedSecretsOf(page.SecretList);
    token = page.NextToken;
  } while (token !== undefined);
}

const NEWEST_FIRST = { SortBy: "created-date", SortOrder: "desc" } as const;
const WITH_DELETED = { IncludePlannedDeletion: true } as const;

// biome-ignore lint/complexity/useMaxParams: a page is of a list, at a place, in an order
async function listPage(
  call: SecretsManagerCall,
  filters: Filters,
  token: string | undefined,
  more: object,
) {
  const input = {
    ...more,
    Filters: filters,
    MaxResults: PAGE_SIZE,
    ...(token === undefined ? {} : { NextToken: token }),
  };
  try {
    return await call((client, options) => client.send(new ListSecretsCommand(input), options));
  } catch (error) {
    throw codedAwsError(error);
  }
}
