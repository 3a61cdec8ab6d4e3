import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import { INSTALLED, isOfPrefix, originOf, SECRET_TAGS } from "../../contract/names";
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
  /** The same but for stores that came by themselves. */
  listDeclared(): Promise<readonly ListedSecret[]>;
  /** The secrets under the stack's prefix that were made after an instant, newest first; up to five minutes behind too. */
  listNewest(after: EpochMs): Promise<readonly ListedSecret[]>;
  /** The store secrets under the stack's prefix, those that wait for their deletion too. */
  listStores(): Promise<readonly ListedSecret[]>;
  /** The store secrets of other stacks in this account and region. */
  listForeign(): Promise<readonly ListedSecret[]>;
  /** The same port, whose calls end with another deadline. */
  under(deadline: Deadline): FleetPort;
}

type Filters = NonNullable<ListSecretsCommand["input"]["Filters"]>;

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
  return {
    find: createFindSecret(client, deadline),
    listOwn: async () => (await list([{ Key: "name", Values: [own] }])).filter(isOwn),
    listDeclared: async () =>
      (
        await list([
          { Key: "name", Values: [own] },
          { Key: "tag-value", Values: [`!${INSTALLED}`] },
        ])
      ).filter((secret) => isOwn(secret) && originOf(secret.facts) !== INSTALLED),
    listNewest: async (after) => (await listNewest(call, own, after)).filter(isOwn),
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

/** Reads no further than it has to: of 100,000 stores those of the last hour are a page or two. */
async function listNewest(
  call: SecretsManagerCall,
  own: string,
  after: EpochMs,
): Promise<ListedSecret[]> {
  const found: ListedSecret[] = [];
  const filters: Filters = [{ Key: "name", Values: [own] }];
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
