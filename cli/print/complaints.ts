import { plural } from "../../contract/plural";
import type { Host } from "../host";
import { docsPageOf } from "./docs-page";
import { outPaint } from "./stores";

/** A store that somebody has to do something about. */
export interface Complaint {
  readonly store: string;
  readonly code: string;
  readonly owner: string;
  readonly says: string;
  readonly next: string;
  /** The stores that are meant, where it is of several. */
  readonly stores?: string;
}

/** So many may stand one below the other, each with a command that can be pasted. */
const APART = 3;
const NAMED = 20;

/**
 * What is wrong, whose it is and the next command, once for many of which the same is to be said; commands are never
 * broken, so that they can be copied.
 */
export function formatComplaints(complaints: readonly Complaint[], host: Host): string {
  const paint = outPaint(host);
  const told = alike(complaints);
  const indent = Math.max(0, ...told.map(({ store }) => store.length)) + 4;
  const blank = " ".repeat(indent);
  return told
    .map(({ store, code, owner, says, next, stores }) => {
      const head = `  ${paint(store, "bold")}${" ".repeat(indent - 2 - store.length)}`;
      const what = code === "" ? owner : `${code} (${owner})`;
      const page = docsPageOf(code, host);
      const more = page === undefined ? "" : `${blank}Read: ${page}\n`;
      const named = stores === undefined ? "" : `${blank}${stores}\n`;
      return `${head}${what}\n${blank}${says}\n${blank}Next: ${next}\n${more}${named}`;
    })
    .join("");
}

/** Many complaints that differ by their store alone as one, in the order of their first. */
function alike(complaints: readonly Complaint[]): Complaint[] {
  const groups = new Map<string, Complaint[]>();
  const grouped = complaints.map((complaint) => {
    const shape = shapeOf(complaint);
    const group = groups.get(shape) ?? [];
    groups.set(shape, group);
    group.push(complaint);
    return { complaint, group };
  });
  return grouped.flatMap(({ complaint, group }) => {
    if (group.length <= APART) return complaint;
    return complaint === group[0] ? asOne(complaint, group) : [];
  });
}

function shapeOf({ store, code, owner, says, next }: Complaint): string {
  return JSON.stringify([code, owner, ...[says, next].map((text) => withoutStore(text, store))]);
}

/** A text with a blank for the store, which stands there as a word. */
function withoutStore(text: string, store: string): string {
  return text
    .split(/([^\w-]+)/)
    .map((word) => (word === store ? "" : word))
    .join("");
}

/** The first stands in its next command, which is pasted as it is. */
function asOne(first: Complaint, group: readonly Complaint[]): Complaint {
  const isNamed = withoutStore(first.next, first.store) !== first.next;
  const others = isNamed ? group.slice(1) : group;
  const more = others.length - NAMED;
  const names = others.slice(0, NAMED).map(({ store }) => store);
  const rest = more > 0 ? `, and ${more} more: --json names all` : "";
  return {
    ...first,
    store: plural(group.length, "store"),
    stores: `${isNamed ? "Likewise: " : ""}${names.join(", ")}${rest}`,
  };
}
