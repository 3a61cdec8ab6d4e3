import type { Clock } from "../../contract/time";
import type { Log } from "../log";
import { aroundWrites } from "./around-writes";
import type { SecretsPort } from "./port";

/** What a measured port counts with. */
export interface MeasuredDeps {
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The same port, which tells CloudWatch of each write that counts against the account's quota. Refused calls count
 * too, so a write is told before it is made.
 */
export function createMeasuredPort(port: SecretsPort, deps: MeasuredDeps): SecretsPort {
  const { prefix, clock, log } = deps;
  const told = aroundWrites(port, (write) => {
    log.metrics({ secretWrites: 1 }, { prefix, at: clock.now() });
    return write();
  });
  return { ...told, under: (deadline) => createMeasuredPort(port.under(deadline), deps) };
}
