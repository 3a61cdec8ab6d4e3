import { countryOf, networksOf } from "../../contract/allowlist";
import type { AppKey } from "../../contract/brands";
import { DISTRIBUTION_FACTS } from "../../contract/distribution";
import { adviceOf, type ErrorCode, passesByItself } from "../../contract/errors";
import { secretRegionOf } from "../../contract/names";
import type { CheckedStore } from "../../contract/sweep";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { askAddress, askCheck } from "../fleet/ask-functions";
import { pickStores, readFleet } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import type { Colour } from "../print/colour";
import { type Complaint, formatComplaints } from "../print/complaints";
import { writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { outPaint } from "../print/stores";
import { type Column, formatTable } from "../print/table";
import { usageError } from "../refusal";

/** `allowlist`: what lets the functions pass the apps' IP allowlists, and whether they pass. */
export const allowlist: Command = {
  name: "allowlist",
  usage: "[store…] [--check] [--own-address]",
  takes: "stores",
  summary: "say what lets the functions pass the apps' IP allowlists; --check tries it at Shopify",
  options: {
    check: { type: "boolean", help: "call one store of each app from inside a function" },
    "own-address": {
      type: "boolean",
      help: "with --check: ask AWS's check service (checkip.amazonaws.com) for the function's address",
    },
  },
  judge({ flag, words }) {
    if (flag("check")) return;
    if (flag("own-address") || words.length > 0) {
      throw usageError(
        "stores and --own-address go with --check",
        "shopify-secrets allowlist --check",
      );
    }
  },
  async run(call) {
    const fleet = await readFleet(call);
    return call.flag("check") ? await check(call, fleet) : tell(call, fleet);
  },
};

function tell(call: Call, fleet: readonly StoreSeen[]): number {
  const [first] = fleet;
  const region = first === undefined ? "" : secretRegionOf(first.secretArn);
  const functions = networksOf(region);
  const apps = appsOf(fleet).map(({ app, store }) => ({ app, asked: askedOf(store) }));
  writeResult(call, { prefix: call.prefix, region, functions, apps }, () =>
    [
      `Functions without addresses of their own, in ${region}: ${functions.networks.join(", ")}, country ${countryOf(region) ?? "of the region"}.`,
      "",
      ...apps.map(({ app, asked }) => `  ${app}: ${asked}`),
      "",
      "The whole list, with the applications of shopify-secrets:consumers: pulumi stack output allowlist --json",
      "It is pasted by hand: Dev Dashboard, the app, Settings, IP allowlist. Then: shopify-secrets allowlist --check",
      "",
    ].join("\n"),
  );
  return EXIT.well;
}

function askedOf({ declaration }: StoreSeen): string {
  const distribution = declaration?.distribution;
  if (distribution === undefined) {
    return "asked for, unless it is an app of your own organization (config does not say)";
  }
  const isAsked = DISTRIBUTION_FACTS[distribution].allowlist === "required";
  return isAsked
    ? `asked for before new installs (${distribution})`
    : `not asked for (${distribution})`;
}

/** Each app with the store that is asked for it: one that has a token, if any. */
function appsOf(stores: readonly StoreSeen[]): { app: AppKey; store: StoreSeen }[] {
  const apps = new Map<AppKey, StoreSeen>();
  for (const store of stores) {
    const app = store.declaration?.app;
    if (app === undefined) continue;
    if (apps.get(app)?.current === undefined) apps.set(app, store);
  }
  return [...apps].map(([app, store]) => ({ app, store }));
}

/** What Shopify said of where the functions call from. */
interface Verdict {
  readonly app: string;
  readonly store: string;
  readonly verdict: "passes" | "refused" | "not tried" | "not known";
  readonly code: ErrorCode | "";
}

async function check(call: Call, fleet: readonly StoreSeen[]): Promise<number> {
  const { aws, prefix, words, host } = call;
  const asked = { functions: aws.functions, prefix };
  const named = pickStores(fleet, words);
  const subjects = words.length === 0 ? appsOf(named).map(({ store }) => store) : named;
  const withToken = subjects.filter(({ current }) => current !== undefined);
  const [found, address] = await whileTelling(
    host,
    () => "calling Shopify from inside a function",
    () =>
      Promise.all([
        withToken.length === 0
          ? []
          : askCheck(
              asked,
              withToken.map(({ store }) => store),
            ),
        call.flag("own-address") ? askAddress(asked) : undefined,
      ]),
  );
  const verdicts = subjects.map((seen) => verdictOf(seen, found));
  const stores = verdicts.map(({ code, ...rest }) => ({
    ...rest,
    code: code === "" ? null : code,
  }));
  const result = { prefix, ...(address === undefined ? {} : { own_address: address }), stores };
  writeResult(call, result, () => textOf(call, verdicts, address));
  return verdicts.every(({ verdict }) => verdict === "passes" || verdict === "not tried")
    ? EXIT.well
    : EXIT.needsPerson;
}

function verdictOf(seen: StoreSeen, found: readonly CheckedStore[]): Verdict {
  const { store, declaration, current } = seen;
  const app = declaration?.app ?? "";
  const answer = found.find((one) => one.store === store)?.answer;
  if (current === undefined) return { app, store, verdict: "not tried", code: "" };
  if (answer === "ip_not_allowed") return { app, store, verdict: "refused", code: answer };
  // Shopify judges the address before anything that it says of the token and of its scopes.
  const code = answer === undefined || answer === "works" ? "" : answer;
  const saysNothing = answer === undefined || (code !== "" && passesByItself(code));
  return { app, store, verdict: saysNothing ? "not known" : "passes", code };
}

const COLUMNS: readonly Column[] = [
  { title: "APP", shrinks: true },
  { title: "STORE", shrinks: true },
  { title: "VERDICT" },
  { title: "CODE" },
];

const COLOURS: Readonly<Record<Verdict["verdict"], Colour>> = {
  passes: "green",
  refused: "red",
  "not tried": "dim",
  "not known": "yellow",
};

function textOf(
  { host }: Call,
  verdicts: readonly Verdict[],
  address: string | null | undefined,
): string {
  const paint = outPaint(host);
  const rows = verdicts.map(({ app, store, verdict, code }) => [
    { text: app === "" ? "-" : app },
    { text: store },
    { text: verdict, colour: COLOURS[verdict] },
    { text: code === "" ? "-" : code },
  ]);
  const table = formatTable({ columns: COLUMNS, rows }, host.out.columns, paint);
  const complaints = verdicts.flatMap(complaintOf);
  const told = complaints.length === 0 ? "" : `\n${formatComplaints(complaints, host)}`;
  return `${table}${addressText(address)}${told}`;
}

function complaintOf({ store, verdict, code }: Verdict): Complaint[] {
  if (verdict !== "refused" || code === "") return [];
  return [{ store, code, ...adviceOf(code) }];
}

function addressText(address: string | null | undefined): string {
  if (address === undefined) return "";
  const seen = address ?? "unknown: AWS's check service did not answer";
  return `\nThe sweep function's address now: ${seen}\n`;
}
