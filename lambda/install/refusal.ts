import { CodedError, type ErrorCode } from "../../contract/errors";
import { fieldsOfError, type Log } from "../log";
import type { Page } from "./page";
import { pageReply, type Reply } from "./reply";

/** What a person reads when something was refused. */
interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly says: string;
  /** Whether the page offers the store's link again. */
  readonly again?: true;
}

const NOTHING_CHANGED = "Nothing was changed.";
const AGAIN = "Please open the link once more.";
const TELL = "Please tell whoever sent you the link, and quote the reference.";

const REFUSALS: Partial<Record<ErrorCode, Refusal>> = {
  store_not_declared: {
    status: 404,
    title: "There is no such link",
    says: `This link leads nowhere. ${TELL}`,
  },
  store_not_installable: {
    status: 404,
    title: "This store needs no approval",
    says: `There is nothing to approve for this store. ${TELL}`,
  },
  install_request_malformed: {
    status: 400,
    title: "This is not an answer from Shopify",
    says: `${NOTHING_CHANGED} Please start with the link that you were given.`,
  },
  install_state_invalid: {
    status: 400,
    title: "Please start again",
    says: `This answer belongs to no approval that was begun in this browser during the last ten minutes. It may also have been used already. ${NOTHING_CHANGED}`,
    again: true,
  },
  install_shop_mismatch: {
    status: 400,
    title: "This is another shop",
    says: `The approval came from another shop than the one that the link is for. ${NOTHING_CHANGED} Please log in to the right shop.`,
    again: true,
  },
  callback_signature_invalid: {
    status: 400,
    title: "This is not an answer from Shopify",
    says: `Its signature is wrong. ${NOTHING_CHANGED} ${TELL}`,
  },
  callback_stale: {
    status: 400,
    title: "This answer is too old",
    says: NOTHING_CHANGED,
    again: true,
  },
  code_unusable: {
    status: 400,
    title: "Please approve again",
    says: `This approval was used before or has expired. ${AGAIN}`,
    again: true,
  },
  code_exchange_lost: {
    status: 502,
    title: "Please approve again",
    says: `You approved, but Shopify's answer was lost on its way to us, and it is sent only once. ${AGAIN}`,
    again: true,
  },
  token_dead: {
    status: 502,
    title: "Please approve again",
    says: `Shopify does not accept the access that it has just granted. ${AGAIN}`,
    again: true,
  },
};

const OTHERWISE: Refusal = {
  status: 502,
  title: "This did not work",
  says: `Something is wrong on our side or at Shopify. Please open the link again in a few minutes. ${TELL}`,
  again: true,
};

/** Answers a failure with a short page and one coded log line; what the caller sent stands in neither. */
export function refuse(error: unknown, log: Log, cookies: readonly string[] = []): Reply {
  const code: ErrorCode = error instanceof CodedError ? error.code : "unexpected";
  const refusal = REFUSALS[code] ?? OTHERWISE;
  const store = error instanceof CodedError ? error.facts.store : undefined;
  const fields = { status: refusal.status, store, ...fieldsOfError(error) };
  if (refusal.status < 500) log.warn("install.refused", fields);
  else log.error("install.failed", fields);
  const page: Page = {
    title: refusal.title,
    says: [refusal.says],
    reference: code,
    ...(refusal.again && store !== undefined
      ? { link: { path: `/install/${store}`, text: "Start again" } }
      : {}),
  };
  return pageReply(refusal.status, page, cookies);
}
