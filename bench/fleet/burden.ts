import { readFileSync } from "node:fs";
import { descendantsOf, processTable } from "../../local/world/process-tree";

/** The parts of a run of the engine. */
export const PROGRAMS = ["engine", "program", "provider"] as const;
export type Program = (typeof PROGRAMS)[number];

/** What a part of a run took of the machine. */
export interface Burden {
  readonly cpuSeconds: number;
  /** The most memory that it held at once, in MB. */
  readonly peakMb: number;
}

/** Jiffies a second, as every Linux of today has it (USER_HZ). */
const JIFFIES = 100;
const LOOK_EVERY_MS = 50;

/** Watches the engine's processes below this one until it is told to stop; their last 50 ms may be missing. */
export function watchBurden(): { stop(): Readonly<Record<Program, Burden>> } {
  const seen = new Map<number, { readonly program: Program; burden: Burden }>();
  const look = () => {
    for (const pid of descendantsOf(process.pid, processTable())) {
      const program = seen.get(pid)?.program ?? programOf(pid);
      const burden = program === undefined ? undefined : burdenOf(pid);
      if (program === undefined || burden === undefined) continue;
      // One that has ended holds no memory any more.
      const peakMb = Math.max(burden.peakMb, seen.get(pid)?.burden.peakMb ?? 0);
      seen.set(pid, { program, burden: { ...burden, peakMb } });
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      const of = (program: Program) => {
        const own = [...seen.values()].filter((one) => one.program === program);
        return {
          cpuSeconds: own.reduce((sum, { burden }) => sum + burden.cpuSeconds, 0),
          peakMb: Math.max(0, ...own.map(({ burden }) => burden.peakMb)),
        };
      };
      return { engine: of("engine"), program: of("program"), provider: of("provider") };
    },
  };
}

function programOf(pid: number): Program | undefined {
  const words = read(pid, "cmdline")?.split("\0") ?? [];
  const line = words.join(" ");
  if (/(?:^|\/)pulumi$/.test(words[0] ?? "")) return "engine";
  if (line.includes("@pulumi/pulumi/cmd/run")) return "program";
  return line.includes("pulumi-resource-aws") || line.includes("local/provider/main.js")
    ? "provider"
    : undefined;
}

function burdenOf(pid: number): Burden | undefined {
  const stat = read(pid, "stat");
  const status = read(pid, "status");
  if (stat === undefined || status === undefined) return undefined;
  // proc(5): the 14th and 15th fields, counted behind the name, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const jiffies = Number(fields[11]) + Number(fields[12]);
  const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
  return { cpuSeconds: jiffies / JIFFIES, peakMb: Number(kilobytes) / 1_024 };
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // it ended while we were reading
  }
}
