import type { AppKey } from "../../contract/brands";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "../../contract/time";
import {
  type AppInHand,
  type ClientSecret,
  readApp,
  signingClientSecretsOf,
} from "../engine/app-secret";
import type { EngineDeps } from "../engine/deps";

/** An app's credential, and what may have signed for it. */
export interface SigningApp {
  readonly app: AppInHand;
  readonly clientSecrets: readonly ClientSecret[];
}

/** Keeps what a warm function read of app secrets, so that a flood of forged requests asks AWS once a minute. */
export interface AppMemory {
  read(app: AppKey, deps: EngineDeps): Promise<SigningApp>;
  /** The same, read again where what is known is some seconds old: for what was not signed by what is known. */
  readAgain(app: AppKey, deps: EngineDeps): Promise<SigningApp>;
}

/** A client secret that was changed a moment ago is found this soon after a request that it signed. */
const FRESH_MS = 5 * SECOND_MS;

export function createAppMemory(): AppMemory {
  const known = new Map<AppKey, { readonly readAt: EpochMs; readonly signing: SigningApp }>();
  const readWithin = async (app: AppKey, ageMs: number, deps: EngineDeps) => {
    const now = deps.clock.now();
    const found = known.get(app);
    if (found !== undefined && Math.abs(now - found.readAt) < ageMs) return found.signing;
    const inHand = await readApp(app, deps);
    const signing = { app: inHand, clientSecrets: await signingClientSecretsOf(inHand, deps) };
    known.set(app, { readAt: now, signing });
    return signing;
  };
  return {
    read: async (app, deps) => await readWithin(app, MINUTE_MS, deps),
    readAgain: async (app, deps) => await readWithin(app, FRESH_MS, deps),
  };
}
