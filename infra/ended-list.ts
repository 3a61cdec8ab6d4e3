import type { AppKey } from "../contract/brands";
import type { Declaration } from "../contract/declaration";
import { kindFactsOf } from "../contract/kinds";
import { hasNoValue } from "../contract/leftovers";
import { SECRET_TAGS, storeKeyOfSecret } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import { parseStatus } from "../contract/store/status";
import { declarationIn } from "../contract/store/view";
import type { Problem } from "./config/node";
import type { FleetSpec } from "./config/spec";
import { declaringAgain, namesOf } from "./left-behind";
import type { StorePages } from "./store-list";

/** What a deployment takes away, and stores of a list may live on. */
export interface TakenAway {
  /** Whether the key of refresh tokens goes, and with it what renews tokens of an hour. */
  readonly refreshKey: boolean;
  /** The apps whose secrets go. */
  readonly apps: ReadonlySet<AppKey>;
}

/**
 * Refuses to take away what renews stores of a list while they stand: of such a store nothing is in Pulumi's state, and
 * `shopify-secrets apply` retires it only after `up`, if at all.
 *
 * It looks no further than to the first page that has one.
 */
export async function endedLists(
  { settings: { prefix } }: Pick<FleetSpec, "settings">,
  taken: TakenAway,
  ofList: StorePages,
): Promise<Problem[]> {
  for await (const page of ofList) {
    const left = page.flatMap((secret) => leftBy(taken, secret, prefix) ?? []);
    const apps = [...new Set(left.flatMap(({ app }) => app ?? []))].sort();
    const problems = [
      ...withoutKey(left.filter(({ app }) => app === undefined)),
      ...apps.flatMap((app) => withoutApp(left.filter((one) => one.app === app))),
    ];
    if (problems.length > 0) return problems;
  }
  return [];
}

/** A store that nothing would renew any more. */
interface Left {
  readonly store: string;
  /** The app that it would miss; undefined: the key of refresh tokens. */
  readonly app: AppKey | undefined;
  readonly clientId: string | undefined;
  readonly declaration: Declaration;
}

/** Undefined: it holds no token of anybody, or what renews it stays, or its token has no end. */
function leftBy(
  { refreshKey, apps }: TakenAway,
  { facts }: ListedSecret,
  prefix: string,
): Left | undefined {
  const declaration = declarationIn(facts);
  if (declaration === undefined || hasNoValue(facts)) return undefined;
  const { app } = declaration;
  const { hasRefreshToken, renewer } = kindFactsOf(declaration);
  const missesApp = app !== undefined && apps.has(app) && renewer !== "nobody";
  // A store that its app signs for may have its pair still, for the way back.
  const hasPair = hasRefreshToken || parseStatus(facts.tags).refreshExpiresAt !== undefined;
  if (!missesApp && !(refreshKey && hasPair)) return undefined;
  return {
    store: storeKeyOfSecret(prefix, facts) ?? facts.name,
    app: missesApp ? app : undefined,
    clientId: facts.tags.get(SECRET_TAGS.clientId),
    declaration,
  };
}

const END = 'To end it, retire them first, see "End a list" in docs/fleets.md';

function withoutKey(left: readonly Left[]): Problem[] {
  if (left.length === 0) return [];
  const path = "shopify-secrets:fleet.list";
  const says = `is gone, and stores of the list hold one-hour tokens (${namesOf(left)}): nothing would renew them. Keep them: pulumi config set --path '${path}' stores.jsonl. ${END}`;
  return [{ path, says }];
}

function withoutApp(left: readonly Left[]): Problem[] {
  const [first] = left;
  if (first?.app === undefined) return [];
  const { app, clientId, declaration } = first;
  const path = `shopify-secrets:apps.${app}`;
  const { distribution, credential } = declaration;
  const keep = declaringAgain(app, { clientId, distribution, credential }).join("; ");
  const says = `is not declared any more, and stores of the list get their tokens by it (${namesOf(left)}): nothing would renew them. Keep it: ${keep}. ${END}`;
  return [{ path, says }];
}
