import type { Host, Output } from "../host";

export type Colour = "red" | "yellow" | "green" | "dim" | "bold";

/** Adds a colour to a text, or leaves it as it is. */
export type Paint = (text: string, colour: Colour | undefined) => string;

const CODES: Readonly<Record<Colour, string>> = {
  red: "31",
  yellow: "33",
  green: "32",
  dim: "2",
  bold: "1",
};

/** Colours only on a terminal that shows them, and never with NO_COLOR (no-color.org). */
export function paintOf(output: Output, env: Host["env"]): Paint {
  const hasColours = output.isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return (text, colour) =>
    hasColours && colour !== undefined && text !== ""
      ? `\u001b[${CODES[colour]}m${text}\u001b[0m`
      : text;
}
