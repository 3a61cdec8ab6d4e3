import { isSigned, kindFactsOf, kindsThat } from "../../contract/kinds";
import type { EpochMs } from "../../contract/time";
import { Claims } from "./claims";
import { ConfigNode, distinct, type Problem } from "./node";
import { parseConsumers, reportMissingAddresses } from "./parse-allowlist";
import { parseFleetApiVersion } from "./parse-api-version";
import { parseApps, reportMissingSecret } from "./parse-apps";
import { endingTokens, parseDeclaredApp, unsaidDistribution } from "./parse-distribution";
import { reportClosedEndpoint } from "./parse-installs";
import { parseListedFleet, type ReadLines } from "./parse-list";
import { reportUnlikeList, withMoves } from "./parse-moving";
import { parseRotationHours } from "./parse-rotation";
import { MOST_TAGS, parseSettings } from "./parse-settings";
import { parseStore, type StoreContext } from "./parse-stores";
import { SECRET_KEYS } from "./plain-secrets";
import type { FleetSpec, StoreSpec } from "./spec";
import { CONFIG_WORDS, type Words } from "./words";

/** The kinds whose schedule config may choose. */
const ROTATED = kindsThat(({ renewer }) => renewer === "secrets-manager");

/** The keys of config, without their namespace. */
export const CONFIG_KEYS = [
  "apps",
  "stores",
  "storesFile",
  "clientSecrets",
  "previousClientSecrets",
  "accessTokens",
  "prefix",
  "abandonPrefix",
  "rotationHours",
  "apiVersion",
  "recoveryWindowDays",
  "kmsKeyArn",
  "breakGlass",
  "deployers",
  "permissionsBoundary",
  "formerRefreshKeyArns",
  "vpc",
  "leavingVpc",
  "consumers",
  "logRetentionDays",
  "storesAtOnce",
  "workQueue",
  "fleet",
  "moving",
  "installEndpoint",
  "installDomain",
  "installOnlyOwnDomain",
  "installConcurrency",
  "installAccessLog",
  "readerPolicies",
  "alarms",
  "dashboard",
  "formerFleet",
  "tags",
  "imports",
] as const;

/** What becomes of config: a fleet that can be provisioned if, and only if, there are no problems. */
export interface ParsedFleet {
  readonly fleet: FleetSpec;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** What config is read with. */
export interface FleetContext {
  readonly defaultPrefix: string;
  /** Which API versions Shopify serves depends on it. */
  readonly now: EpochMs;
  /** Default: those of config. */
  readonly words?: Words;
  /** Reads the list of stores. Default: nobody can. */
  readonly readLines?: ReadLines;
}

/** Reads the whole of config, `storesFile` merged into `stores` already; every mistake is reported at once. */
export function parseFleet(
  config: Readonly<Record<string, unknown>>,
  { defaultPrefix, now, words = CONFIG_WORDS, readLines }: FleetContext,
): ParsedFleet {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const root = new ConfigNode("shopify-secrets:", config, { problems, words });
  root.allowKeys(CONFIG_KEYS, keysWithoutPath(root));
  const settings = parseSettings(root, defaultPrefix);
  const apps = parseApps(root);
  for (const { app, allowlist: mode } of apps) {
    const node = root.child("apps").child(app).child("allowlist");
    reportMissingAddresses(node, { mode, vpc: settings.vpc });
  }
  const consumers = parseConsumers(root.child("consumers"));
  const warn = (warning: string) => void warnings.push(warning);
  const context: StoreContext = {
    now,
    warn,
    defaultApiVersion: parseFleetApiVersion(root.child("apiVersion"), { now, warn }),
    prefix: settings.prefix,
    declaredApps: new Map(
      root
        .child("apps")
        .entries()
        .map(([key, node]) => [key, parseDeclaredApp(node)]),
    ),
    defaultRotation: root.child("rotationHours"),
    accessTokens: root.child("accessTokens"),
  };
  const stores = storesIn(root, context);
  // One that moves stands in the list too, which claims for it.
  const staying = stores.filter(({ moving }) => moving === undefined);
  const claims = new Claims();
  reportRepeats(root, staying, claims);
  const listed = parseListedFleet(root.child("fleet"), {
    ...context,
    readLines,
    problems,
    claims,
    declared: new Set(staying.map(({ key }) => key)),
  });
  reportUnlikeList(root, stores, listed);
  const everyStore = [...staying, ...(listed?.stores ?? [])];
  // Also when no store uses it; a warning comes with each store that does.
  for (const kind of ROTATED)
    parseRotationHours(root, { ...context, declared: { kind }, warn: () => {} });
  warnOfApps(root, everyStore, context);
  reportMissingSecrets(root, { apps, stores: everyStore, settings });
  reportClosedEndpoint(root, { apps, settings });
  reportStrayTokens(root, stores);
  reportFormerStores(root, stores);
  const isOpen = apps.some(({ open }) => open !== undefined);
  reportTagsTooMany(root, settings, { isOpen, hasList: listed !== undefined });
  if (everyStore.length === 0 && !isOpen && problems.length === 0) warnings.push(NO_STORES);
  const own = { apps, stores, consumers, settings, apiVersion: context.defaultApiVersion };
  const fleet = { ...own, ...(listed && { listed }) };
  return { fleet, problems: distinct(problems), warnings: [...warnings, ...adviceOnSize(fleet)] };
}

/** From so many stores on a list of them is too large for the memory of a sweep that does all itself. */
const MOST_WITHOUT_WORKERS = 20_000;
const TAKE_WORKERS = `more than ${MOST_WITHOUT_WORKERS.toLocaleString("en")} stores are more than one function passes over in time: set shopify-secrets:workQueue to true`;

function adviceOnSize({ stores, listed, settings }: FleetSpec): string[] {
  const all = stores.length + (listed?.stores.length ?? 0);
  return all > MOST_WITHOUT_WORKERS && settings.workQueue !== true ? [TAKE_WORKERS] : [];
}

function storesIn(root: ConfigNode, context: StoreContext): StoreSpec[] {
  const declared = root
    .child("stores")
    .entries()
    .flatMap(([key, node]) => parseStore(key, node, context) ?? []);
  return withMoves(root, declared);
}

/** A store that is not in config has a tag more, which says where it comes from, and one of a list its shop's besides. */
function reportTagsTooMany(
  root: ConfigNode,
  { tags }: FleetSpec["settings"],
  { isOpen, hasList }: { readonly isOpen: boolean; readonly hasList: boolean },
): void {
  const given = Object.keys(tags).length;
  const more = hasList ? 2 : isOpen ? 1 : 0;
  const surplus = given + more - MOST_TAGS;
  if (given > MOST_TAGS || surplus <= 0) return;
  root
    .child("tags")
    .report(
      `are ${given}, and stores that are not in config have ${more} of ours more: take ${surplus} away, or declare the stores`,
    );
}

/** What is told of apps by what their stores are. */
function warnOfApps(
  root: ConfigNode,
  stores: readonly StoreSpec[],
  { now, warn, declaredApps }: StoreContext,
): void {
  for (const says of endingTokens(root.child("apps"), stores.map(endlessOf), now)) warn(says);
  for (const [app, { distribution }] of declaredApps) {
    if (distribution !== undefined) continue;
    const own = stores.filter(({ declaration }) => declaration.app === app);
    warnOfUnsaid(root.child("apps").child(app), own, warn);
  }
}

const endlessOf = ({ key, declaration }: StoreSpec) => ({ key, ...declaration });

function warnOfUnsaid(
  node: ConfigNode,
  own: readonly StoreSpec[],
  warn: (warning: string) => void,
): void {
  const says = unsaidDistribution(
    node.child("distribution"),
    own.map(({ declaration }) => declaration),
  );
  if (says !== undefined) warn(says);
}

const NO_STORES =
  "shopify-secrets:stores declares no store: pulumi up deletes the secret of every store that the stack still has";

/** A key such as `stores.acme.kind`, which `pulumi config set` makes when `--path` was forgotten. */
const WITHOUT_PATH = /^([A-Za-z]+)[.[]/;

function keysWithoutPath(root: ConfigNode): Record<string, string> {
  const told = root.entries().flatMap(([key, { path }]) => {
    const [, head = ""] = WITHOUT_PATH.exec(key) ?? [];
    if (!(CONFIG_KEYS as readonly string[]).includes(head)) return [];
    const flags = (SECRET_KEYS as readonly string[]).includes(head) ? "--secret --path" : "--path";
    const remedy = `pulumi config rm '${path}', then pulumi config set ${flags} '${path}'`;
    return [
      [key, `was set without --path, and is no part of ${head} but a key of its own: ${remedy}`],
    ];
  });
  return Object.fromEntries(told);
}

/** What an app that signs needs its client secret for all the same: what merchants approve, and Shopify signs. */
function reportMissingSecrets(
  root: ConfigNode,
  { apps, stores, settings }: Pick<FleetSpec, "apps" | "stores" | "settings">,
): void {
  for (const { app, clientSecret } of apps) {
    if (clientSecret !== undefined) continue;
    const node = root.child("clientSecrets").child(app);
    const needing = stores.find(
      ({ declaration }) =>
        declaration.app === app && !isSigned(declaration) && isGranted(declaration),
    );
    if (needing !== undefined) {
      reportMissingSecret(node, `, and the tokens of store ${needing.key} are asked for with it`);
    } else if (settings.installEndpoint === true) {
      reportMissingSecret(node, ", and the install endpoint verifies with it what Shopify sends");
    }
  }
}

const isGranted = (declaration: StoreSpec["declaration"]) => kindFactsOf(declaration).granted;

/** A key cannot be a store's own and another one's past at once. */
function reportFormerStores(root: ConfigNode, stores: readonly StoreSpec[]): void {
  const declared = new Set<string>(stores.map(({ key }) => key));
  for (const { key, formerly } of stores) {
    if (formerly === undefined || !declared.has(formerly)) continue;
    const node = root.child("stores").child(key).child("formerly");
    node.report(`names store ${formerly}, which is still declared: remove that store, or this`);
  }
}

function reportStrayTokens(root: ConfigNode, stores: readonly StoreSpec[]): void {
  const declared = new Set(
    root
      .child("stores")
      .entries()
      .map(([key]) => key),
  );
  for (const [key, node] of root.child("accessTokens").entries()) {
    if (declared.has(key)) continue;
    const renamed = stores.find(({ formerly }) => formerly === key);
    node.report(
      renamed === undefined
        ? "belongs to no store: declare it under stores, or remove this"
        : `is of a store that is called ${renamed.key} now: pulumi config set --secret --path '${root.child("accessTokens").child(renamed.key).path}', then pulumi config rm --path '${node.path}'`,
    );
  }
}

function reportRepeats(root: ConfigNode, stores: readonly StoreSpec[], claims: Claims): void {
  for (const store of stores) {
    const node = root.child("stores").child(store.key);
    for (const says of claims.add(store)) node.report(says);
  }
}
