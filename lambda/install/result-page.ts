import type { ShopDomain } from "../../contract/brands";
import { type ErrorCode, passesByItself } from "../../contract/errors";
import type { EpochMs } from "../../contract/time";
import type { Installed } from "./install";
import type { InstallableStore } from "./installable";
import type { Page, PageLink } from "./page";

/** What came of an approval, as its page tells it. */
export interface Result {
  readonly outcome: Installed["outcome"];
  /** What trying the token said; empty: it works. */
  readonly code: ErrorCode | "";
  /** Wanted scopes that the merchant did not grant. */
  readonly missing: readonly string[];
}

/** "Connected" is said only when Shopify has just taken the very token that is in use. */
export function pageOfResult(
  { store }: InstallableStore,
  { outcome, code, missing }: Result,
): Page {
  const { shop, app } = store.declaration;
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

/** A page that is loaded again long after promises nothing. */
export function pageOfThen({ key, store }: InstallableStore, at: EpochMs): Page {
  const { shop, app } = store.declaration;
  const day = new Date(at).toISOString().slice(0, 10);
  return {
    mark: "done",
    title: `Your approval of ${shop} was stored`,
    says: [
      `That was on ${day}, of the app ${app}. There is nothing to do here, and you can close this page.`,
    ],
    link: { path: `/install/${key}`, text: "See how it is now" },
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
