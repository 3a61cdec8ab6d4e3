import type { AppKey } from "../contract/brands";
import { hasNoValue } from "../contract/leftovers";
import { SECRET_TAGS, storeKeyOfSecret } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import { declarationIn } from "../contract/store/view";
import type { Problem } from "./config/node";
import type { FleetSpec } from "./config/spec";
import type { StorePages } from "./store-list";

/**
 * Refuses to close an app whose merchants came by themselves while their stores stand: nobody would hear any more that one
 * uninstalled, or asks to be forgotten, and without the app in config nothing renews their tokens.
 *
 * It looks no further than to the first page that has one.
 */
export async function closedApps(spec: FleetSpec, arrived: StorePages): Promise<Problem[]> {
  for await (const page of arrived) {
    const left = page.flatMap((secret) => leftBy(spec, secret) ?? []);
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

/** Undefined: its app is open, config takes the store over with this very deployment, or it holds no token of anybody. */
function leftBy(
  { apps, stores, settings }: FleetSpec,
  { secretArn, facts }: ListedSecret,
): Left | undefined {
  const app = declarationIn(facts)?.app;
  if (app === undefined || hasNoValue(facts)) return undefined;
  if (apps.some((declared) => declared.app === app && declared.open !== undefined)) {
    return undefined;
  }
  const isTakenOver = stores.some(
    ({ adopt, secretName }) => adopt === secretArn || secretName === facts.name,
  );
  if (isTakenOver) return undefined;
  const store = storeKeyOfSecret(settings.prefix, facts) ?? facts.name;
  return { app, store, clientId: facts.tags.get(SECRET_TAGS.clientId) };
}

/** The remedy stands in the sentence, with what config had: the app as it was, with its door closed. */
function problemOf({ apps }: FleetSpec, [first, ...others]: readonly Left[]): Problem {
  const { app = "", store = "", clientId = "" } = first ?? {};
  const path = `shopify-secrets:apps.${app}`;
  const who = others.length === 0 ? store : `${store} and ${others.length} more`;
  const set = (setting: string, value: string) =>
    `pulumi config set --path '${path}.${setting}' ${value}`;
  const isDeclared = apps.some((declared) => declared.app === app);
  const [what, then, before] = isDeclared
    ? ["is not open any more", "nobody would hear that they uninstall or ask to be forgotten", []]
    : [
        "is not declared any more",
        "nothing would renew their tokens",
        [
          set("clientId", clientId),
          set("distribution", "public"),
          `pulumi config set --secret --path 'shopify-secrets:clientSecrets.${app}'`,
        ],
      ];
  const keep = [...before, set("installs", "open"), set("newStoresAnHour", "0")].join("; ");
  return {
    path: isDeclared ? `${path}.installs` : path,
    says: `${what}, and merchants came to it by themselves (${who}): ${then}. Keep them and take in nobody: ${keep}. To end it, remove their secrets first, see "Close an open app" in docs/install.md`,
  };
}
