import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../contract/time";

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

/** The longest move of the clock in one go: a year. */
const LONGEST_MS = 366 * DAY_MS;

export const ADMIN_NOTE = "Shopify's levers (issue, revoke, freeze, break, count): POST";

/** `+8h` as milliseconds; undefined when the line is not a move of the clock. */
export function parseSpan(line: string): number | undefined {
  const [, count, unit] = /^\+(\d{1,7})([smhd])$/.exec(line.trim()) ?? [];
  const span = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  return span > 0 && span <= LONGEST_MS ? span : undefined;
}

/** Shell lines that move a terminal into the world; PATH is extended, not replaced. */
export function exportsOf(
  environment: Readonly<Record<string, string>>,
  inheritedPath: string,
): string[] {
  return Object.entries(environment).map(([name, value]) => {
    if (name !== "PATH") return `export ${name}=${quoted(value)}`;
    const own = value.endsWith(inheritedPath) ? value.slice(0, -inheritedPath.length) : `${value}:`;
    return `export PATH=${quoted(own)}"$PATH"`;
  });
}

/** What to do in that terminal, and in this one. */
export function helpText(): string[] {
  return [
    "pulumi stack init dev",
    "pulumi up --continue-on-error -s dev",
    "pulumi stack output stores -s dev",
    "aws secretsmanager list-secrets",
    "",
    'Here: "+8h" moves the clock through everything that falls due; "quit" or Ctrl-C ends the world.',
  ];
}

/** Single-quoted for a POSIX shell, when it needs to be. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
