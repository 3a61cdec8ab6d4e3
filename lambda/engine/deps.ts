import type { Clock } from "../../contract/time";
import type { Deadline } from "../deadline";
import type { Log } from "../log";
import type { RefreshTokenSeal } from "../seal/refresh-token-seal";
import type { SecretsPort } from "../secrets/port";
import type { Send } from "../shopify/exchange";
import type { CallParts } from "../shopify/persist";
import type { CredentialMemory } from "./credential-memory";
import type { Rules } from "./rules";

/** Everything that the engine needs of the world, for one invocation. */
export interface EngineParts {
  /** The prefix of the stack's secret names. */
  readonly prefix: string;
  readonly secrets: SecretsPort;
  readonly seal: RefreshTokenSeal;
  readonly send: Send;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly log: Log;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
  readonly rules: Rules;
  /** What is known of the apps' credentials. */
  readonly credentials: CredentialMemory;
}

/** The same parts, whose every call ends with another deadline. */
export function under<T extends EngineParts>(parts: T, deadline: Deadline): T {
  const { secrets, seal } = parts;
  return { ...parts, deadline, secrets: secrets.under(deadline), seal: seal.under(deadline) };
}

/** The parts that a call to Shopify needs. */
export function callPartsOf(parts: EngineParts): CallParts {
  return {
    send: parts.send,
    deadline: parts.deadline,
    log: parts.log,
    random: parts.random,
    planOf: parts.rules.planOf,
  };
}
