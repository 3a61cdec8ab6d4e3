import type { KeyArn } from "../../contract/brands";
import type { Clock } from "../../contract/time";
import type { AssertionSigner } from "../cipher/assertion-signer";
import type { RefreshTokenCipher } from "../cipher/refresh-token-cipher";
import type { Deadline } from "../deadline";
import type { Log } from "../log";
import type { SecretsPort } from "../secrets/port";
import type { CallDeps } from "../shopify/call";
import type { Send } from "../shopify/exchange";
import type { CredentialMemory } from "./credential-memory";
import type { Rules } from "./rules";

/** A key of an app that is asked for a token with, and nothing else is. */
export interface KeyProving {
  readonly keyArn: KeyArn;
  /** Called once Shopify granted a token for what the key signed. */
  granted(): void;
}

/** Everything that the engine needs of the world, for one invocation. */
export interface EngineDeps {
  /** The prefix of the stack's secret names. */
  readonly prefix: string;
  readonly secrets: SecretsPort;
  readonly cipher: RefreshTokenCipher;
  readonly signer: AssertionSigner;
  readonly send: Send;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly log: Log;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
  readonly rules: Rules;
  /** What is known of the apps' credentials. */
  readonly credentials: CredentialMemory;
  /** A key that a renewal is to prove; default: none, and the app presents what it presents. */
  readonly proving?: KeyProving;
}

/** The same dependencies, whose every call ends with another deadline. */
export function under<T extends EngineDeps>(deps: T, deadline: Deadline): T {
  return {
    ...deps,
    deadline,
    secrets: deps.secrets.under(deadline),
    cipher: deps.cipher.under(deadline),
    signer: deps.signer.under(deadline),
  };
}

/** The dependencies that a call to Shopify needs. */
export function callDepsOf(deps: EngineDeps): CallDeps {
  return {
    send: deps.send,
    deadline: deps.deadline,
    log: deps.log,
    random: deps.random,
    planOf: deps.rules.planOf,
  };
}
