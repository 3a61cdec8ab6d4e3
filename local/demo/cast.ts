import { appendFileSync, writeFileSync } from "node:fs";

/** Where the demo is filmed: a file in asciicast's format, version 2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export const CAST_FILE = "SHOPIFY_SECRETS_CAST";

const SCREEN = { width: 110, height: 32 } as const;

/** Writes what is written into a film as well, with the seconds since it began. */
export function filmed(write: (text: string) => void, file: string): (text: string) => void {
  const beganAt = performance.now();
  const header = { version: 2, ...SCREEN, title: "npm run demo" };
  writeFileSync(file, `${JSON.stringify(header)}\n`);
  return (text) => {
    const seconds = Math.round(performance.now() - beganAt) / 1_000;
    // A terminal begins its lines at the left by itself no more when it is filmed.
    const event = [seconds, "o", text.replaceAll("\n", "\r\n")];
    appendFileSync(file, `${JSON.stringify(event)}\n`);
    write(text);
  };
}
