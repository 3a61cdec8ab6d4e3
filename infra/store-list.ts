import type { Filter } from "@aws-sdk/client-secrets-manager";
import * as pulumi from "@pulumi/pulumi";
import type { AppKey } from "../contract/brands";
import {
  appKeyOf,
  isOfPrefix,
  LISTED,
  originOf,
  SECRET_TAGS,
  type StoreOrigin,
  storeKeyOfSecret,
} from "../contract/names";
import { type ListedSecret, listedSecretsOf } from "../contract/store/secret-facts";
import type { Place } from "./policies/statement";
import { agentOfProvider } from "./way-to-aws";

/**
 * Lists the store secrets under a prefix, those that wait for their deletion among them, as they are before this
 * run; a parameter, so that tests need no AWS. Nobody waits for them any more when the signal is aborted.
 */
export type ListStores = (
  place: Place,
  prefix: string,
  signal: AbortSignal,
) => Promise<readonly ListedSecret[]>;

/** The most time that this courtesy may take, in milliseconds: behind a firewall AWS may never answer. */
export const LONGEST_LOOK_MS = 5_000;

/**
 * What is answered in time; undefined where AWS refuses, or is silent. Whoever has got a part of an answer says `goOn`,
 * and has as much time for the next.
 */
export async function inTime<T>(
  ask: (signal: AbortSignal, goOn: () => void) => Promise<T>,
): Promise<T | undefined> {
  const abort = new AbortController();
  const silence = new Promise<undefined>((resolve) => {
    abort.signal.addEventListener("abort", () => resolve(undefined));
  });
  const timer = setTimeout(() => abort.abort(), LONGEST_LOOK_MS);
  try {
    return await Promise.race([ask(abort.signal, () => void timer.refresh()), silence]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Asks once, whoever wants to know, and waits for nobody longer than a courtesy may take. */
export function createStoreList(
  prefix: string,
  list: ListStores = listStores,
): (place: Place) => Promise<readonly ListedSecret[] | undefined> {
  let asked: Promise<readonly ListedSecret[] | undefined> | undefined;
  return (place) => {
    asked ??= inTime((signal) => list(place, prefix, signal)).then((found) =>
      found?.filter(({ secretArn }) => isAt(place, secretArn)),
    );
    return asked;
  };
}

/** Credentials of another account than the provider's would tell of another account's secrets. */
export function isAt({ region, accountId }: Place, arn: string): boolean {
  return arn.split(":").slice(3, 5).join(":") === `${region}:${accountId}`;
}

/** No data source of the provider tells of deleted secrets, or of the functions' tags: AWS is asked as the SDK finds it. */
export async function listStores(
  place: Place,
  prefix: string,
  signal: AbortSignal,
): Promise<ListedSecret[]> {
  return await listSecrets(place, { Key: "name", Values: [`${prefix}/stores/`] }, signal);
}

/** The store secrets of every stack of the account and region. */
export async function listEveryStore(place: Place, signal: AbortSignal): Promise<ListedSecret[]> {
  const listed = await listSecrets(place, { Key: "tag-key", Values: [SECRET_TAGS.store] }, signal);
  return listed.filter(({ secretArn }) => isAt(place, secretArn));
}

/** Where a stack's secrets are. */
export interface Whereabouts {
  readonly place: Place;
  readonly prefix: string;
}

/** Store secrets a page at a time: whoever has seen enough asks no further. */
export type StorePages = AsyncIterable<readonly ListedSecret[]>;

/** The stores under a prefix that come from elsewhere than config, without those that wait for their deletion. */
export async function* pagesOfOrigin(
  origin: StoreOrigin,
  { place, prefix }: Whereabouts,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedSecret[]> {
  const filters: Filter[] = [
    { Key: "name", Values: [`${prefix}/stores/`] },
    { Key: "tag-value", Values: [origin] },
  ];
  for await (const page of pagesOf(place, filters, signal)) {
    // A filter of tags is a prefix match.
    yield page.filter(
      ({ secretArn, facts }) =>
        isAt(place, secretArn) &&
        isOfPrefix(prefix, facts.name) &&
        originOf(facts) === origin &&
        facts.deletedAt === undefined,
    );
  }
}

/** The stores under a prefix that a list named. */
export const pagesOfList = (where: Whereabouts, signal: AbortSignal): StorePages =>
  pagesOfOrigin(LISTED, where, signal);

/** The same, each page with as much time as a whole answer has. */
export async function* goingOn(
  pages: StorePages,
  goOn: () => void,
): AsyncGenerator<readonly ListedSecret[]> {
  for await (const page of pages) {
    goOn();
    yield page;
  }
}

/** The first store of the first page that has one, and whether it has more; undefined: there is none. */
export async function firstStoreIn(
  pages: StorePages,
  prefix: string,
  isOne: (secret: ListedSecret) => boolean = () => true,
): Promise<string | undefined> {
  for await (const page of pages) {
    const [first, ...others] = page.filter(isOne);
    if (first === undefined) continue;
    const store = storeKeyOfSecret(prefix, first.facts) ?? first.facts.name;
    return others.length === 0 ? store : `${store} and others`;
  }
  return undefined;
}

/** The apps under a prefix that have a secret which stays. */
export async function listApps(
  { place, prefix }: Whereabouts,
  signal: AbortSignal,
): Promise<AppKey[]> {
  const filter: Filter = { Key: "name", Values: [`${prefix}/apps/`] };
  const listed = await listSecrets(place, filter, signal);
  return listed.flatMap(({ secretArn, facts }) => {
    const isThere = isAt(place, secretArn) && facts.deletedAt === undefined;
    return (isThere && appKeyOf(prefix, facts.name)) || [];
  });
}

async function listSecrets(
  place: Place,
  filter: Filter,
  signal: AbortSignal,
): Promise<ListedSecret[]> {
  const found: ListedSecret[] = [];
  for await (const page of pagesOf(place, [filter], signal)) found.push(...page);
  return found;
}

async function* pagesOf(
  { region }: Place,
  Filters: Filter[],
  abortSignal: AbortSignal,
): AsyncGenerator<readonly ListedSecret[]> {
  // The SDK prints at its start which Node it will ask for one day; that is for package.json to say.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { paginateListSecrets, SecretsManagerClient } = await import(
    "@aws-sdk/client-secrets-manager"
  );
  const profile = new pulumi.Config("aws").get("profile");
  const client = new SecretsManagerClient({
    region,
    maxAttempts: 2,
    requestHandler: {
      // Half of the time, so that a connection that is swallowed leaves some for another one.
      requestTimeout: LONGEST_LOOK_MS / 2,
      throwOnRequestTimeout: true,
      httpsAgent: agentOfProvider(),
    },
    ...(profile === undefined ? {} : { profile }),
  });
  const question = { IncludePlannedDeletion: true, Filters };
  // A request that was sent keeps the program from its end.
  abortSignal.addEventListener("abort", () => client.destroy());
  try {
    for await (const { SecretList = [] } of paginateListSecrets({ client }, question)) {
      yield listedSecretsOf(SecretList);
    }
  } finally {
    client.destroy();
  }
}
