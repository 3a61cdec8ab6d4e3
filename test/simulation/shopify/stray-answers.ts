import {
  htmlAnswer,
  type ImitationReply,
  jsonAnswer,
  redirectAnswer,
} from "../../../local/shopify/protocol";
import {
  deadTokenAnswer,
  forbiddenAnswer,
  GRAPHQL_ERROR_CODES,
  graphqlErrorAnswer,
  noSuchShopAnswer,
  statusAnswer,
} from "../../../local/shopify/rules/admin-refusals";

const oauth = (status: number, error: string, error_description: string): ImitationReply =>
  jsonAnswer(status, { error, error_description });

/** Answers that come from the edge in front of Shopify, whatever was asked. */
const ANYWHERE = {
  "302": () => redirectAnswer("https://elsewhere.myshopify.com/password"),
  "402": () => statusAnswer(402),
  "403 flagged": () => forbiddenAnswer("flagged-shop"),
  "403 address": () => forbiddenAnswer("address-not-allowed"),
  "404": () => statusAnswer(404),
  "404 page": () => noSuchShopAnswer(),
  "423": () => statusAnswer(423),
  "429": () => statusAnswer(429),
  "430": () => statusAnswer(430),
  "500": () => statusAnswer(500),
  "502": () => statusAnswer(502),
  "503": () => statusAnswer(503),
  "504": () => statusAnswer(504),
  "520": () => statusAnswer(520),
  "200 page": () => htmlAnswer(200, { title: "Shopify", content: "<h1>Be right back</h1>" }),
  "200 cut off": () => ({ ...jsonAnswer(200, {}), body: '{"access_token":"shpa' }),
  "200 empty": () => jsonAnswer(200, {}),
} as const satisfies Record<string, () => ImitationReply>;

/** Refusals of the token endpoint. */
const TOKEN_ENDPOINT = {
  "401 refresh token": () =>
    oauth(401, "invalid_request", "This request requires an active refresh_token"),
  "400 invalid_grant": () =>
    oauth(400, "invalid_grant", "This request requires an active refresh_token"),
  "401 invalid_client": () => oauth(401, "invalid_client", "Missing or invalid client secret"),
  "400 client secret": () => oauth(400, "invalid_request", "Missing or invalid client secret"),
  "400 app_not_installed": () =>
    oauth(400, "app_not_installed", "The application is not installed on this shop"),
  "400 shop_not_permitted": () =>
    oauth(400, "shop_not_permitted", "Client credentials cannot be performed on this shop."),
  "400 application_cannot_be_found": () =>
    oauth(400, "application_cannot_be_found", "The application could not be found"),
  "400 unknown": () => oauth(400, "something_new", "Something new"),
} as const satisfies Record<string, () => ImitationReply>;

/** Refusals of the Admin API. */
const ADMIN_API: Readonly<Record<string, () => ImitationReply>> = {
  "401 token": () => deadTokenAnswer(),
  "403 scope": () => forbiddenAnswer("missing-scope"),
  "403 non-expiring": () => forbiddenAnswer("non-expiring-token"),
  ...Object.fromEntries(
    GRAPHQL_ERROR_CODES.map((code) => [`graphql ${code}`, () => graphqlErrorAnswer(code)]),
  ),
};

const STRAY_ANSWERS: Readonly<Record<string, () => ImitationReply>> = {
  ...ANYWHERE,
  ...TOKEN_ENDPOINT,
  ...ADMIN_API,
};

export const TOKEN_ENDPOINT_ANSWERS = [...Object.keys(ANYWHERE), ...Object.keys(TOKEN_ENDPOINT)];
export const ADMIN_API_ANSWERS = [...Object.keys(ANYWHERE), ...Object.keys(ADMIN_API)];

/** What Shopify answers in place of the truth. */
export function strayAnswer(name: string): ImitationReply {
  const make = STRAY_ANSWERS[name];
  if (make === undefined) throw new Error(`there is no stray answer ${name}`);
  return make();
}
