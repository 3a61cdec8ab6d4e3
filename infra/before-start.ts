import * as pulumi from "@pulumi/pulumi";
import type { AppKey } from "../contract/brands";
import { isSigned, isStatic, type Kind, kindFactsOf, kindsThat } from "../contract/kinds";
import { hasNoValue } from "../contract/leftovers";
import { functionName, INSTALLED } from "../contract/names";
import type { ListedSecret, SecretFacts } from "../contract/store/secret-facts";
import { parseStatus } from "../contract/store/status";
import { declarationIn } from "../contract/store/view";
import { closedApps } from "./closed-apps";
import { lookUpPlace } from "./components/place";
import { limitProblems } from "./config/limits";
import type { Problem } from "./config/node";
import { refuse } from "./config/refuse";
import type { FleetSpec } from "./config/spec";
import { CONFIG_WORDS, type Words } from "./config/words";
import { endedLists } from "./ended-list";
import { type LastOutputs, readLastOutputs, secretArnsIn } from "./last-outputs";
import type { Place } from "./policies/statement";
import {
  hasRefreshTokens,
  leavingRefreshKey,
  mayHaveRefreshKey,
  protectedKeySays,
} from "./refresh-tokens";
import {
  firstStoreIn,
  goingOn,
  inTime,
  listApps,
  listEveryStore,
  pagesOfList,
  pagesOfOrigin,
  type StorePages,
  type Whereabouts,
} from "./store-list";

/** What is asked before anything is registered; a parameter, so that tests need neither AWS nor an engine. */
export interface Lookups {
  place(): Promise<Place>;
  lastOutputs(): Promise<LastOutputs>;
  /** The names of all store secrets of the account and region, deleted ones left out. */
  storeSecretNames(place: Place, signal: AbortSignal): Promise<readonly string[]>;
  /** Those of them that hold a token of an hour, and the kind under which it is renewed. Default: nobody looks. */
  renewedAs?(place: Place, signal: AbortSignal): Promise<ReadonlyMap<string, Kind>>;
  /** The stores under a prefix whose merchants came by themselves. Default: nobody looks. */
  arrived?(where: Whereabouts, signal: AbortSignal): StorePages;
  /** The stores under a prefix that a list named. Default: nobody looks. */
  ofList?(where: Whereabouts, signal: AbortSignal): StorePages;
  /** The apps under a prefix that have a secret. Default: none. */
  appsThere?(where: Whereabouts, signal: AbortSignal): Promise<readonly AppKey[]>;
}

/**
 * Refuses, before any resource is registered, what would replace the secrets of a stack or end in the
 * middle of `up`; warns where an answer that it can do without does not come within five seconds.
 *
 * @throws {pulumi.RunError} all that is wrong together, each with the line to set
 */
export async function refuseBeforeStart(
  spec: FleetSpec,
  lookups: Lookups = AS_DEPLOYED,
  words: Words = CONFIG_WORDS,
): Promise<void> {
  const place = await lookups.place();
  const at = { lookups, place };
  const leaving = leavingRefreshKey(spec, lookups.lastOutputs);
  // All at once: behind a firewall each of them would wait for its five seconds.
  const found = await Promise.all([
    movedPrefix(spec, at),
    entangledPrefixes(spec, at),
    abandonedTokens(spec, at),
    abandonedMerchants(spec, at),
    abandonedList(spec, at),
  ]);
  const keyArn = await leaving;
  refuse([...limitProblems(spec, place), ...found.flat()], words);
  if (keyArn !== undefined) void pulumi.log.warn(protectedKeySays(keyArn));
}

/**
 * A store whose token of an hour nobody would renew any more, because config calls it static: Shopify turns no migrated
 * store back, and no store that its app signs for. One that gets another token with the same `up` is replaced on purpose.
 */
async function abandonedTokens(
  { stores }: FleetSpec,
  { lookups, place }: { readonly lookups: Lookups; readonly place: Place },
): Promise<Problem[]> {
  const statics = stores.filter(
    ({ declaration, accessToken }) => isStatic(declaration) && accessToken === undefined,
  );
  const { renewedAs } = lookups;
  if (statics.length === 0 || renewedAs === undefined) return [];
  const renewed = await answerOf(
    (signal) => renewedAs(place, signal),
    "the stores' secrets: a token that nobody would renew any more is not seen",
  );
  return statics.flatMap(({ key, secretName, declaration: { kind } }) => {
    const former = renewed?.get(secretName);
    if (former === undefined) return [];
    const path = `shopify-secrets:stores.${key}.kind`;
    const says = `is ${kind} now, and the store holds a one-hour token that nobody would renew any more. Keep it: pulumi config set --path '${path}' ${former}. To replace it: pulumi config set --secret --path 'shopify-secrets:accessTokens.${key}'`;
    return [{ path, says }];
  });
}

/** Of a fleet of many thousand AWS may not show all in time: with an app that is open still the others are a courtesy. */
async function abandonedMerchants(
  spec: FleetSpec,
  { lookups, place }: { readonly lookups: Lookups; readonly place: Place },
): Promise<Problem[]> {
  const { arrived, lastOutputs } = lookups;
  if (arrived === undefined) return [];
  const where = { place, prefix: spec.settings.prefix };
  const outputs = inTime(lastOutputs);
  const ask = async (signal: AbortSignal) => {
    const deployed = new Set(secretArnsIn((await outputs) ?? {}));
    return closedApps(spec, arrived(where, signal), deployed);
  };
  const isOpen = spec.apps.some(({ open }) => open !== undefined);
  const answer = await (isOpen
    ? inTime(ask)
    : answerOf(ask, "stores that came by themselves: an open app that is closed is not seen"));
  return answer ?? [];
}

/** Few deployments take away what a store of a list may live on: only then the list is looked through. */
async function abandonedList(
  spec: FleetSpec,
  { lookups, place }: { readonly lookups: Lookups; readonly place: Place },
): Promise<Problem[]> {
  const { ofList, appsThere = async () => [], lastOutputs } = lookups;
  if (ofList === undefined) return [];
  const where = { place, prefix: spec.settings.prefix };
  const asked = Promise.all([
    inTime((signal) => appsThere(where, signal)),
    !hasRefreshTokens(spec) && mayHaveRefreshKey(lastOutputs),
  ]);
  const answer = await answerOf(async (signal, goOn) => {
    const [there = [], refreshKey] = await asked;
    const apps = new Set(
      there.filter((app) => !spec.apps.some((declared) => declared.app === app)),
    );
    if (!refreshKey && apps.size === 0) return [];
    return endedLists(spec, { refreshKey, apps }, goingOn(ofList(where, signal), goOn));
  }, "stores of a list: one that nothing would renew any more is not seen");
  return answer ?? [];
}

/** A stack that was renamed, or whose `prefix` changed, would delete every secret that it has. */
async function movedPrefix(
  { settings }: FleetSpec,
  { lookups, place }: { readonly lookups: Lookups; readonly place: Place },
): Promise<Problem[]> {
  const outputs = await answerOf(
    lookups.lastOutputs,
    "the stack's own outputs: a changed prefix is not seen",
  );
  const former = outputs && formerPrefixOf(outputs, settings.prefix);
  if (former === undefined) return [];
  if (former === settings.abandonPrefix) return leftUnder({ place, prefix: former }, lookups);
  return [
    {
      path: "shopify-secrets:prefix",
      says: `is ${settings.prefix} now, and this stack's secrets are under ${former}: every one of them would be deleted and made anew. Keep them: pulumi config set shopify-secrets:prefix ${former}. To move on purpose, see "Move the prefix" in docs/deploy.md`,
    },
  ];
}

/** Pulumi deletes what it knows under a prefix that is abandoned: stores that came from elsewhere would stay, with nothing that renews them. */
async function leftUnder(where: Whereabouts, { ofList, arrived }: Lookups): Promise<Problem[]> {
  const { prefix } = where;
  const store = await answerOf(async (signal, goOn) => {
    for (const look of [ofList, arrived]) {
      const pages = look?.(where, signal);
      const found = pages && (await firstStoreIn(goingOn(pages, goOn), prefix, hasToken));
      if (found !== undefined) return found;
    }
    return "";
  }, `the stores under ${prefix}: one that nothing would renew any more is not seen`);
  if (store === undefined || store === "") return [];
  return [
    {
      path: "shopify-secrets:abandonPrefix",
      says: `would leave stores behind that config does not declare (${store}): nothing would renew or watch their tokens. Keep them: pulumi config set shopify-secrets:prefix ${prefix}. To move on purpose, retire them first, see "End a list" in docs/fleets.md and "Close an open app" in docs/install.md`,
    },
  ];
}

const hasToken = ({ facts }: ListedSecret): boolean => !hasNoValue(facts);

/** The prefix of the last deployment, where it is another one than config's. */
function formerPrefixOf(
  outputs: Readonly<Record<string, unknown>>,
  prefix: string,
): string | undefined {
  const { prefix: last, enrolFunctionName: enrol } = outputs;
  if (typeof last === "string") return last === prefix ? undefined : last;
  // A stack of an older version has no such output; its functions' names have hyphens for slashes.
  if (typeof enrol !== "string" || enrol === functionName(prefix, "enrol")) return undefined;
  return secretPrefixIn(outputs) ?? enrol.replace(/-enrol$/, "").replace("-", "/");
}

/** The prefix in the names of the stack's own secrets; an adopted one may have any name. */
function secretPrefixIn({ stores }: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, store] of Object.entries((stores ?? {}) as Record<string, unknown>)) {
    const { secretName } = (store ?? {}) as { readonly secretName?: unknown };
    const end = `/stores/${key}/token`;
    if (typeof secretName === "string" && secretName.endsWith(end)) {
      return secretName.slice(0, -end.length);
    }
  }
  return undefined;
}

/** Two stacks whose functions would have one name, or of which one reaches into the other's secrets. */
async function entangledPrefixes(
  { settings: { prefix } }: FleetSpec,
  { lookups, place }: { readonly lookups: Lookups; readonly place: Place },
): Promise<Problem[]> {
  const names = await answerOf(
    (signal) => lookups.storeSecretNames(place, signal),
    "the account's secrets: another stack with such a prefix is not seen",
  );
  const others = new Set((names ?? []).flatMap((name) => prefixOf(name) ?? []));
  const isDeployed = others.delete(prefix);
  const problems = [...others].flatMap((other) => entanglementOf(prefix, other));
  if (!isDeployed) return problems;
  // A stack that lives with it goes on living.
  for (const { path, says } of problems) void pulumi.log.warn(`${path} ${says}`);
  return [];
}

function entanglementOf(prefix: string, other: string): Problem[] {
  const path = "shopify-secrets:prefix";
  if (functionName(prefix, "enrol") === functionName(other, "enrol")) {
    return [{ path, says: `would give its functions the names of ${other}'s: choose another` }];
  }
  const [outer, inner] = prefix.length < other.length ? [prefix, other] : [other, prefix];
  if (!inner.startsWith(`${outer}/`)) return [];
  return [
    {
      path,
      says: `lies within another stack's, ${inner} within ${outer}: ${outer}'s functions and operators would reach ${inner}'s secrets; choose another`,
    },
  ];
}

function prefixOf(secretName: string): string | undefined {
  return /^(.+)\/stores\/[^/]+\/token$/.exec(secretName)?.[1];
}

/** The answer, or a warning and undefined where there is none in time. */
async function answerOf<T>(
  ask: Parameters<typeof inTime<T>>[0],
  what: string,
): Promise<T | undefined> {
  const answer = await inTime(ask);
  if (answer === undefined) void pulumi.log.warn(`there was no answer about ${what}`);
  return answer;
}

/** What is asked of AWS and of the engine. */
export const AS_DEPLOYED: Lookups = {
  place: lookUpPlace,
  arrived: (where, signal) => pagesOfOrigin(INSTALLED, where, signal),
  ofList: pagesOfList,
  appsThere: listApps,
  lastOutputs: readLastOutputs,
  storeSecretNames: async (place, signal) =>
    (await everyStore(place, signal)).map(({ facts }) => facts.name),
  renewedAs: async (place, signal) =>
    new Map(
      (await everyStore(place, signal)).flatMap(({ facts }) => {
        const kind = renewingKindOf(facts);
        return kind === undefined ? [] : [[facts.name, kind] as const];
      }),
    ),
};

/** The kind under which a token of an hour is renewed, as it is deployed now; undefined: it is none. */
function renewingKindOf(facts: SecretFacts): Kind | undefined {
  const { refreshExpiresAt, expiresAt } = parseStatus(facts.tags);
  if (refreshExpiresAt !== undefined) return kindsThat(({ hasRefreshToken }) => hasRefreshToken)[0];
  const declared = declarationIn(facts);
  const isOurs = declared !== undefined && isSigned(declared) && typeof expiresAt === "number";
  return isOurs && kindFactsOf(declared).renewer === "sweep" ? declared.kind : undefined;
}

let everyStoreListed: Promise<readonly ListedSecret[]> | undefined;

/** Lists once, for whoever asks. */
async function everyStore(place: Place, signal: AbortSignal): Promise<readonly ListedSecret[]> {
  everyStoreListed ??= listEveryStore(place, signal);
  return (await everyStoreListed).filter(({ facts }) => facts.deletedAt === undefined);
}
