import { lifeMsOf } from "../../contract/kinds";
import { functionRolesOf, logGroupName } from "../../contract/names";
import { DAY_MS, type EpochMs, epochMs, isoOf } from "../../contract/time";
import type { LoggedLine } from "../aws/ports";
import type { Call, Command, Typed } from "../command";
import { EXIT } from "../exit-codes";
import { readStore } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { hasWorkers } from "../fleet/workers";
import { type Happening, WHATS } from "../history/happenings";
import { type History, historyOf, shortVersion } from "../history/history";
import { timelinePage, timelineSvg } from "../history/timeline";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { parseSpan } from "../print/spans";
import { outPaint } from "../print/stores";
import { type Column, formatTable } from "../print/table";
import { Refusal, usageError } from "../refusal";

const DEFAULT_SPAN_MS = 2 * DAY_MS;

/** `history`: what happened to a store, out of its versions, its tags and the functions' logs; reads no value. */
export const history: Command = {
  name: "history",
  usage: "<store>",
  takes: "one store",
  summary: "tell what happened to a store: versions, renewals, refusals, notices; reads no value",
  options: {
    since: {
      type: "string",
      value: "when",
      help: "how far back: 12h, 7d, or an instant such as 2026-11-23T09:00:00Z (default: 2d)",
    },
    svg: { type: "boolean", help: "print a timeline of the tokens as SVG" },
    html: { type: "boolean", help: "print the timeline and the table as one page" },
  },
  judge: (typed) => {
    sinceOf(typed, epochMs(0));
    const forms = ["json", "svg", "html"].filter((name) =>
      name === "json" ? typed.json : typed.flag(name),
    );
    if (forms.length > 1) {
      throw usageError(
        `--${forms.join(" and --")} are two forms of one answer`,
        "shopify-secrets history --help",
      );
    }
  },
  async run(call) {
    const seen = await readStore(call, call.words);
    const { told, missing } = await gather(call, seen);
    call.host.out.write(formOf(call, seen, told));
    if (missing !== undefined) {
      call.host.err.write(`shopify-secrets: without the functions' logs: ${missing.line}\n`);
    }
    return missing === undefined ? EXIT.well : EXIT.failed;
  },
};

function formOf(call: Call, seen: StoreSeen, told: History): string {
  const subject = { store: seen.store, lifeMs: seen.declaration && lifeMsOf(seen.declaration) };
  if (call.flag("svg")) return timelineSvg(told, subject);
  if (call.flag("html")) return timelinePage(told, subject);
  return call.json ? jsonText(jsonOf(seen, told)) : tableOf(call, seen, told);
}

interface Gathered {
  readonly told: History;
  /** Why the functions' logs are not in it; undefined: they are. */
  readonly missing: Refusal | undefined;
}

async function gather(call: Call, { store, secretArn }: StoreSeen): Promise<Gathered> {
  const until = call.now();
  const since = sinceOf(call, until);
  return await whileTelling(
    call.host,
    () => `reading what happened to ${store}`,
    async () => {
      const [versions, read] = await Promise.all([
        call.aws.secrets.versions(secretArn),
        linesAbout(call, store, since),
      ]);
      const missing = read instanceof Refusal ? read : undefined;
      const lines = read instanceof Refusal ? undefined : read;
      return { told: historyOf({ versions, lines, since, until }), missing };
    },
  );
}

async function linesAbout(
  { aws, prefix }: Call,
  store: string,
  since: EpochMs,
): Promise<readonly LoggedLine[] | Refusal> {
  try {
    const logs = await aws.logs();
    const roles = functionRolesOf({ workQueue: await hasWorkers({ aws, prefix }) });
    const groups = roles.map((role) => logGroupName(prefix, role));
    return (await Promise.all(groups.map((group) => logs.linesOf(group, { store, since })))).flat();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The instant from which on the past is told. */
function sinceOf(typed: Pick<Typed, "text">, now: EpochMs): EpochMs {
  const given = typed.text("since");
  if (given === undefined) return epochMs(now - DEFAULT_SPAN_MS);
  const span = parseSpan(given);
  if (span !== undefined) return epochMs(now - span);
  const instant = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw usageError(
      "--since is neither a span nor an instant",
      "give one such as --since 12h, --since 7d or --since 2026-11-23T09:00:00Z",
    );
  }
  return epochMs(instant);
}

const COLUMNS: readonly Column[] = [
  { title: "AT" },
  { title: "WHAT" },
  { title: "CODE", rank: 3 },
  { title: "VERSION", rank: 1 },
  { title: "DETAIL", rank: 2, shrinks: true },
];

function tableOf({ host }: Call, { store }: StoreSeen, told: History): string {
  const { out } = host;
  const rows = told.happenings.map((one) => [
    { text: isoOf(one.at) },
    { text: WHATS[one.what].says, colour: WHATS[one.what].colour },
    { text: one.code ?? "" },
    { text: shortVersion(one.versionId) },
    { text: one.detail },
  ]);
  const table = formatTable({ columns: COLUMNS, rows }, out.columns, outPaint(host));
  const since = isoOf(told.since);
  if (rows.length === 0) return `nothing happened to ${store} since ${since}\n`;
  return `${table}\n${store} since ${since}: ${told.happenings.length} happenings, ${told.versions.length} versions\n`;
}

function jsonOf({ store, secretArn }: StoreSeen, told: History): object {
  return {
    store,
    secret_arn: secretArn,
    since: isoOf(told.since),
    until: isoOf(told.until),
    happenings: told.happenings.map(jsonHappening),
    versions: told.versions.map(({ versionId, createdAt, labels }) => ({
      version_id: versionId,
      created_at: isoOf(createdAt),
      labels,
    })),
  };
}

function jsonHappening({ at, what, code, versionId, detail }: Happening): object {
  return {
    at: isoOf(at),
    what,
    code,
    version_id: versionId,
    detail: detail === "" ? null : detail,
  };
}
