import type { SimulatedProcess } from "./functions/process";
import { START, type World } from "./world";

/** Prints everything that happens in a world, moment by moment, by the world's own clock. */
export function tracing(print: (line: string) => void): (world: World) => void {
  return (world) => {
    const say = (text: string) => {
      const at = new Date(START + world.timeline.now).toISOString().slice(5, 23);
      print(`${at} ${text}`);
    };
    const names = new Map<SimulatedProcess, string>();
    const nameOf = (process: SimulatedProcess) => {
      if (!names.has(process)) names.set(process, `${process.part}-${names.size + 1}`);
      return `${names.get(process)}.${process.work}`;
    };
    world.network.onRequest = ({ process, service, operation }, trouble) =>
      say(
        `  ${nameOf(process)} > ${service} ${operation} ${trouble ? JSON.stringify(trouble) : ""}`,
      );
    world.lambda.onBegun = ({ process, event }) =>
      say(`${nameOf(process)} begins: ${JSON.stringify(event)}`);
    world.output.onLine = (line) => {
      if (!line.includes('"_aws"')) say(`    ${shortened(line)}`);
    };
  };
}

/** A log line without what stands in every one. */
function shortened(line: string): string {
  try {
    const { level, event, invocation, secret_arn, ...rest } = JSON.parse(line) as Record<
      string,
      unknown
    >;
    return event === undefined ? line : `${String(event)} ${JSON.stringify(rest)}`;
  } catch {
    return line.trimEnd(); // what the command prints
  }
}
