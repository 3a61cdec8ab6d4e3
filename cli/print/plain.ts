import type { Output } from "../host";

const [FIRST, LAST_C0, DELETE, LAST_C1] = [0x00, 0x1f, 0x7f, 0x9f];
const CONTROLS = `${range(FIRST, LAST_C0)}${range(DELETE, LAST_C1)}`;
/** What the command itself writes beside text: colours anywhere, and at the beginning what clears a line or the screen. */
const OURS = ["^\\r?\\x1b\\[2K", "^\\x1b\\[2J\\x1b\\[H", "\\x1b\\[(?:[012]|3[123])m", "[\\n\\t]"];
const FOUND = new RegExp(`(${OURS.join("|")})|[${CONTROLS}]`, "g");
const REPLACEMENT = "\ufffd";

function range(from: number, to: number): string {
  return `${String.fromCharCode(from)}-${String.fromCharCode(to)}`;
}

/** A text without what moves cursors, renames windows or rings: names and descriptions come from outside. */
export function withoutControls(text: string): string {
  return text.replace(FOUND, (_found, ours: string | undefined) => ours ?? REPLACEMENT);
}

/** The same output, to which no control character gets that is not the command's own. */
export function plainOutput(output: Output): Output {
  const { isTerminal, columns } = output;
  return { isTerminal, columns, write: (text) => output.write(withoutControls(text)) };
}
