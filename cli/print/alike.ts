import { plural } from "../../contract/plural";
import type { Complaint } from "./stores";

const NAMED = 20;

/** Complaints that differ by their store alone as one, in the order of their first. */
export function alike(complaints: readonly Complaint[]): Complaint[] {
  const groups = new Map<string, [Complaint, ...Complaint[]]>();
  for (const complaint of complaints) {
    const key = shapeOf(complaint);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [complaint]);
    else group.push(complaint);
  }
  return [...groups.values()].map(asOne);
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

function asOne(group: [Complaint, ...Complaint[]]): Complaint {
  const [first] = group;
  if (group.length === 1) return first;
  const more = group.length - NAMED;
  const named = group.slice(0, NAMED).map(({ store }) => store);
  const rest = more > 0 ? `, and ${more} more: --json names all` : "";
  const isOfFirst = withoutStore(first.next, first.store) !== first.next;
  return {
    ...first,
    store: plural(group.length, "store"),
    next: isOfFirst ? `${first.next}; the others likewise` : first.next,
    stores: `${named.join(", ")}${rest}`,
  };
}
