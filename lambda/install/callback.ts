import { CodedError } from "../../contract/errors";
import { codeOfTrial } from "../../contract/record";
import { readApp } from "../engine/app-secret";
import { withFacts } from "../engine/mint";
import {
  type CallbackQuery,
  parseCallbackQuery,
  requireFresh,
  requireSignature,
} from "./callback-query";
import { type Approval, type Installed, install } from "./install";
import { findInstallable, type InstallableStore, liveClientSecretsOf } from "./installable";
import type { Page } from "./page";
import type { InstallParts } from "./parts";
import { refuse } from "./refusal";
import { pageReply, type Reply } from "./reply";
import type { GatewayRequest } from "./request";
import { clearedTicket, readTicket, requireTicket, type Ticket } from "./ticket";

/** Shopify's answer by way of the merchant's browser: verified, then installed. */
export async function callback(
  request: Pick<GatewayRequest, "rawQuery" | "cookies">,
  parts: InstallParts,
): Promise<Reply> {
  const query = parseCallbackQuery(request.rawQuery);
  const ticket = readTicket(request.cookies, query.state);
  const installable = await findInstallable(ticket.store, parts);
  const approval = await verify(installable, { query, ticket }, parts).catch((error: unknown) => {
    throw withFacts(error, installable.store);
  });
  const { key, store } = installable;
  const log = parts.log.with({ store: key, shop: store.declaration.shop });
  // From here on the ticket is used, whatever comes of it.
  const cookies = [clearedTicket(query.state)];
  try {
    const installed = await install(approval, { ...parts, log });
    return pageReply(200, pageOf(installable, installed), { cookies });
  } catch (error) {
    return refuse(withFacts(error, store), log, cookies);
  }
}

async function verify(
  installable: InstallableStore,
  { query, ticket }: { readonly query: CallbackQuery; readonly ticket: Ticket },
  parts: InstallParts,
): Promise<Approval> {
  const app = await readApp(installable.app, parts);
  const clientSecrets = await liveClientSecretsOf(app, parts);
  const now = parts.clock.now();
  requireTicket(ticket, installable, { clientSecrets, now });
  requireSignature(query, clientSecrets);
  requireFresh(query, now);
  if (query.shop !== installable.store.declaration.shop) {
    throw new CodedError("install_shop_mismatch");
  }
  return { installable, app, code: query.code, begunAt: ticket.issuedAt };
}

function pageOf({ store }: InstallableStore, { outcome, checked, missing }: Installed): Page {
  const isConfirmed = codeOfTrial(checked) === "";
  return {
    mark: missing.length === 0 ? "done" : "open",
    title: `${store.declaration.shop} is connected`,
    says: [
      outcome === "overtaken"
        ? "A later approval of this store is in use already."
        : "Your approval has been stored.",
      ...(missing.length === 0 ? [] : [missingText(missing)]),
      ...(isConfirmed
        ? []
        : ["Shopify could not confirm the access just now. It is tried again by itself."]),
      missing.length === 0
        ? "There is nothing more to do. You can close this page."
        : "You can close this page.",
    ],
  };
}

function missingText(missing: readonly string[]): string {
  const names = missing.join(", ");
  return `These permissions were asked for and not granted: ${names}. Parts of the app may not work without them.`;
}
