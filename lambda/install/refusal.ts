import { adviceRow, type CodeAnsweredTo, CodedError, type ErrorCode } from "../../contract/errors";
import { fieldsOfError, type Log } from "../log";
import type { Page } from "./page";
import { pageReply, type Reply } from "./reply";

/** What a person reads when something was refused. */
interface RefusalPage {
  readonly title: string;
  readonly says: string | readonly string[];
  /** Whether the page offers the store's link again. */
  readonly again?: true;
  /** The reference on the page. Default: the code. */
  readonly shownAs?: ErrorCode;
}

const NOTHING_CHANGED = "Nothing was changed.";
const AGAIN = "Please start again and approve once more.";
const TELL = "Please tell whoever sent you the link, and quote the reference below.";

const LEADS_NOWHERE: RefusalPage = {
  title: "This link leads nowhere",
  says: `It may be mistyped or out of date, or there is nothing for you to approve. ${TELL}`,
};

const REFUSALS: Readonly<Record<CodeAnsweredTo<"merchant">, RefusalPage>> = {
  store_not_declared: LEADS_NOWHERE,
  // The same page: whoever tries links does not learn which stores there are. The log tells them apart.
  store_not_installable: { ...LEADS_NOWHERE, shownAs: "store_not_declared" },
  install_request_malformed: {
    title: "This is not an answer from Shopify",
    says: `${NOTHING_CHANGED} Please start with the link that you were given.`,
  },
  install_state_invalid: {
    title: "Please start again",
    says: [
      `More than ten minutes have passed, the approval was begun in another browser, or Shopify's answer came twice. ${NOTHING_CHANGED}`,
      "If a page before this one said that the store is connected, all is well and you can close this page. If not, please open the link that you were given once more.",
    ],
    again: true,
  },
  install_shop_mismatch: {
    title: "This is another store",
    says: `The approval came from another store than the one that this link is for. ${NOTHING_CHANGED} Please log in to the right store at Shopify, and start again.`,
    again: true,
  },
  callback_signature_invalid: {
    title: "This is not an answer from Shopify",
    says: `Its signature is wrong. ${NOTHING_CHANGED} ${TELL}`,
  },
  callback_stale: {
    title: "This answer is too old",
    says: `${NOTHING_CHANGED} ${AGAIN}`,
    again: true,
  },
  code_unusable: {
    title: "Please approve again",
    says: `This approval has expired, or was used before. ${AGAIN}`,
    again: true,
  },
  code_exchange_lost: {
    title: "Please approve again",
    says: `You approved, but Shopify's answer was lost on its way, and it is sent only once. ${AGAIN}`,
    again: true,
  },
  approval_under_way: {
    title: "Another approval is under way",
    says: `This store is being approved in another window at this moment. This approval was not used. ${NOTHING_CHANGED} The other window says what became of it. If it does not, please wait a minute and start again.`,
    again: true,
  },
  approval_too_soon: {
    title: "This store was approved before",
    says: `That was a short while ago, or several times today, so this approval was not used. ${NOTHING_CHANGED} If you were asked to approve once more, please wait 20 minutes and open the link again.`,
  },
  new_stores_too_many: {
    title: "Please come back a little later",
    says: `More stores than usual are being connected at this moment, so your approval was not used. ${NOTHING_CHANGED} Please open the app again in an hour.`,
  },
  new_stores_closed: {
    title: "This app takes in no new stores now",
    says: `That is how it is set at present, so your approval was not used. ${NOTHING_CHANGED} A store that is connected already stays connected. Please ask whoever offers the app when it takes in stores again.`,
  },
  token_dead: {
    title: "Please approve again",
    says: `Shopify does not accept the access that it has just granted. ${AGAIN}`,
    again: true,
  },
};

const OTHERWISE_STATUS = 502;
const OTHERWISE: RefusalPage = {
  title: "This did not work",
  says: "Something went wrong on our side or at Shopify. Please try again in a few minutes. If it still does not work then, tell whoever sent you the link, and quote the reference below.",
  again: true,
};

function isToMerchant(code: ErrorCode): code is CodeAnsweredTo<"merchant"> {
  return adviceRow(code).answer?.to === "merchant";
}

/** Answers a failure with a short page and one coded log line; what the caller sent stands in neither. */
export function refusalReply(error: unknown, log: Log, cookies: readonly string[] = []): Reply {
  const code: ErrorCode = error instanceof CodedError ? error.code : "unexpected";
  const { answer } = adviceRow(code);
  const refusal = isToMerchant(code) ? REFUSALS[code] : OTHERWISE;
  const status = answer?.to === "merchant" ? answer.status : OTHERWISE_STATUS;
  const store = error instanceof CodedError ? error.facts.store : undefined;
  const fields = { status, store, ...fieldsOfError(error) };
  if (status < 500) log.warn("install.refused", fields);
  else log.error("install.failed", fields);
  const page: Page = {
    mark: "open",
    title: refusal.title,
    says: [refusal.says].flat(),
    reference: refusal.shownAs ?? code,
    ...(refusal.again && store !== undefined
      ? { link: { path: `/install/${store}`, text: "Start again" } }
      : {}),
  };
  return pageReply(status, page, { cookies });
}
