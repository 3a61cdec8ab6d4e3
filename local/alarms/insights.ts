import { parseJsonQuietly } from "../../contract/quiet-json";
import type { LogLine } from "./metric-points";

/** A row of a query's answer; a value that the lines lack is absent. */
export type Row = Readonly<Record<string, string | number>>;

/** One command of a query, applied to the rows so far. */
type Stage = (rows: readonly Row[]) => readonly Row[];

/**
 * Answers a query of CloudWatch Logs Insights over a world's lines, as far as our dashboards ask.
 *
 * Which groups are asked stands at the head (`SOURCE '…'`), as in a dashboard's widget. A command that is
 * not stood in for is an error: an answer that ignores it would prove nothing.
 */
export function answerQuery(query: string, lines: readonly LogLine[]): readonly Row[] {
  const commands = query.split("|").map((command) => command.trim());
  const sources = commands.flatMap((command) => /^SOURCE '([^']+)'$/.exec(command)?.[1] ?? []);
  const asked = lines.filter(({ logGroup }) => sources.includes(logGroup)).map(rowOf);
  return commands
    .filter((command) => !command.startsWith("SOURCE"))
    .map(stageOf)
    .reduce<readonly Row[]>((rows, stage) => stage(rows), asked);
}

/** CloudWatch finds the members of a JSON line by itself (its guide, "Supported logs and discovered fields"). */
function rowOf({ at, text }: LogLine): Row {
  const parsed = parseJsonQuietly(text);
  const members = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
  const plain = members.filter(
    (member): member is [string, string | number] =>
      typeof member[1] === "string" || typeof member[1] === "number",
  );
  return { ...Object.fromEntries(plain), "@timestamp": at };
}

function stageOf(command: string): Stage {
  const [, name = "", rest = ""] = /^(\w+)\s+(.*)$/s.exec(command) ?? [];
  switch (name) {
    case "fields":
      return (rows) => rows.map((row) => picked(row, namesIn(rest)));
    case "filter":
      return (rows) => rows.filter((row) => conditionsIn(rest).every((holds) => holds(row)));
    case "stats":
      return plural(rest);
    case "sort":
      return sorted(rest);
    case "limit":
      return (rows) => rows.slice(0, Number(rest));
    default:
      throw new Error(`a query's command is not stood in for: ${command}`);
  }
}

const namesIn = (list: string): string[] => list.split(",").map((name) => name.trim());

function picked(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

function conditionsIn(text: string): ((row: Row) => boolean)[] {
  return text.split(/\s+and\s+/).map((condition) => {
    const [, present] = /^ispresent\(([\w@]+)\)$/.exec(condition) ?? [];
    if (present !== undefined) return (row) => row[present] !== undefined;
    const [, member, list] = /^([\w@]+) in (\[[^\]]*\])$/.exec(condition) ?? [];
    if (member !== undefined) {
      const values = new Set(JSON.parse(list ?? "[]") as unknown[]);
      return (row) => values.has(row[member]);
    }
    const [, name, value] = /^([\w@]+) = "([^"]*)"$/.exec(condition) ?? [];
    if (name === undefined)
      throw new Error(`a query's condition is not stood in for: ${condition}`);
    return (row) => row[name] === value;
  });
}

/** `count(*) as n by a, b`. */
function plural(text: string): Stage {
  const [, total, list] = /^count\(\*\) as (\w+) by ([\w@, ]+)$/.exec(text) ?? [];
  if (total === undefined || list === undefined) throw new Error(`not stood in for: stats ${text}`);
  return (rows) => {
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const group = picked(row, namesIn(list));
      const id = JSON.stringify(namesIn(list).map((name) => group[name]));
      groups.set(id, [...(groups.get(id) ?? []), group]);
    }
    return [...groups.values()].map((group) => ({ ...group[0], [total]: group.length }));
  };
}

function sorted(text: string): Stage {
  const [, name, order] = /^([\w@]+) (asc|desc)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`not stood in for: sort ${text}`);
  const sign = order === "asc" ? 1 : -1;
  return (rows) =>
    [...rows].sort((one, other) => sign * (Number(one[name] ?? 0) - Number(other[name] ?? 0)));
}
