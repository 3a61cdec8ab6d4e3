import type { AppKey } from "../contract/brands";
import { hasNoValue } from "../contract/leftovers";
import { SECRET_TAGS, storeKeyOfSecret } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import { declarationIn } from "../contract/store/view";
import type { Problem } from "./config/node";
import type { FleetSpec } from "./config/spec";
import { declaringAgain, namesOf, setInApp } from "./left-behind";
import type { StorePages } from "./store-list";

/**
 * Refuses to close an app whose merchants came by themselves while their stores stand: nobody would hear any more that one
 * uninstalled, or asks to be forgotten, and without the app in config nothing renews their tokens.
 *
 * It looks no further than to the first page that has one. A store that config takes over is none of them: not by its key,
 * which a store of another shop may have, but by the secret that it adopts.
 *
 * @param deployed the ARNs of the secrets of config's stores as they were deployed last: for five minutes AWS lists one that
 *   was taken over as it was before. Default: none
 */
export async function closedApps(
  spec: FleetSpec,
  arrived: StorePages,
  deployed: ReadonlySet<string> = new Set(),
): Promise<Problem[]> {
  const takenOver = new Set([...deployed, ...spec.stores.flatMap(({ adopt }) => adopt ?? [])]);
  for await (const page of arrived) {
    const left = page
      .filter(({ secretArn }) => !takenOver.has(secretArn))
      .flatMap((secret) => leftBy(spec, secret) ?? []);
    const apps = [...new Set(left.map(({ app }) => app))].sort();
    const problems = apps.map((app) =>
      problemOf(
        spec,
        left.filter((one) => one.app === app),
      ),
    );
    if (problems.length > 0) return problems;
  }
  return [];
}

/** A store of an app that config does not open. */
interface Left {
  readonly app: AppKey;
  readonly store: string;
  readonly clientId: string | undefined;
}

/** Undefined: its app is open, or it holds no token of anybody. */
function leftBy({ apps, settings }: FleetSpec, { facts }: ListedSecret): Left | undefined {
  const app = declarationIn(facts)?.app;
  if (app === undefined || hasNoValue(facts)) return undefined;
  if (apps.some((declared) => declared.app === app && declared.open !== undefined)) {
    return undefined;
  }
  const store = storeKeyOfSecret(settings.prefix, facts) ?? facts.name;
  return { app, store, clientId: facts.tags.get(SECRET_TAGS.clientId) };
}

/** The remedy stands in the sentence, with what config had: the app as it was, with its door closed. */
function problemOf({ apps }: FleetSpec, left: readonly Left[]): Problem {
  const { app = "", clientId = "" } = left[0] ?? {};
  const path = `shopify-secrets:apps.${app}`;
  const isDeclared = apps.some((declared) => declared.app === app);
  const [what, then, before] = isDeclared
    ? ["is not open any more", "nobody would hear that they uninstall or ask to be forgotten", []]
    : [
        "is not declared any more",
        "nothing would renew their tokens",
        declaringAgain(app, { clientId, distribution: "public" }),
      ];
  const keep = [
    ...before,
    setInApp(app, "installs", "open"),
    setInApp(app, "newStoresAnHour", "0"),
  ].join("; ");
  return {
    path: isDeclared ? `${path}.installs` : path,
    says: `${what}, and merchants came to it by themselves (${namesOf(left)}): ${then}. Keep them and take in nobody: ${keep}. To end it, remove their secrets first, see "Close an open app" in docs/install.md`,
  };
}
