import { plural } from "../../contract/plural";
import { encodeScopes, expandScopes } from "../../contract/scopes";
import { type Condition, conditionOf } from "../../contract/store/condition";
import { type EpochMs, isoOf, SECOND_MS } from "../../contract/time";
import type { Call, Command } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { type Cause, causeOf, FAIL_ON_OPTION, failOnOf } from "../fail-on";
import { agingVersions } from "../fleet/api-versions";
import { pickWhole, readWholeFleet, type WholeFleet } from "../fleet/fleet";
import { issuedAtOf, nextRenewalOf, type StoreSeen } from "../fleet/store-view";
import { type Heartbeat, heartbeatOf } from "../fleet/sweep-heartbeat";
import type { Colour } from "../print/colour";
import { jsonText } from "../print/json";
import { ageText, spanText } from "../print/spans";
import { type Complaint, colourOf, formatComplaints, outPaint, stateText } from "../print/stores";
import { type Cell, type Column, formatTable } from "../print/table";
import { usageError } from "../refusal";

/** `status`: the fleet in one table, the most urgent first; reads no secret value. */
export const status: Command = {
  name: "status",
  usage: "[store…]",
  takes: "stores",
  summary: "show every store, the most urgent first; reads no secret value",
  options: {
    "fail-on": FAIL_ON_OPTION,
    names: { type: "boolean", help: "print the stores' keys alone, one a line" },
    watch: { type: "boolean", help: "look again every 30 seconds, until Ctrl-C" },
  },
  judge: (typed) => {
    failOnOf(typed);
    if (typed.flag("watch") && typed.json) {
      throw usageError(
        "--watch is for a person, and --json for a program",
        "shopify-secrets status --json",
      );
    }
  },
  async run(call) {
    if (!call.flag("watch")) return await look(call);
    // Ends as the terminal ends it.
    for (;;) await lookAgain(call);
  },
};

const WATCH_MS = 30 * SECOND_MS;
/** Takes away what a terminal shows, and begins at its top. */
const CLEAR = "\u001b[2J\u001b[H";

async function lookAgain(call: Call): Promise<void> {
  const { out, sleep } = call.host;
  // The fleet is asked first, so that the screen is empty for no longer than it takes to write.
  const fleet = await readWholeFleet(call, call.words);
  out.write(out.isTerminal ? CLEAR : "\n");
  show(call, fleet);
  out.write(`\n${isoOf(call.now())}, and again in 30 seconds\n`);
  await sleep(WATCH_MS);
}

async function look(call: Call): Promise<ExitCode> {
  return show(call, await readWholeFleet(call, call.words));
}

function show(call: Call, fleet: WholeFleet): ExitCode {
  const now = call.now();
  const heartbeat = heartbeatOf(fleet.stores, now);
  const { stores, deleted } = pickWhole(fleet, call.words);
  const rows = stores
    .map((store) => ({ seen: store, condition: conditionOf(store, now) }))
    .sort((one, other) => urgencyOf(one, now) - urgencyOf(other, now));
  const shown = { rows, deleted, heartbeat, now };
  if (call.flag("names")) writeNames(call, rows);
  else if (call.json) call.host.out.write(jsonText(jsonOf(call, shown)));
  else print(call, shown);
  const failOn = failOnOf(call);
  const isRed = causesOf(shown).some((cause) => failOn.has(cause));
  return isRed ? EXIT.needsPerson : EXIT.well;
}

function writeNames({ json, host }: Call, rows: readonly Row[]): void {
  const names = rows.map(({ seen }) => seen.store).sort();
  host.out.write(json ? jsonText(names) : names.map((name) => `${name}\n`).join(""));
}

/** Everything that a pipeline may be stopped by. */
function causesOf({ rows, deleted, heartbeat }: Shown): Cause[] {
  const causes: Cause[] = rows.flatMap(({ seen, condition }) => {
    const { state, needsPerson } = condition;
    return causeOf({ state, needsPerson, hasValue: seen.current !== undefined }) ?? [];
  });
  if (heartbeat.verdict === "silent") causes.push("silent");
  if (deleted.length > 0) causes.push("deleted");
  return causes;
}

interface Row {
  readonly seen: StoreSeen;
  readonly condition: Condition;
}

const STATE_RANK = {
  dead: 0,
  uninstalled: 1,
  failing: 2,
  ok: 4,
  awaiting_token: 5,
  awaiting_merchant: 5,
} as const;

/** A rank of its own for each state, and within it the time that is left. */
const RANK_WIDTH = 1e15;

function urgencyOf(row: Row, now: EpochMs): number {
  const rank = rankOf(row);
  const { expiresAt } = row.seen.status;
  const left = typeof expiresAt === "number" ? expiresAt - now : RANK_WIDTH / 2;
  return rank * RANK_WIDTH + left;
}

function rankOf({ seen, condition: { state, needsPerson } }: Row): number {
  if (state === "ok" && needsPerson) return 3;
  // It lost an approval on its way: the token that it has will not be renewed.
  const loses = state === "awaiting_merchant" && seen.current !== undefined;
  return loses ? STATE_RANK.failing : STATE_RANK[state];
}

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

interface Shown {
  readonly rows: readonly Row[];
  readonly deleted: readonly StoreSeen[];
  readonly heartbeat: Heartbeat;
  readonly now: EpochMs;
}

function print(call: Call, { rows, deleted, heartbeat, now }: Shown): void {
  const { out } = call.host;
  const paint = outPaint(call.host);
  const table = { columns: COLUMNS, rows: rows.map((row) => cellsOf(row, now)) };
  out.write(formatTable(table, out.columns, paint));
  const complaints = rows.filter(({ condition }) => condition.needsPerson).map(complaintOf);
  const stores = `${plural(rows.length, "store")} of ${call.prefix}`;
  const count = complaints.length;
  const verdict = count === 0 ? "all well" : `${count} ${needs(count)} a person`;
  out.write(`\n${stores}: ${verdict}; sweep: ${heartbeat.says}\n`);
  if (heartbeat.verdict === "silent") {
    out.write(`\n${paint("The sweep is silent", "red")}, and this table may be out of date.\n`);
    out.write(`  Next: shopify-secrets doctor --prefix ${call.prefix}\n`);
  }
  if (count > 0) out.write(`\n${formatComplaints(complaints, paint)}`);
  if (deleted.length > 0) out.write(`\n${deletedText(deleted, now)}`);
  for (const { says, next } of agingVersions(
    rows.map(({ seen }) => seen),
    now,
  )) {
    out.write(`\n${paint("Note", "yellow")}: ${says}.\n  Next: ${next}\n`);
  }
}

/** A retired store is among them for as long as its recovery window lasts, so that nothing is called wrong here. */
function deletedText(deleted: readonly StoreSeen[], now: EpochMs): string {
  const is = deleted.length === 1 ? "secret waits" : "secrets wait";
  const lines = deleted.map(
    (seen) =>
      `  ${seen.store}  deletion asked for ${ageText(seen.facts.deletedAt ?? now, now)} ago. Next, if it is to stay: ${restoreOf(seen)}`,
  );
  return [
    `${deleted.length} ${is} for the end of the recovery window: retired, or deleted by hand.`,
    ...lines,
    "",
  ].join("\n");
}

const restoreOf = ({ store }: StoreSeen): string => `shopify-secrets restore ${store}`;

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

function jsonOf({ prefix }: Call, { rows, deleted, heartbeat, now }: Shown): object {
  const { sweptAt, verdict } = heartbeat;
  const needing = rows.filter(({ condition }) => condition.needsPerson).length;
  return {
    prefix,
    sweep: { last_pass_at: sweptAt === undefined ? null : isoOf(sweptAt), verdict },
    stores_needing_a_person: needing,
    // Below it is a truth value; kept for those who read it here.
    needs_person: needing,
    // Versions of the Admin API that Shopify ends within a quarter, or has ended.
    aging_api_versions: agingVersions(
      rows.map(({ seen }) => seen),
      now,
    ).map(({ retiresAt, ...aging }) => ({ ...aging, retires_at: isoOf(retiresAt) })),
    stores: rows.map(jsonRow),
    deleted: deleted.map((seen) => ({
      store: seen.store,
      secret_arn: seen.secretArn,
      deleted_at: isoOf(seen.facts.deletedAt ?? (0 as EpochMs)),
      next: restoreOf(seen),
    })),
  };
}

const NO_ADVICE = { owner: null, says: null, next: null };

function jsonRow({ seen, condition }: Row): object {
  const { status: tags, declaration } = seen;
  const { state, code, needsPerson, owner, says, next } = condition;
  const time = (at: EpochMs | undefined) => (at === undefined ? null : isoOf(at));
  const expires = typeof tags.expiresAt === "number" ? tags.expiresAt : undefined;
  return {
    store: seen.store,
    kind: declaration?.kind ?? null,
    shop: declaration?.shop ?? null,
    app: declaration?.app ?? null,
    secret_arn: seen.secretArn,
    state,
    needs_person: needsPerson,
    code: code === "" ? null : code,
    ...(needsPerson || code !== "" ? { owner, says, next } : NO_ADVICE),
    api_version: declaration?.apiVersion ?? null,
    scopes_wanted: declaration?.scopes ?? [],
    scopes_granted: grantedScopes(seen),
    issued_at: time(issuedAtOf(seen)),
    expires_at: tags.expiresAt === "never" ? "never" : time(expires),
    refresh_token_expires_at: time(tags.refreshExpiresAt),
    last_success_at: time(tags.lastSuccessAt),
    last_error_code: tags.lastErrorCode === "" ? null : tags.lastErrorCode,
    last_error_at: time(tags.lastErrorAt),
    next_renewal_at: time(nextRenewalOf(seen)),
    version_id: seen.current ?? null,
  };
}

/** The granted ones of the wanted scopes; null: none are wanted, or no function has written them. */
function grantedScopes({ declaration, status: tags }: StoreSeen): string[] | null {
  if (declaration === undefined || tags.missingScopes === undefined) return null;
  if (declaration.scopes.length === 0) return null; // no function writes what it does not look for
  const missing = expandScopes(tags.missingScopes);
  const granted = declaration.scopes.filter((scope) => !missing.has(scope));
  return encodeScopes(granted)
    .split(",")
    .filter((scope) => scope !== "");
}
