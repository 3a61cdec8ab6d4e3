import { KINDS, type Kind } from "../../contract/kinds";
import { systemClock } from "../../contract/time";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import { recordResources } from "../../test/infra/recorded";

/** How many AWS resources a stack holds, and where they come from. */
export interface ResourceCount {
  /** What one more store of a kind adds. */
  readonly perStore: Readonly<Record<Kind, number>>;
  /** What one more app adds. */
  readonly perApp: number;
  /** What is there whatever the number of stores: every function, the install endpoint, both keys. */
  readonly shared: number;
  /** What alarms and notices add, when config asks for them. */
  readonly alarms: number;
}

/** The most that a stack may hold: the engine writes its whole state at each step, and each resource takes part. */
export const MOST_RESOURCES: Pick<ResourceCount, "perStore" | "shared"> = {
  perStore: { "client-credentials": 3, "custom-app": 2, offline: 2, "offline-expiring": 2 },
  shared: 33,
};

/** Counts what the program registers, by declaring one thing more at a time. */
export async function countResources(bundlesFolder?: string): Promise<ResourceCount> {
  const count = (changes: Changes = {}) => countDeclared(changes, bundlesFolder);
  const all = await count();
  const perStore = {} as Record<Kind, number>;
  for (const kind of KINDS) perStore[kind] = (await count({ oneMore: kind })) - all;
  const perApp = (await count({ apps: ["fulfilment", "catalog"] })) - all;
  const ofStores = KINDS.reduce((sum, kind) => sum + perStore[kind], 0);
  return {
    perStore,
    perApp,
    shared: all - ofStores - perApp,
    alarms: (await count({ alarms: true })) - all,
  };
}

interface Changes {
  readonly oneMore?: Kind;
  readonly apps?: readonly string[];
  readonly alarms?: boolean;
}

/** Counts the resources of a stack with one app and one store of each kind, but for the changes. */
async function countDeclared(
  { oneMore, apps = ["fulfilment"], alarms = false }: Changes,
  bundlesFolder: string | undefined,
): Promise<number> {
  const kinds: readonly Kind[] = oneMore === undefined ? KINDS : [...KINDS, oneMore];
  const { fleet, problems } = parseFleet(
    {
      alarms,
      apps: Object.fromEntries(apps.map((app) => [app, { clientId: `${app}-client-id` }])),
      clientSecrets: Object.fromEntries(apps.map((app) => [app, `shpss_${app}`])),
      stores: Object.fromEntries(
        kinds.map((kind, index) => [`store-${index}`, storeOf(kind, index)]),
      ),
    },
    { defaultPrefix: "shopify/bench", now: systemClock.now() },
  );
  if (problems.length > 0) throw new Error("the bench declares a fleet that is refused");
  const recorded = await recordResources(() => {
    provisionFleet(fleet, bundlesFolder === undefined ? {} : { bundlesFolder });
  });
  return recorded.filter(({ type }) => type.startsWith("aws:")).length;
}

function storeOf(kind: Kind, index: number) {
  const shop = `store-${index}.myshopify.com`;
  return kind === "custom-app" ? { kind, shop } : { kind, shop, app: "fulfilment" };
}
