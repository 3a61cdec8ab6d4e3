import { spawn } from "node:child_process";
import { join } from "node:path";

const PROJECT = join(__dirname, "..");

/** One part of `npm test`: a script of package.json, and what people call it. */
export interface Part {
  readonly name: string;
  readonly script: string;
}

/** What `npm test` runs, in this order: what is quick to fail comes first. */
export const PARTS: readonly Part[] = [
  { name: "check", script: "check" },
  { name: "world", script: "test:world" },
  { name: "simulation", script: "test:simulation" },
  { name: "validators", script: "test:validators" },
  { name: "end to end", script: "test:e2e" },
];

export interface Ended extends Part {
  /** Undefined: a part before it failed. */
  readonly minutes: number | undefined;
  readonly exitCode: number;
}

/** Runs every part until one fails, as a terminal would, and says at the end how long each took. */
async function main(): Promise<void> {
  const ended: Ended[] = [];
  for (const part of PARTS) {
    const mayRun = ended.every(({ exitCode }) => exitCode === 0);
    ended.push(mayRun ? await run(part) : { ...part, minutes: undefined, exitCode: 0 });
  }
  process.stdout.write(`\n${tableOf(ended)}\n`);
  process.exitCode = ended.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
}

async function run(part: Part): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn("npm", ["run", "--silent", part.script], { cwd: PROJECT, stdio: "inherit" });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  return { ...part, minutes: (performance.now() - startedAt) / 60_000, exitCode };
}

/** How long each part took and how it ended, as text. */
export function tableOf(parts: readonly Ended[]): string {
  const whole = parts.reduce((sum, { minutes = 0 }) => sum + minutes, 0);
  const rows = parts.map(({ name, minutes, exitCode }) => [
    name,
    minutes,
    verdictOf(minutes, exitCode),
  ]);
  return [["part", "minutes", ""], ...rows, ["together", whole, ""]].map(lineOf).join("\n");
}

const verdictOf = (minutes: number | undefined, exitCode: number): string => {
  if (minutes === undefined) return "not run";
  return exitCode === 0 ? "passed" : "failed";
};

function lineOf([name, minutes, verdict]: readonly (string | number | undefined)[]): string {
  const time = typeof minutes === "number" ? minutes.toFixed(1) : (minutes ?? "-");
  return `${String(name).padEnd(12)}${time.padStart(7)}  ${verdict}`.trimEnd();
}

if (require.main === module) {
  // Ctrl-C reaches the part too, which ends by itself; its end is awaited, and then the table says where it stood.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  void main();
}
