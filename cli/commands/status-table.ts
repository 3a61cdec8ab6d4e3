import { plural } from "../../contract/plural";
import type { Condition } from "../../contract/store/condition";
import { deletionOf } from "../../contract/store/secret-facts";
import { type EpochMs, isoOf } from "../../contract/time";
import type { Call } from "../command";
import { agingVersions } from "../fleet/api-versions";
import { type AppKeys, roleOf } from "../fleet/signing-keys";
import { type Row, restoreOf, type Shown } from "../fleet/status-json";
import { issuedAtOf, nextRenewalOf, type StoreSeen } from "../fleet/store-view";
import { nextOfUnfinished, unfinishedOf } from "../fleet/unfinished";
import type { Colour } from "../print/colour";
import { type Complaint, formatComplaints } from "../print/complaints";
import { ageText, spanText } from "../print/spans";
import { colourOf, outPaint, stateText } from "../print/stores";
import { type Cell, type Column, formatTable } from "../print/table";

const COLUMNS: readonly Column[] = [
  { title: "STORE", shrinks: true },
  { title: "KIND", rank: 6 },
  { title: "STATE" },
  { title: "SCOPES", align: "right", rank: 5 },
  { title: "AGE", align: "right", rank: 1 },
  { title: "EXPIRES", align: "right", rank: 9 },
  { title: "RENEWS", align: "right", rank: 4 },
  { title: "LAST SUCCESS", align: "right", rank: 2 },
  { title: "LAST ERROR", rank: 3 },
];

/** A fleet as a table, and below it what needs a person. */
export function print(call: Call, shown: Shown): void {
  const { rows, deleted, missing, heartbeat, now } = shown;
  const { out } = call.host;
  const paint = outPaint(call.host);
  const table = { columns: COLUMNS, rows: rows.map((row) => cellsOf(row, now)) };
  out.write(formatTable(table, out.columns, paint));
  const ofRows = rows.filter(({ condition }) => condition.needsPerson).map(complaintOf);
  const complaints = [...missing, ...ofRows];
  const stores = `${plural(rows.length, "store")} of ${call.prefix}`;
  const count = complaints.length;
  const unfinished = unfinishedOf(rows);
  const verdict = verdictOn(count, unfinished.length);
  out.write(`\n${stores}: ${verdict}; sweep: ${heartbeat.says}\n`);
  if (unfinished.length > 0) out.write(`\n${unfinishedText(unfinished)}`);
  for (const keys of shown.appKeys) out.write(keysText(keys, now));
  if (heartbeat.verdict === "silent") {
    out.write(`\n${paint("The sweep is silent", "red")}, and this table may be out of date.\n`);
    out.write(`  Next: shopify-secrets doctor --prefix ${call.prefix}\n`);
  }
  if (count > 0) out.write(`\n${formatComplaints(complaints, call.host)}`);
  if (deleted.length > 0) out.write(`\n${deletedText(deleted, now)}`);
  for (const { says, next } of agingVersions(
    rows.map(({ seen }) => seen),
    now,
  )) {
    out.write(`\n${paint("Note", "yellow")}: ${says}.\n  Next: ${next}\n`);
  }
}

/** How a fleet is, in a few words. */
export function verdictOn(needing: number, unfinished: number): string {
  const parts = [
    ...(needing > 0 ? [`${needing} ${needs(needing)} a person`] : []),
    ...(unfinished > 0 ? [`${unfinished} unfinished`] : []),
  ];
  return parts.length === 0 ? "all well" : parts.join(", ");
}

function unfinishedText(unfinished: readonly Row[]): string {
  const one = unfinished.length === 1;
  const stores = `${plural(unfinished.length, "store")} ${one ? "has" : "have"}`;
  return `${stores} no token, or no rotation, yet: an up or a run is at work or was stopped, or AWS's list is five minutes behind. Next, if none is under way: ${nextOfUnfinished(unfinished)}\n`;
}

const WORDS_OF_ROLE = {
  signs: "signs with",
  next: "the next is",
  before: "before it was",
} as const;

/** The age of an app's keys: KMS changes none by itself. */
function keysText({ app, keys }: AppKeys, now: EpochMs): string {
  if (keys === undefined) {
    return `App ${app} signs; the age of its key is shown to whoever may kms:DescribeKey (docs/signing.md).\n`;
  }
  const texts = keys.map((key) => {
    const { name, createdAt, state } = key;
    const age = createdAt === undefined ? "" : `, ${ageText(createdAt, now)} old`;
    const odd = state === "Enabled" ? "" : ` (${state})`;
    return `${WORDS_OF_ROLE[roleOf(key, keys)]} the key ${name}${age}${odd}`;
  });
  return `App ${app} ${texts.join("; ")}.\n`;
}

/** A retired store is among them for as long as its recovery window lasts, so that nothing is called wrong here. */
function deletedText(deleted: readonly StoreSeen[], now: EpochMs): string {
  const is = deleted.length === 1 ? "secret waits" : "secrets wait";
  const lines = deleted.map(
    (seen) =>
      `  ${seen.store}  ${deletionText(seen.facts.deletedAt ?? now, now)}. Next, if it is to stay: ${restoreOf(seen)}`,
  );
  return [
    `${deleted.length} ${is} for the end of the recovery window: retired, or deleted by hand.`,
    ...lines,
    "",
  ].join("\n");
}

function deletionText(deletedAt: EpochMs, now: EpochMs): string {
  const { askedAt, endsAt } = deletionOf(deletedAt, now);
  if (endsAt !== undefined) return `gone for good after ${isoOf(endsAt)}`;
  return `deletion asked for ${ageText(askedAt, now)} ago`;
}

const needs = (count: number): string => (count === 1 ? "needs" : "need");

function cellsOf({ seen, condition }: Row, now: EpochMs): Cell[] {
  const { status: tags } = seen;
  const age = (at: EpochMs | undefined) => (at === undefined ? "-" : ageText(at, now));
  return [
    { text: seen.store },
    { text: seen.declaration?.kind ?? "?" },
    { text: stateText(condition.state), colour: stateColour(condition) },
    scopesCell(seen),
    { text: age(issuedAtOf(seen)) },
    { text: expiryText(tags.expiresAt, now) },
    { text: renewalText(nextRenewalOf(seen), now) },
    { text: tags.lastSuccessAt === undefined ? "-" : `${age(tags.lastSuccessAt)} ago` },
    errorCell(seen, condition, now),
  ];
}

/** A store that works and yet needs a person is not green. */
function stateColour({ state, needsPerson }: Condition): Colour {
  return state === "ok" && needsPerson ? "yellow" : colourOf(state);
}

function renewalText(at: EpochMs | undefined, now: EpochMs): string {
  if (at === undefined) return "-";
  return at <= now ? "due" : spanText(at - now);
}

function expiryText(expiresAt: StoreSeen["status"]["expiresAt"], now: EpochMs): string {
  if (expiresAt === "never") return "never";
  return expiresAt === "unknown" ? "-" : spanText(expiresAt - now);
}

/** How many of the wanted scopes are granted, such as `2/3`. */
function scopesCell({ declaration, status: tags, current }: StoreSeen): Cell {
  if (current === undefined) return { text: "-" };
  const wanted = declaration?.scopes.length ?? 0;
  if (wanted === 0) return { text: "any" };
  if (tags.missingScopes === undefined) return { text: `?/${wanted}` };
  const missing = tags.missingScopes.length;
  return {
    text: `${Math.max(0, wanted - missing)}/${wanted}`,
    colour: missing === 0 ? undefined : "red",
  };
}

function errorCell({ status: tags }: StoreSeen, { code }: Condition, now: EpochMs): Cell {
  if (tags.lastErrorCode === "") return { text: code === "" ? "-" : code };
  const { lastErrorAt } = tags;
  const ago = lastErrorAt === undefined ? "" : ` ${ageText(lastErrorAt, now)} ago`;
  return { text: `${tags.lastErrorCode}${ago}` };
}

function complaintOf({ seen, condition: { code, owner, says, next } }: Row): Complaint {
  return { store: seen.store, code, owner, says, next };
}
