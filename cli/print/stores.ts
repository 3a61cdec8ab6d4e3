import type { StoreState } from "../../contract/store/status";
import type { Host } from "../host";
import { type Colour, type Paint, paintOf } from "./colour";
import { docsPageOf } from "./docs-page";

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

/** The colour of a state. */
export function colourOf(state: StoreState): Colour {
  if (state === "ok") return "green";
  return state === "awaiting_token" || state === "awaiting_merchant" ? "yellow" : "red";
}

/** A state in words. */
export function stateText(state: StoreState): string {
  return state.replaceAll("_", " ");
}

/** What is wrong, whose it is and the next command; commands are never broken, so that they can be copied. */
export function formatComplaints(complaints: readonly Complaint[], host: Host): string {
  const paint = outPaint(host);
  const indent = Math.max(0, ...complaints.map(({ store }) => store.length)) + 4;
  const blank = " ".repeat(indent);
  return complaints
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

/** The paint of standard output. */
export function outPaint({ out, env }: Host): Paint {
  return paintOf(out, env);
}
