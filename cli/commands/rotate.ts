import { isAppKey, type StoreKey } from "../../contract/brands";
import { isStatic } from "../../contract/kinds";
import { plural } from "../../contract/plural";
import { conditionOf } from "../../contract/store/condition";
import { isoOf, MINUTE_MS } from "../../contract/time";
import type { WaveRules } from "../../contract/waves";
import type { Call, Command, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { pickStores, readFleet } from "../fleet/fleet";
import { renewStores, type StoreRenewal } from "../fleet/renew";
import { renewalComplaint } from "../fleet/renewal-complaint";
import type { StoreSeen } from "../fleet/store-view";
import { WAVE_OPTIONS, waveRulesOf } from "../fleet/wave-options";
import { type Changed, runWaves } from "../fleet/waves";
import { ownWay, requireValue } from "../fleet/what-next";
import { ON_MACHINE, runOnMachine } from "../list/run-waves";
import type { Colour } from "../print/colour";
import { formatComplaints } from "../print/complaints";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { shownWord } from "../print/shown-word";
import { parseSpan, spanText } from "../print/spans";
import { outPaint } from "../print/stores";
import { type Column, formatTable } from "../print/table";
import { usageError } from "../refusal";
import { changeSigningKey } from "./change-signing-key";
import {
  type ClientSecretUse,
  clientSecretJson,
  clientSecretText,
  isSafeToRevoke,
  lookAtClientSecrets,
} from "./client-secret";

const LONGEST_WAIT_MS = 10 * MINUTE_MS;

/** `rotate`: renews access tokens now, waits, and shows how each ended. */
export const rotate: Command = {
  name: "rotate",
  usage: "<store…> | --app <app> | --signing-key <app> | --all",
  takes: "stores",
  summary:
    "renew access tokens now; --app finishes the change of a client secret, --signing-key leads through that of a key",
  options: {
    app: {
      type: "string",
      value: "app",
      help: "every store of this app, with its new client secret",
    },
    "signing-key": {
      type: "string",
      value: "app",
      help: "change the key that signs for this app for its next one: does one step, and says the next",
    },
    "other-stacks-done": {
      type: "boolean",
      help: "with --app or --signing-key: the other stacks that use its client ID, or the key, were rotated, and say that it is safe",
    },
    "static-done": {
      type: "boolean",
      help: "with --app: its static tokens were put anew since the new client secret",
    },
    all: { type: "boolean", help: "every store whose token is renewed" },
    ...WAVE_OPTIONS,
    ...ON_MACHINE,
    wait: { type: "string", value: "span", help: "how long to wait for each store (default 10m)" },
  },
  judge(typed) {
    requireOneWay(typed);
    waitOf(typed.text("wait"));
    waveRulesOf(typed);
    for (const app of [typed.text("app"), typed.text("signing-key")]) {
      if (app === undefined || isAppKey(app)) continue;
      throw usageError(`${shownWord(app)} is no key of an app`, "shopify-secrets status --json");
    }
  },
  async run(call) {
    const signing = call.text("signing-key");
    if (isAppKey(signing)) {
      return await changeSigningKey(call, signing, waitOf(call.text("wait")));
    }
    const fleet = await readFleet(call, call.words);
    const stores = chosenOf(call, fleet);
    if (call.flag("on-machine")) return await rotateOnMachine(call, stores);
    const renewals = await renewAndTell(call, stores);
    if (!call.json) print(call, renewals, stores);
    const app = call.text("app");
    const use = isAppKey(app)
      ? await lookAtClientSecrets(call, app, { fleet, renewals })
      : undefined;
    const { out } = call.host;
    if (call.json) out.write(jsonText(jsonOf(call, renewals, use)));
    else if (use !== undefined) out.write(`\n${clientSecretText(use)}`);
    const allRenewed = renewals.every(({ outcome, code }) => outcome === "renewed" && code === "");
    const isSafe = use === undefined || isSafeToRevoke(use);
    return allRenewed && isSafe ? EXIT.well : EXIT.needsPerson;
  },
};

/** Over hours, and whatever becomes of this command; the client secret is looked at by the same command without it. */
async function rotateOnMachine(call: Call, stores: readonly StoreSeen[]): Promise<ExitCode> {
  const now = call.now();
  const inOrder = wellFirst(stores, (seen) => !conditionOf(seen, now).needsPerson);
  return await runOnMachine(call, {
    verb: "renew",
    stores: inOrder,
    rules: waveRulesOf(call),
    soakMs: 0,
    done: "renewed",
  });
}

/** What was well goes first, and says whether the others may follow. */
function wellFirst(
  stores: readonly StoreSeen[],
  isWell: (seen: StoreSeen) => boolean,
): readonly StoreSeen[] {
  return [...stores.filter(isWell), ...stores.filter((seen) => !isWell(seen))];
}

function requireOneWay({ words, text, flag }: Typed): void {
  const isOfKey = text("signing-key") !== undefined;
  if (flag("on-machine") && (words.length > 0 || isOfKey)) {
    throw usageError("--on-machine takes --all or --app <app>", "shopify-secrets rotate --help");
  }
  const isOfApp = (option: string) => text(option) !== undefined;
  const ways = [words.length > 0, isOfApp("app"), isOfApp("signing-key"), flag("all")];
  if (ways.filter(Boolean).length === 1) return;
  throw usageError(
    "name stores, or --app <app>, or --signing-key <app>, or --all",
    "shopify-secrets rotate --help",
  );
}

function chosenOf(call: Call, fleet: readonly StoreSeen[]): StoreSeen[] {
  const app = call.text("app");
  if (app !== undefined) return storesOfApp(app, fleet);
  const stores = pickStores(fleet, call.words);
  const unrenewed = stores.filter((seen) => !isRenewable(seen));
  // A store that waits for its first token is its merchant's to renew.
  if (call.flag("all")) {
    return stores.filter((seen) => isRenewable(seen) && seen.current !== undefined);
  }
  const [first] = unrenewed;
  if (first !== undefined) {
    throw usageError(
      `the access token of ${first.store} is static: nobody can renew it but a person`,
      ownWay(first, call),
    );
  }
  for (const seen of stores) requireValue(seen, call);
  return stores;
}

function storesOfApp(app: string, fleet: readonly StoreSeen[]): StoreSeen[] {
  const stores = fleet.filter(({ declaration }) => declaration?.app === app);
  if (!isAppKey(app) || stores.length === 0) {
    throw usageError(
      `no store belongs to an app ${shownWord(app)}`,
      "shopify-secrets status --json",
    );
  }
  return stores.filter((seen) => isRenewable(seen) && seen.current !== undefined);
}

function isRenewable({ declaration }: StoreSeen): boolean {
  return declaration !== undefined && !isStatic(declaration);
}

function waitOf(text: string | undefined): number {
  const span = text === undefined ? LONGEST_WAIT_MS : parseSpan(text);
  if (span === undefined)
    throw usageError("--wait is no span of time", "give one such as --wait 5m");
  return span;
}

/** Renews stores in waves: what was well goes first, and says whether the others may follow. */
async function renewAndTell(call: Call, stores: readonly StoreSeen[]): Promise<StoreRenewal[]> {
  const waitMs = waitOf(call.text("wait"));
  const now = call.now();
  const isWell = (seen: StoreSeen) => !conditionOf(seen, now).needsPerson;
  const isNamed = call.words.length > 0;
  const inOrder = isNamed ? stores : wellFirst(stores, isWell);
  let ended = 0;
  const onEnd = () => {
    ended += 1;
  };
  const { results } = await whileTelling(
    call.host,
    () => `renewing: ${ended} of ${stores.length} done`,
    () =>
      runWaves<StoreSeen, StoreRenewal & Changed>(inOrder, {
        rules: rulesFor(call),
        change: async ({ stores: some }) => {
          const renewals = await renewStores(call, some, { waitMs, onEnd });
          return renewals.map((renewal) => ({
            ...renewal,
            hasFailed: isNews(renewal, some, isWell),
          }));
        },
        tell: () => undefined,
      }),
  );
  const byStore = new Map(results.map(({ hasFailed: _, ...renewal }) => [renewal.store, renewal]));
  return stores.map(({ store }) => byStore.get(store) ?? left(store));
}

/** Stores that are named are renewed whatever becomes of the others. */
function rulesFor(call: Call): WaveRules {
  if (call.words.length === 0) return waveRulesOf(call);
  return { canary: 0, most: Number.POSITIVE_INFINITY, failuresAllowed: 1 };
}

/** A failure of what was well before; of what needed somebody anyway, it says nothing of the others. */
function isNews(
  { store, outcome }: StoreRenewal,
  stores: readonly StoreSeen[],
  isWell: (seen: StoreSeen) => boolean,
): boolean {
  const seen = stores.find((one) => one.store === store);
  return outcome === "failed" && seen !== undefined && isWell(seen);
}

function left(store: StoreKey): StoreRenewal {
  return { store, outcome: "left", code: "", expiresAt: undefined };
}

const COLUMNS: readonly Column[] = [
  { title: "STORE", shrinks: true },
  { title: "KIND", rank: 1 },
  { title: "OUTCOME" },
  { title: "EXPIRES", align: "right", rank: 2 },
  { title: "CODE" },
];

const COLOURS = {
  renewed: "green",
  failed: "red",
  waiting: "yellow",
  left: "yellow",
} as const satisfies Record<StoreRenewal["outcome"], Colour>;

function print(call: Call, renewals: readonly StoreRenewal[], stores: readonly StoreSeen[]): void {
  const { out } = call.host;
  const now = call.now();
  const paint = outPaint(call.host);
  const rows = renewals.map(({ store, outcome, code, expiresAt }) => [
    { text: store },
    { text: stores.find((seen) => seen.store === store)?.declaration?.kind ?? "?" },
    { text: outcome, colour: COLOURS[outcome] },
    { text: expiresAt === undefined ? "-" : spanText(expiresAt - now) },
    { text: code === "" ? "-" : code },
  ]);
  out.write(formatTable({ columns: COLUMNS, rows }, out.columns, paint));
  const complaints = renewals.flatMap((renewal) => renewalComplaint(renewal, stores) ?? []);
  const renewedCount = renewals.filter(({ outcome }) => outcome === "renewed").length;
  out.write(`\n${renewedCount} of ${renewals.length} renewed\n${stoppedText(call, renewals)}`);
  if (complaints.length > 0) out.write(`\n${formatComplaints(complaints, call.host)}`);
}

function stoppedText(call: Call, renewals: readonly StoreRenewal[]): string {
  const count = renewals.filter(({ outcome }) => outcome === "left").length;
  if (count === 0) return "";
  const app = call.text("app");
  const again = `shopify-secrets rotate ${app === undefined ? "--all" : `--app ${app}`}`;
  return `Stopped: too many failed that were well before, and ${plural(count, "store")} ${count === 1 ? "was" : "were"} left alone. Next: mend what failed, then ${again}\n`;
}

function jsonOf(
  { prefix }: Call,
  renewals: readonly StoreRenewal[],
  use: ClientSecretUse | undefined,
): object {
  const stores = renewals.map(jsonRow);
  return { prefix, stores, ...(use && { client_secret: clientSecretJson(use) }) };
}

function jsonRow({ store, outcome, code, expiresAt, refusal }: StoreRenewal): object {
  return {
    store,
    outcome,
    code: code === "" ? null : code,
    expires_at: expiresAt === undefined ? null : isoOf(expiresAt),
    ...(refusal === undefined ? {} : { says: refusal.message, next: refusal.next }),
  };
}
