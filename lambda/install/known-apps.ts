import type { AppKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { appKeyOf, INSTALLED, LISTED, type StoreOrigin } from "../../contract/names";
import type { OpenInstalls } from "../../contract/open-installs";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { type EpochMs, MINUTE_MS } from "../../contract/time";
import type { ClientSecret } from "../engine/app-secret";
import type { EngineDeps } from "../engine/deps";
import { fieldsOfError } from "../log";
import type { FleetPort } from "../secrets/fleet-port";
import type { AppMemory } from "./app-memory";

/** A declared app and what it may sign with. */
export interface KnownApp {
  readonly app: AppKey;
  readonly clientSecrets: readonly ClientSecret[];
}

/** The declared apps, and the secrets under the prefix that no list names and no merchant brought, as they were within the last minute. */
export interface KnownFleet {
  readonly apps: readonly KnownApp[];
  readonly listed: readonly ListedSecret[];
}

/** What reading the fleet takes. */
export type ReadDeps = EngineDeps & {
  readonly fleet: FleetPort;
  readonly apps: AppMemory;
  readonly open: OpenInstalls | undefined;
  readonly hasList: boolean;
};

/** Keeps what a warm function knows of the fleet, so that a flood of forged webhooks asks AWS once a minute. */
export interface KnownApps {
  read(deps: ReadDeps): Promise<KnownFleet>;
}

export function createKnownApps(): KnownApps {
  let known: { readonly readAt: EpochMs; readonly fleet: KnownFleet } | undefined;
  return {
    read: async (deps) => {
      const now = deps.clock.now();
      if (known !== undefined && Math.abs(now - known.readAt) < MINUTE_MS) return known.fleet;
      const fleet = await readFleet(deps);
      known = { readAt: now, fleet };
      return fleet;
    },
  };
}

async function readFleet(deps: ReadDeps): Promise<KnownFleet> {
  // Of 100,000 no request could wait: those that came by themselves are found by name, those of a list by their shop.
  const tooMany: StoreOrigin[] = [];
  if (deps.open !== undefined) tooMany.push(INSTALLED);
  if (deps.hasList) tooMany.push(LISTED);
  const listed = await deps.fleet.listWithout(new Set(tooMany));
  const inList = listed.flatMap(({ facts }) => appKeyOf(deps.prefix, facts.name) ?? []);
  // Of the open apps the function is told: a list shows an app that was deployed just now only minutes later.
  const keys = new Set([...inList, ...(deps.open?.apps ?? []).map(({ app }) => app)]);
  const apps = await Promise.all([...keys].map((app) => readKnownApp(app, deps)));
  return { listed, apps: apps.flatMap((app) => app ?? []) };
}

/** One app that cannot be read must not silence the others. */
async function readKnownApp(app: AppKey, deps: ReadDeps): Promise<KnownApp | undefined> {
  try {
    return { app, clientSecrets: (await deps.apps.read(app, deps)).clientSecrets };
  } catch (error) {
    if (!(error instanceof CodedError) || error.retryable) throw error;
    deps.log.warn("webhook.app_unreadable", { app, ...fieldsOfError(error) });
    return undefined;
  }
}
