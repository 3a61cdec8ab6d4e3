import { type Answer, htmlAnswer, jsonAnswer, textAnswer } from "../protocol";

const DEFAULT_RETRY_AFTER_SECONDS = "2.0";

/** The causes that share status 403, with the answer for each; the words about networks and countries are likely ones, none is published. */
export const FORBIDDEN = {
  "missing-scope": "[API] This action requires merchant approval for the required scope.",
  "address-not-allowed":
    "[API] The source IP address of this request is not on the app's IP allowlist.",
  "network-not-allowed": "[API] Requests from this ASN are not permitted for this app.",
  "country-not-allowed": "[API] Requests from this country are not permitted for this app.",
  "non-expiring-token":
    "[API] Non-expiring access tokens are no longer accepted for the Admin API. Start using expiring offline tokens.",
  "flagged-shop": "[API] Access to this shop is forbidden.",
} as const;

export type ForbiddenCause = keyof typeof FORBIDDEN;
export const FORBIDDEN_CAUSES = Object.keys(FORBIDDEN) as ForbiddenCause[];

export const forbiddenAnswer = (cause: ForbiddenCause): Answer =>
  jsonAnswer(403, { errors: FORBIDDEN[cause] });

/** The only answer that condemns a token. */
export const deadTokenAnswer = (): Answer =>
  jsonAnswer(401, {
    errors: "[API] Invalid API key or access token (unrecognized login or wrong password)",
  });

export const notFoundAnswer = (): Answer => jsonAnswer(404, { errors: "Not Found" });

export const noSuchShopAnswer = (): Answer =>
  htmlAnswer(404, { title: "Store unavailable", content: "<h1>Store unavailable</h1>" });

export const frozenShopAnswer = (): Answer => jsonAnswer(402, { errors: "Unavailable Shop" });

export const lockedShopAnswer = (): Answer => jsonAnswer(423, { errors: "Locked" });

/** An answer by status alone, as an outage, a throttle or a gateway gives it; 429 and 430 say when to come back. */
export function statusAnswer(status: number, retryAfterSeconds?: string): Answer {
  const isThrottle = status === 429 || status === 430;
  const retryAfter = retryAfterSeconds ?? (isThrottle ? DEFAULT_RETRY_AFTER_SECONDS : undefined);
  const answer = bareStatusAnswer(status);
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}

function bareStatusAnswer(status: number): Answer {
  switch (status) {
    case 401:
      return deadTokenAnswer();
    case 402:
      return frozenShopAnswer();
    case 404:
      return notFoundAnswer();
    case 423:
      return lockedShopAnswer();
    case 429:
      return jsonAnswer(429, { errors: "Exceeded 2 calls per second for api client." });
    case 430:
      return htmlAnswer(430, { title: "Shopify Security Rejection", content: "" });
    case 520:
      return textAnswer(520, "error code: 520");
    default:
      return htmlAnswer(status, {
        title: `${status} - Something went wrong`,
        content: "<h1>Something went wrong.</h1>",
      });
  }
}

/**
 * The errors that GraphQL tells in a body of status 200, with their words.
 *
 * Source: Shopify's "GraphQL Admin API: status and error codes". `INTERNAL_SERVER_ERROR` comes instead of
 * status 500 in most cases. `CODE_OF_TOMORROW` stands for one that nobody knows yet.
 */
export const GRAPHQL_ERRORS = {
  THROTTLED: "Throttled",
  ACCESS_DENIED: "Access denied for the field.",
  INTERNAL_SERVER_ERROR: "Internal error. Looks like something went wrong on our end.",
  TIMEOUT: "Timeout",
  MAX_COST_EXCEEDED: "Query cost is 1003, which exceeds the single query max cost limit (1000).",
  SHOP_INACTIVE: "The shop is not active.",
  CODE_OF_TOMORROW: "Something that is not documented yet.",
} as const;

export type GraphqlErrorCode = keyof typeof GRAPHQL_ERRORS;
export const GRAPHQL_ERROR_CODES = Object.keys(GRAPHQL_ERRORS) as GraphqlErrorCode[];

/** GraphQL answers 200 and tells in the body. */
export function graphqlErrorAnswer(code: GraphqlErrorCode): Answer {
  return jsonAnswer(200, { errors: [{ message: GRAPHQL_ERRORS[code], extensions: { code } }] });
}
