import type { StoreState } from "../../contract/store/status";
import type { Host } from "../host";
import { type Colour, type Paint, paintOf } from "./colour";

/** The colour of a state. */
export function colourOf(state: StoreState): Colour {
  if (state === "ok") return "green";
  return state === "awaiting_token" || state === "awaiting_merchant" ? "yellow" : "red";
}

/** A state in words. */
export function stateText(state: StoreState): string {
  return state.replaceAll("_", " ");
}

/** The paint of standard output. */
export function outPaint({ out, env }: Host): Paint {
  return paintOf(out, env);
}
