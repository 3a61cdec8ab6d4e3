import { isStoreKey } from "../../contract/brands";
import { adviceFor } from "../../contract/store/advice";
import type { CheckedStore } from "../../contract/sweep";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { type Cause, causeOf, FAIL_ON_OPTION, failOnOf } from "../fail-on";
import { askCheck } from "../fleet/ask-functions";
import { pickStores, readFleet } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { formatComplaints } from "../print/complaints";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { colourOf, outPaint, stateText } from "../print/stores";
import { type Column, formatTable } from "../print/table";

/** `check`: asks Shopify about the access tokens, through the sweep function. */
export const check: Command = {
  name: "check",
  usage: "[store…]",
  takes: "stores",
  summary: "try the access tokens at Shopify now, through the sweep function",
  options: { "fail-on": FAIL_ON_OPTION },
  judge: (typed) => void failOnOf(typed),
  async run(call) {
    const { host, aws, prefix, words } = call;
    const fleet = pickStores(await readFleet(call, words), words);
    const asked = fleet.map(({ store }) => store);
    const found = await whileTelling(
      host,
      () => `trying ${fleet.length} access tokens at Shopify`,
      () => askCheck({ functions: aws.functions, prefix }, asked),
    );
    const stores = found.map((one) => jsonOf(one, fleet));
    if (call.json) host.out.write(jsonText({ prefix, stores }));
    else printFindings(call, found, fleet);
    const failOn = failOnOf(call);
    const isRed = causesIn(found, fleet).some((cause) => failOn.has(cause));
    return isRed ? EXIT.needsPerson : EXIT.well;
  },
};

const COLUMNS: readonly Column[] = [
  { title: "STORE", shrinks: true },
  { title: "KIND", rank: 1 },
  { title: "STATE" },
  { title: "ANSWER" },
];

/** Prints what a function found of stores, and what to do about each that is not well. */
export function printFindings(
  { host }: Pick<Call, "host">,
  found: readonly CheckedStore[],
  fleet: readonly StoreSeen[],
): void {
  const { out } = host;
  const paint = outPaint(host);
  const rows = found.map((one) => [
    { text: one.store },
    { text: one.kind ?? "?" },
    { text: stateText(one.state), colour: colourOf(one.state) },
    { text: answerOf(one, fleet) },
  ]);
  out.write(formatTable({ columns: COLUMNS, rows }, out.columns, paint));
  const complaints = found.flatMap((finding) =>
    isWell(finding) ? [] : complaintOf(finding, fleet),
  );
  if (complaints.length > 0) out.write(`\n${formatComplaints(complaints, host)}`);
}

/** What came of trying the token now, which is not always what is wrong with the store. */
function answerOf({ store, code, answer }: CheckedStore, fleet: readonly StoreSeen[]): string {
  if (answer !== undefined) return answer;
  const seen = fleet.find((one) => one.store === store);
  if (seen !== undefined && seen.current === undefined) return "no token to try";
  // A function of an earlier version tells the code only.
  return code === "" ? "works" : code;
}

function causesIn(found: readonly CheckedStore[], fleet: readonly StoreSeen[]): Cause[] {
  return found.flatMap((finding) => {
    const { store, state } = finding;
    const hasValue = fleet.some((seen) => seen.store === store && seen.current !== undefined);
    return causeOf({ state, needsPerson: !isWell(finding), hasValue }) ?? [];
  });
}

/** What `--json` prints of a store. */
function jsonOf(found: CheckedStore, fleet: readonly StoreSeen[]): object {
  const { store, kind, state, code, ...rest } = found;
  return {
    store,
    kind,
    state,
    answer: answerOf(found, fleet),
    code: code === "" ? null : code,
    version_id: rest.versionId,
    expires_at: rest.expiresAt,
    scope: rest.scope,
    missing_scopes: rest.missingScopes,
    app_secret_version: rest.appSecretVersion,
    // The names of before, kept for those who read them.
    versionId: rest.versionId,
    expiresAt: rest.expiresAt,
    missingScopes: rest.missingScopes,
    appSecretVersion: rest.appSecretVersion,
  };
}

function isWell({ state, code }: CheckedStore): boolean {
  return state === "ok" && code === "";
}

function complaintOf(finding: CheckedStore, fleet: readonly StoreSeen[]) {
  const { store, state, code } = finding;
  if (!isStoreKey(store)) return [];
  const seen = fleet.find((one) => one.store === store);
  return seen === undefined ? [] : [{ store, code, ...adviceFor(seen, { state, code }) }];
}
