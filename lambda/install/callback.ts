import type { ShopDomain } from "../../contract/brands";
import { CodedError, type ErrorCode, passesByItself } from "../../contract/errors";
import { codeOfCheck } from "../../contract/record";
import type { EpochMs } from "../../contract/time";
import { withFacts } from "../engine/store";
import type { SigningApp } from "./app-memory";
import {
  type CallbackQuery,
  parseCallbackQuery,
  requireFresh,
  requireSignature,
} from "./callback-query";
import type { InstallDeps } from "./deps";
import { approvalIdOf } from "./fence";
import { type Approval, type Installed, install } from "./install";
import {
  clearedInstallSession,
  type InstallSession,
  readInstallSession,
  requireInstallSession,
} from "./install-session";
import { findInstallable, type InstallableStore } from "./installable";
import type { Page, PageLink } from "./page";
import { refusalReply } from "./refusal";
import { pageReply, type Reply } from "./reply";
import type { GatewayRequest } from "./request";

/** Shopify's answer by way of the merchant's browser: verified, then installed. */
export async function callback(
  request: Pick<GatewayRequest, "rawQuery" | "cookies">,
  deps: InstallDeps,
): Promise<Reply> {
  const query = parseCallbackQuery(request.rawQuery);
  const session = readInstallSession(request.cookies, query.state);
  const installable = await findInstallable(session.store, deps);
  const approval = await verify(installable, { query, session }, deps).catch((error: unknown) => {
    throw withFacts(error, installable.store);
  });
  const { key, store } = installable;
  const log = deps.log.with({ store: key, shop: store.declaration.shop });
  // From here on the install session is used, whatever comes of it.
  const cookies = [clearedInstallSession(query.state)];
  try {
    const installed = await install(approval, { ...deps, log });
    return pageReply(200, pageOf(installable, installed), { cookies });
  } catch (error) {
    return refusalReply(withFacts(error, store), log, cookies);
  }
}

/** Verified with what is known; and read again, every few seconds at most, for what was signed a moment after a change. */
async function verify(
  installable: InstallableStore,
  answer: { readonly query: CallbackQuery; readonly session: InstallSession },
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
  { query, session }: { readonly query: CallbackQuery; readonly session: InstallSession },
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

/** "Connected" is said only when Shopify has just taken the very token that is in use. */
function pageOf({ store }: InstallableStore, { outcome, checked, missing }: Installed): Page {
  const { shop, app } = store.declaration;
  const code = codeOfCheck(checked);
  const close = "You can close this page.";
  if (outcome === "overtaken") {
    return {
      mark: "open",
      title: `A later approval of ${shop} is in use`,
      says: [
        `It came while this one was stored, and its own page says what became of it. ${close}`,
      ],
    };
  }
  if (code === "" && outcome !== "kept") {
    const isWhole = missing.length === 0;
    const end = isWhole ? `There is nothing more to do. ${close}` : close;
    return {
      mark: isWhole ? "done" : "open",
      title: `${shop} is connected`,
      says: [
        `Your approval of the app ${app} has been stored.`,
        ...(isWhole ? [] : [missingText(missing)]),
        end,
      ],
      link: backTo(shop),
    };
  }
  return {
    mark: "open",
    title: "Your approval has been stored",
    says: [
      `It is of the app ${app}. ${whyNotYet(outcome, code)}`,
      ...(missing.length === 0 ? [] : [missingText(missing)]),
      close,
    ],
    link: backTo(shop),
    ...(code === "" ? {} : { reference: code }),
  };
}

/** A merchant came from there, and may have no other tab. */
function backTo(shop: ShopDomain): PageLink {
  return { path: `https://${shop}/admin`, text: "Back to your store", leavesFrame: true };
}

function whyNotYet(outcome: Installed["outcome"], code: ErrorCode | ""): string {
  if (outcome === "kept") {
    return "It cannot be used yet, because the store was approved too often today. It is taken up by itself, within a day.";
  }
  return code !== "" && !passesByItself(code)
    ? "Shopify does not let the app work on this store yet. Please tell whoever sent you the link, and quote the reference below."
    : "Shopify could not confirm the access just now. It is tried again by itself, and you need not do anything.";
}

function missingText(missing: readonly string[]): string {
  const names = missing.join(", ");
  return `These permissions were asked for and not granted: ${names}. Parts of the app may not work without them.`;
}
