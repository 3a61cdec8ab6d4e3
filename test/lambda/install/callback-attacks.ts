import { signedText } from "../../../local/shopify/rules/callback";
import { SHOP } from "../stand/store-stand";
import {
  CANARY,
  forged,
  hmacOver,
  OTHER_SECRET,
  OTHER_SHOP,
  parametersOf,
  type Row,
  send,
} from "./attack";

export const BAD_SIGNATURES: readonly Row[] = [
  [
    "another secret",
    send(({ query }) => forged(query, {}, "shpss_guess")),
    "callback_signature_invalid",
    400,
  ],
  [
    "the secret of another declared app",
    send(({ query }) => forged(query, {}, OTHER_SECRET)),
    "callback_signature_invalid",
    400,
  ],
  [
    "an empty secret",
    send(({ query }) => forged(query, {}, "")),
    "callback_signature_invalid",
    400,
  ],
  [
    "a changed code",
    send(({ query }) => query.replace(/code=\w/, "code=f00d")),
    "callback_signature_invalid",
    400,
  ],
  [
    "an added parameter",
    send(({ query }) => `${query}&${CANARY}=1`),
    "callback_signature_invalid",
    400,
  ],
  [
    "a removed parameter",
    send(({ query }) => query.replace(/&?host=[^&]*/, "").replace(/^&/, "")),
    "callback_signature_invalid",
    400,
  ],
  [
    "all zeros",
    send(({ query }) => query.replace(/hmac=\w+/, `hmac=${"0".repeat(64)}`)),
    "callback_signature_invalid",
    400,
  ],
  [
    "none",
    send(({ query }) => query.replace(/&?hmac=\w+/, "").replace(/^&/, "")),
    "install_request_malformed",
    400,
  ],
  [
    "an empty one",
    send(({ query }) => query.replace(/hmac=\w+/, "hmac=")),
    "install_request_malformed",
    400,
  ],
  [
    "upper-case letters",
    send(({ query }) =>
      query.replace(/hmac=(\w+)/, (_all, mac: string) => `hmac=${mac.toUpperCase()}`),
    ),
    "install_request_malformed",
    400,
  ],
  [
    "base64",
    send(({ query }) =>
      query.replace(
        /hmac=(\w+)/,
        (_all, mac: string) =>
          `hmac=${encodeURIComponent(Buffer.from(mac, "hex").toString("base64"))}`,
      ),
    ),
    "install_request_malformed",
    400,
  ],
];

export const WRONG_ENCODINGS: readonly Row[] = [
  [
    "unsorted",
    send(({ query }) =>
      hmacOver(query, (rest) =>
        Object.entries(rest)
          .reverse()
          .map((pair) => pair.join("="))
          .join("&"),
      ),
    ),
    "callback_signature_invalid",
    400,
  ],
  [
    "joined without a sign",
    send(({ query }) =>
      hmacOver(query, (rest) =>
        Object.entries(rest)
          .sort()
          .map((pair) => pair.join("="))
          .join(""),
      ),
    ),
    "callback_signature_invalid",
    400,
  ],
  [
    "as JSON",
    send(({ query }) => hmacOver(query, (rest) => JSON.stringify(rest))),
    "callback_signature_invalid",
    400,
  ],
  [
    "escaped twice",
    send(({ query }) => hmacOver(query, (rest) => encodeURIComponent(signedText(rest)))),
    "callback_signature_invalid",
    400,
  ],
  [
    "values alone",
    send(({ query }) => hmacOver(query, (rest) => Object.values(rest).join("&"))),
    "callback_signature_invalid",
    400,
  ],
];

export const DUPLICATES: readonly Row[] = [
  ["shop", send(({ query }) => `shop=${OTHER_SHOP}&${query}`), "install_request_malformed", 400],
  ["code", send(({ query }) => `${query}&code=${CANARY}`), "install_request_malformed", 400],
  [
    "hmac",
    send(({ query }) => `hmac=${"0".repeat(64)}&${query}`),
    "install_request_malformed",
    400,
  ],
  [
    "state under another encoding",
    send(({ query }) => `%73tate=${CANARY}&${query}`),
    "install_request_malformed",
    400,
  ],
];

export const MOMENTS: readonly Row[] = [
  [
    "91 seconds old",
    async ({ install, visit, query }) => {
      install.world.clock.now += 91_000;
      return await install.callback(query, [visit.cookie]);
    },
    "callback_stale",
    400,
  ],
  [
    "from the future",
    send(({ query }) =>
      forged(query, { timestamp: String(Number(parametersOf(query)["timestamp"]) + 92) }),
    ),
    "callback_stale",
    400,
  ],
  [
    "of another century, in milliseconds",
    send(({ query }) => forged(query, { timestamp: `${parametersOf(query)["timestamp"]}000` })),
    "install_request_malformed",
    400,
  ],
];

export const SHOPS: readonly Row[] = [
  [
    "another shop of the same app",
    send(({ query }) => forged(query, { shop: OTHER_SHOP })),
    "install_shop_mismatch",
    400,
  ],
  [
    "a longer domain",
    send(({ query }) => forged(query, { shop: `${SHOP}.evil.example` })),
    "install_request_malformed",
    400,
  ],
  [
    "a domain in front",
    send(({ query }) => forged(query, { shop: `evil.example/${SHOP}` })),
    "install_request_malformed",
    400,
  ],
  [
    "a user name",
    send(({ query }) => forged(query, { shop: `${SHOP}@evil.example` })),
    "install_request_malformed",
    400,
  ],
  [
    "a port",
    send(({ query }) => forged(query, { shop: `${SHOP}:8443` })),
    "install_request_malformed",
    400,
  ],
  [
    "a line break",
    send(({ query }) => forged(query, { shop: `${SHOP}\nx` })),
    "install_request_malformed",
    400,
  ],
  [
    "a dot instead of a hyphen",
    send(({ query }) => forged(query, { shop: "ac.me.myshopify.com" })),
    "install_request_malformed",
    400,
  ],
  [
    "a look-alike letter",
    send(({ query }) => forged(query, { shop: "аcme.myshopify.com" })),
    "install_request_malformed",
    400,
  ],
  [
    "a look-alike domain",
    send(({ query }) => forged(query, { shop: "acme.myshopify.com.co" })),
    "install_request_malformed",
    400,
  ],
  [
    "markup",
    send(({ query }) => forged(query, { shop: `<script>${CANARY}</script>` })),
    "install_request_malformed",
    400,
  ],
];

export const SIZES: readonly Row[] = [
  [
    "a query of 100 kB",
    send(({ query }) => `${query}&x=${"a".repeat(100_000)}`),
    "install_request_malformed",
    400,
  ],
  [
    "a thousand parameters",
    send(
      ({ query }) => `${query}&${Array.from({ length: 1_000 }, (_, at) => `p${at}=1`).join("&")}`,
    ),
    "install_request_malformed",
    400,
  ],
  ["nothing", send(() => ""), "install_request_malformed", 400],
  ["broken escapes", send(({ query }) => `${query}&x=%E0%A4%A`), "install_request_malformed", 400],
  [
    "a null character in the code",
    send(({ query }) => forged(query, { code: "a\u0000b" })),
    "install_request_malformed",
    400,
  ],
  [
    "a code of 10 kB",
    send(({ query }) => forged(query, { code: "c".repeat(3_000) })),
    "install_request_malformed",
    400,
  ],
];
