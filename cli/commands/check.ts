import { isStoreKey } from "../../contract/brands";
import { adviceFor } from "../../contract/store/advice";
import type { CheckedStore } from "../../contract/sweep";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { askCheck } from "../fleet/ask-functions";
import { pickStores, readFleet } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { whileTelling } from "../print/progress";
import { colourOf, formatComplaints, outPaint, stateText } from "../print/stores";
import { type Column, formatTable } from "../print/table";

/** `check`: asks Shopify about the access tokens, through the sweep function. */
export const check: Command = {
  name: "check",
  usage: "[store…]",
  summary: "try the access tokens at Shopify now, through the sweep function",
  async run(call) {
    const { surroundings, aws, prefix, words } = call;
    const fleet = pickStores(await readFleet(aws.secrets, prefix), words);
    const asked = fleet.map(({ store }) => store);
    const found = await whileTelling(
      surroundings,
      () => `trying ${fleet.length} access tokens at Shopify`,
      () => askCheck({ functions: aws.functions, prefix }, asked),
    );
    if (call.json)
      surroundings.out.write(`${JSON.stringify({ prefix, stores: found }, null, 2)}\n`);
    else printFindings(call, found, fleet);
    return found.every(isWell) ? EXIT.well : EXIT.needsPerson;
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
  { surroundings }: Pick<Call, "surroundings">,
  found: readonly CheckedStore[],
  fleet: readonly StoreSeen[],
): void {
  const { out } = surroundings;
  const paint = outPaint(surroundings);
  const rows = found.map(({ store, kind, state, code }) => [
    { text: store },
    { text: kind ?? "?" },
    { text: stateText(state), colour: colourOf(state) },
    { text: code === "" ? "works" : code },
  ]);
  out.write(formatTable({ columns: COLUMNS, rows }, out.columns, paint));
  const complaints = found.flatMap((finding) =>
    isWell(finding) ? [] : complaintOf(finding, fleet),
  );
  if (complaints.length > 0) out.write(`\n${formatComplaints(complaints, paint)}`);
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
