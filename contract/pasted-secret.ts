import { Sealed } from "./sealed";

/** What somebody was asked to paste. */
export type WantedSecret = "access token" | "client secret";

/** A secret alone, or why the text is none; never a word of the text. */
export type PastedReading = { readonly secret: Sealed<string> } | { readonly fault: PastedFault };

/** What a pasted text is instead of a secret alone, in words that follow a name for it. */
const WRAPPINGS = {
  empty: "is empty",
  too_long: "is longer than any secret of Shopify's: give the secret alone",
  utf16: "is UTF-16, as the > of Windows PowerShell writes it: save it as ASCII or UTF-8",
  terminal_marks: "holds a terminal's marks around what was pasted: type it, or give it by a file",
  invisible:
    "holds an invisible character, as copying from a web page brings: copy it with the button beside it, or type it",
  several_lines: "holds several lines: give the secret alone",
  json: "is JSON: give the value alone, without its name and quotes",
  placeholder: "is a placeholder: put the secret itself there",
  variable: "is a variable that nobody filled in: put the secret itself there",
  address: "is an address: put the secret itself there",
  masked: "is masked: reveal it where you copied it, and copy it whole",
  assignment: "is a whole line NAME=value: give what stands after the = alone, without quotes",
  header: "is a whole line NAME: value: give what stands after the colon alone",
  bearer: "begins with Bearer: give what stands after it alone",
  quoted: "is in quotes: give it without them",
  base64: "is encoded as base64: decode it first",
  white_space: "holds white space within: copy it once more",
  not_ascii: "holds a character outside ASCII: copy it once more",
  odd: "holds a character that no secret of Shopify's has: give the secret alone",
} as const;

const TOKEN_WANTED = "install the app and copy its Admin API access token";
const SECRET_WANTED = "copy it from the app's settings";

/** Secrets of another kind, by how they begin. */
const OTHERS = {
  client_secret: { mark: /^shpss_/, name: "client secret (shpss_)" },
  refresh_token: { mark: /^shprt_/, name: "refresh token (shprt_)" },
  theme_password: { mark: /^shptka_/, name: "theme access password (shptka_)" },
  partner_token: { mark: /^prtapi_/, name: "token of the Partner API (prtapi_)" },
  cli_token: { mark: /^atkn_/, name: "token of Shopify's CLI (atkn_)" },
  session_token: { mark: /^eyJ[\w-]+\./, name: "session token of the browser" },
  access_token: { mark: /^shp(?:at|ca|pa|ua)_/, name: "access token" },
} as const;

type OtherSecret = keyof typeof OTHERS;

export type PastedFault = keyof typeof WRAPPINGS | OtherSecret;

/**
 * Reads a secret that a person pasted, typed or piped; blanks, line ends and a byte order mark around it are
 * not part of it.
 *
 * Secrets of Shopify's are opaque, and old ones have no mark: only what no secret can be is refused.
 */
export function readPasted(text: string, wanted: WantedSecret): PastedReading {
  const bare = text.trim();
  const fault = wrappingOf(bare) ?? otherSecretIn(bare, wanted);
  return fault === undefined ? { secret: Sealed.of(bare) } : { fault };
}

/** What is wrong, in words that follow a name for what was pasted, such as `the input`. */
export function pastedSays(fault: PastedFault, wanted: WantedSecret): string {
  if (!isOther(fault)) return WRAPPINGS[fault];
  const { name } = OTHERS[fault];
  return wanted === "access token"
    ? `holds ${withArticle(name)}, and an access token belongs here: ${TOKEN_WANTED}`
    : `holds ${withArticle(name)}, and a client secret belongs here: ${SECRET_WANTED}`;
}

function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

function isOther(fault: PastedFault): fault is OtherSecret {
  return Object.hasOwn(OTHERS, fault);
}

const QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb";

/** The first that fits is what is said, so the more telling stand first. */
const SIGNS: readonly (readonly [PastedFault, RegExp])[] = [
  ["empty", /^$/],
  ["utf16", /\0|^\uFFFD{2}/],
  ["terminal_marks", /\p{Cc}\[20[01]~/u],
  ["json", /^[[{].*[\]}]$/s],
  ["several_lines", /[\r\n]/],
  ["invisible", /[\p{Cc}\p{Cf}]/u],
  ["placeholder", /^<.*>$/],
  ["variable", /^\$|^%\w+%$|^\{\{/],
  ["address", /^[a-z]+:\/\/|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.myshopify\.com/i],
  ["masked", /[*\u2022\u25cf\u00b7\u2026]|\.{3}|x{4,}$/i],
  ["base64", /^(?:c2hw|InNoc)[A-Za-z0-9+/]+=*$/],
  ["assignment", /^(?:(?:export|set) +)?[$\w.-]+ *=/i],
  ["header", /^[\w-]+ *:/],
  ["bearer", /^bearer\s/i],
  ["quoted", new RegExp(`^[${QUOTES}]|[${QUOTES}][,;]?$`)],
  ["white_space", /\s/],
  ["not_ascii", /[^\x21-\x7e]/],
  // The characters of a bearer token (RFC 6750, section 2.1), without the padding of base64.
  ["odd", /[^A-Za-z0-9._~+/-]/],
];

/** In characters; the longest that is told by its name, a session token, has some 600. */
const LONGEST = 2_048;

function wrappingOf(bare: string): PastedFault | undefined {
  if (bare.length > LONGEST) return "too_long";
  return SIGNS.find(([, sign]) => sign.test(bare))?.[0];
}

function otherSecretIn(bare: string, wanted: WantedSecret): PastedFault | undefined {
  const own = wanted === "access token" ? "access_token" : "client_secret";
  const others = Object.keys(OTHERS) as OtherSecret[];
  return others.find((other) => other !== own && OTHERS[other].mark.test(bare));
}
