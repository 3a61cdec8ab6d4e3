import { CodedError } from "../../contract/errors";
import type { EpochMs } from "../../contract/time";
import { clientSecretOf } from "../engine/app-secret";
import { withFacts } from "../engine/store";
import type { SigningApp } from "./app-memory";
import { arrivalOf } from "./arrival";
import {
  type CallbackQuery,
  parseCallbackQuery,
  requireFresh,
  requireSignature,
} from "./callback-query";
import type { InstallDeps } from "./deps";
import { approvalIdOf } from "./fence";
import { type Approval, install } from "./install";
import {
  clearedInstallSession,
  type InstallSession,
  readInstallSession,
  requireInstallSession,
} from "./install-session";
import { findInstallable, type InstallableStore } from "./installable";
import { refusalReply } from "./refusal";
import { type Reply, seeOtherReply } from "./reply";
import type { GatewayRequest } from "./request";
import { resultAddressOf, saidResultIn, showResult } from "./result";
import { takeIn } from "./take-in";

/** Shopify's answer by way of the merchant's browser: verified, then installed; and the page of what came of it. */
export async function callback(
  request: Pick<GatewayRequest, "rawQuery" | "cookies">,
  deps: InstallDeps,
): Promise<Reply> {
  const said = saidResultIn(request.rawQuery);
  if (said !== undefined) return await showResult(said, deps);
  const query = parseCallbackQuery(request.rawQuery);
  const session = readInstallSession(request.cookies, query.state);
  const approval = await verifiedApproval({ query, session }, deps);
  const { installable } = approval;
  const { key, store } = installable;
  const log = deps.log.with({ store: key, shop: store.declaration.shop });
  // From here on the install session is used, whatever comes of it.
  const cookies = [clearedInstallSession(query.state)];
  try {
    const installed = await install(approval, { ...deps, log });
    const by = { clientSecret: clientSecretOf(approval.app), now: deps.clock.now() };
    return seeOtherReply(resultAddressOf(installable, installed, by), cookies);
  } catch (error) {
    return refusalReply(withFacts(error, store), log, cookies);
  } finally {
    deps.found.forget();
  }
}

async function verifiedApproval(answer: Answer, deps: InstallDeps): Promise<Approval> {
  if (answer.session.isNewcomers) {
    if (deps.open === undefined) throw new CodedError("install_state_invalid");
    return await newcomersApproval(answer, deps);
  }
  await findVerified(answer, deps);
  // What was kept is enough to refuse by; what is exchanged is held against the store as it is now.
  deps.found.forget();
  return await findVerified(answer, deps);
}

/** The approval of a merchant who came by himself, whose store is made here once everything was verified. */
async function newcomersApproval(answer: Answer, deps: InstallDeps): Promise<Approval> {
  const { query, session } = answer;
  const arrival = await arrivalOf(answer, deps);
  const installable = await takeIn(arrival, deps);
  const { app, id } = arrival;
  return { installable, app, id, code: query.code, begunAt: session.issuedAt };
}

async function findVerified(answer: Answer, deps: InstallDeps): Promise<Approval> {
  const installable = await findInstallable(answer.session.store, deps);
  return await verify(installable, answer, deps).catch((error: unknown) => {
    throw withFacts(error, installable.store);
  });
}

/** What the browser brings back. */
interface Answer {
  readonly query: CallbackQuery;
  readonly session: InstallSession;
}

/** Verified with what is known; and read again, every few seconds at most, for what was signed a moment after a change. */
async function verify(
  installable: InstallableStore,
  answer: Answer,
  deps: InstallDeps,
): Promise<Approval> {
  const known = await deps.apps.read(installable.app, deps);
  try {
    return requireApproval(installable, answer, { ...known, now: deps.clock.now() });
  } catch (error) {
    const fresh = await deps.apps.readAgain(installable.app, deps);
    if (fresh === known) throw error;
    return requireApproval(installable, answer, { ...fresh, now: deps.clock.now() });
  }
}

function requireApproval(
  installable: InstallableStore,
  { query, session }: Answer,
  by: SigningApp & { readonly now: EpochMs },
): Approval {
  requireInstallSession(session, installable, by);
  requireSignature(query, by.clientSecrets);
  requireFresh(query, by.now);
  if (query.shop !== installable.store.declaration.shop) {
    throw new CodedError("install_shop_mismatch");
  }
  const id = approvalIdOf(session.state);
  return { installable, app: by.app, id, code: query.code, begunAt: session.issuedAt };
}
