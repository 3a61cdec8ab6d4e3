import type { AppKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { EpochMs } from "../../contract/time";
import type { SigningApp } from "./app-memory";
import { type CallbackQuery, isSignedBy, requireFresh } from "./callback-query";
import type { InstallDeps } from "./deps";
import { approvalIdOf } from "./fence";
import { type InstallSession, requireInstallSession } from "./install-session";
import type { Arrival } from "./take-in";

/** What the browser of a merchant brings back who came by himself. */
interface Answer {
  readonly query: CallbackQuery;
  readonly session: InstallSession;
}

/**
 * Verifies the approval of a merchant whose store is yet to be made: signed by an open app, begun by this browser for
 * this shop and app, and of just now. Nothing is made before.
 *
 * @throws {CodedError} as the callback of a declared store
 */
export async function arrivalOf(answer: Answer, deps: InstallDeps): Promise<Arrival> {
  try {
    return requireArrival(answer, await readOpenApps("read", deps), deps.clock.now());
  } catch (error) {
    // Signed a moment after a change of the client secret, perhaps.
    const fresh = await readOpenApps("readAgain", deps);
    if (fresh.length === 0) throw error;
    return requireArrival(answer, fresh, deps.clock.now());
  }
}

interface OpenSigner extends SigningApp {
  readonly openApp: Arrival["openApp"];
}

async function readOpenApps(how: "read" | "readAgain", deps: InstallDeps): Promise<OpenSigner[]> {
  const apps = deps.open?.apps ?? [];
  return await Promise.all(
    apps.map(async (openApp) => ({ openApp, ...(await deps.apps[how](openApp.app, deps)) })),
  );
}

function requireArrival(
  { query, session }: Answer,
  signers: readonly OpenSigner[],
  now: EpochMs,
): Arrival {
  const signer = signers.find(({ clientSecrets }) => isSignedBy(query, clientSecrets));
  if (signer === undefined) throw new CodedError("callback_signature_invalid");
  const { openApp, app, clientSecrets } = signer;
  const installation = { app: openApp.app satisfies AppKey, shop: query.shop };
  requireInstallSession(session, { ...installation, key: session.store }, { clientSecrets, now });
  requireFresh(query, now);
  return { installation, openApp, app, id: approvalIdOf(session.state) };
}
