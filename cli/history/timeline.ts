import { escapeHtml } from "../../contract/escape-html";
import type { EpochMs } from "../../contract/time";
import { isoOf } from "../../contract/time";
import { WHATS, type What } from "./happenings";
import { type History, shortVersion } from "./history";

/** Whose past is drawn. */
export interface Subject {
  readonly store: string;
  /** How long an access token of its kind lives, in milliseconds; undefined: until it is replaced. */
  readonly lifeMs: number | undefined;
}

const WIDTH = 960;
const LEFT = 96;
const RIGHT = 16;
const TOP = 40;
const ROW = 22;
const TICKS = 6;

const COLOURS: Readonly<Record<(typeof WHATS)[What]["colour"], string>> = {
  green: "#1a7f37",
  yellow: "#bf8700",
  red: "#cf222e",
  dim: "#6e7781",
};

/** A store's tokens as bars over time, with their overlaps, and what happened as marks; an SVG of its own. */
export function timelineSvg(history: History, subject: Subject): string {
  const rows = history.versions.length;
  const height = TOP + (rows + 1) * ROW + 32;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeHtml(`${subject.store}: tokens and what happened, ${isoOf(history.since)} to ${isoOf(history.until)}`)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...axis(history, height),
    ...bars(history, subject),
    ...marks(history, TOP + rows * ROW + ROW / 2),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** The timeline with its happenings as a table, as one page without anything from elsewhere. */
export function timelinePage(history: History, subject: Subject): string {
  const rows = history.happenings.map(
    ({ at, what, code, versionId, detail }) =>
      `<tr><td>${isoOf(at)}</td><td>${escapeHtml(WHATS[what].says)}</td><td>${escapeHtml(code ?? "")}</td><td>${escapeHtml(shortVersion(versionId))}</td><td>${escapeHtml(detail)}</td></tr>`,
  );
  return [
    "<!doctype html>",
    `<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escapeHtml(subject.store)}</title>`,
    "<style>body{font:14px system-ui,sans-serif;margin:1rem auto;max-width:60rem;padding:0 1rem}svg{width:100%}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}</style>",
    `<h1>${escapeHtml(subject.store)}</h1>`,
    timelineSvg(history, subject),
    "<table><tr><th>at</th><th>what</th><th>code</th><th>version</th><th></th></tr>",
    ...rows,
    "</table></html>",
    "",
  ].join("\n");
}

function placeOf({ since, until }: History): (at: number) => number {
  const span = Math.max(1, until - since);
  const within = (at: number) => Math.min(until, Math.max(since, at));
  return (at) => round(LEFT + ((within(at) - since) / span) * (WIDTH - LEFT - RIGHT));
}

function axis(history: History, height: number): string[] {
  const place = placeOf(history);
  return Array.from({ length: TICKS + 1 }, (_, index) => {
    const at = (history.since + ((history.until - history.since) * index) / TICKS) as EpochMs;
    const x = place(at);
    const anchor = index === 0 ? "start" : index === TICKS ? "end" : "middle";
    const text = isoOf(at).slice(5, 16).replace("T", " ");
    return `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height - 24}" stroke="#d0d7de"/><text x="${x}" y="${TOP - 16}" text-anchor="${anchor}" fill="#57606a">${text}</text>`;
  });
}

/** A token lives for its kind's life; one without an end until the next one takes its place. */
function bars(history: History, { lifeMs }: Subject): string[] {
  const place = placeOf(history);
  return history.versions.map(({ versionId, createdAt, labels }, index) => {
    const successor = history.versions[index + 1]?.createdAt ?? history.until;
    const end = lifeMs === undefined ? successor : createdAt + lifeMs;
    const [x, y] = [place(createdAt), TOP + index * ROW];
    const width = Math.max(1, round(place(end) - x));
    const isCurrent = labels.includes("AWSCURRENT");
    const says = `${versionId} from ${isoOf(createdAt)}${labels.length === 0 ? "" : ` (${labels.join(", ")})`}`;
    return `<g><title>${escapeHtml(says)}</title><text x="0" y="${y + 13}" fill="#24292f">${shortVersion(versionId)}</text><rect x="${x}" y="${y}" width="${width}" height="${ROW - 6}" rx="3" fill="${isCurrent ? "#2da44e" : "#8ec5a0"}"/></g>`;
  });
}

function marks(history: History, y: number): string[] {
  const place = placeOf(history);
  return history.happenings.map(({ at, what, code }) => {
    const { colour, says } = WHATS[what];
    const text = `${isoOf(at)} ${says}${code === undefined ? "" : ` (${code})`}`;
    return `<circle cx="${place(at)}" cy="${y}" r="4" fill="${COLOURS[colour]}"><title>${escapeHtml(text)}</title></circle>`;
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;
