import { createHmac } from "node:crypto";
import fc from "fast-check";
import { SHOP } from "../lambda/stand/store-stand";

/** What is put in the place of a part of a request. */
const SPLINTERS = [
  ..."%&=+'\"é/\\@:# ",
  "\u0000",
  "%00",
  "%0d%0a",
  "<script>",
  "%C0%AF",
  "..",
  "[]",
  "__proto__",
  "%20",
  "%2B",
  "A",
  "0",
];

const MORE_PARAMETERS = [
  "shop",
  "code",
  "state",
  "timestamp",
  "hmac",
  "host",
  "signature",
  "x",
  "%73hop",
  "__proto__",
  "constructor",
];

const MORE_VALUES = ["", SHOP, "evil.myshopify.com", "1", "<script>alert(1)</script>"];

/** Domains that look like the store's to a careless check. */
export const LOOK_ALIKES: readonly string[] = [
  "evil.myshopify.com",
  "acme.myshopify.com.evil.com",
  "ACME.myshopify.com",
  "acme.myshopify.com.",
  "acme.myshopify.com:443",
  "acme.myshopify.com@evil.com",
  "user@acme.myshopify.com",
  "acme.myshopify.com/",
  "acme.myshopify.com#",
  "acme.myshopify.com?x",
  "acme.myshopify.com%0d%0aX: y",
  "acme.myshopify.com\r\nx",
  "acme.myshopify.com\n",
  "\nacme.myshopify.com",
  "xn--cme-7ka.myshopify.com",
  "\u0430cme.myshopify.com",
  "acme\u3002myshopify\u3002com",
  "acme.myshopify.co",
  "acmemyshopify.com",
  "acme-.myshopify.com",
  "-acme.myshopify.com",
  "a.acme.myshopify.com",
  "*.myshopify.com",
  "127.0.0.1",
  "[::1]",
  "localhost",
  "169.254.169.254",
  `${"a".repeat(300)}.myshopify.com`,
  "admin.shopify.com/store/acme",
  "https://acme.myshopify.com",
  "acme.myshopify.com\u0000",
  "acme.myshopify.com%00",
  "\uff41cme.myshopify.com",
  "acme.my\u00adshopify.com",
  "acme\u200b.myshopify.com",
];

/** Stores that an install link cannot mean. */
export const ODD_STORES: readonly string[] = [
  ...LOOK_ALIKES,
  "<script>alert(1)</script>",
  "%3Cscript%3E",
  "../../apps/erp",
  "..%2f..%2fapps%2ferp/credential",
  "acme/token",
  "acme\u0000",
  "ACME",
  "acme ",
  "constructor",
  "a'b",
  '"><img onerror=x>',
  "a".repeat(10_000),
  "$" + "{jndi:ldap://x}",
  "acme\r\nSet-Cookie: x",
];

/** Host names that no gateway of ours has. */
export const ODD_HOSTS: readonly unknown[] = [
  "evil.example/",
  "a@b.c",
  "evil..example",
  "",
  undefined,
  null,
  5,
  {},
  `${"x".repeat(254)}.a`,
  "evil.example\r\nx",
];

/** A change of a text at one place: something else stands for up to two characters there. */
export interface Cut {
  readonly at: number;
  readonly length: number;
  readonly splinter: string;
}

export const cutOf = (splinters: readonly string[] = SPLINTERS): fc.Arbitrary<Cut> =>
  fc.record({
    at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    length: fc.nat({ max: 2 }),
    splinter: fc.constantFrom(...splinters),
  });

export function applyCut(text: string, { at, length, splinter }: Cut): string {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + splinter + text.slice(from + length);
}

/** A valid answer of Shopify with one thing wrong: cut, or with one parameter more. */
export const spoiling: fc.Arbitrary<(query: string) => string> = fc.oneof(
  { weight: 6, arbitrary: cutOf().map((cut) => (query: string) => applyCut(query, cut)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...MORE_PARAMETERS), fc.constantFrom(...MORE_VALUES)).map(
      ([name, value]) =>
        (query: string) =>
          `${query}&${name}=${value}`,
    ),
  },
);

const COOKIE_SPLINTERS = ["", ".", "a", "B", "-", "_", "=", ";", "\n", "%2e", "0", "v2", " "];

/** A visit's cookie with one thing wrong, alone or among others; undefined: the cut changed nothing. */
export const spoilingCookies: fc.Arbitrary<(cookie: string) => readonly string[] | undefined> = fc
  .tuple(cutOf(COOKIE_SPLINTERS), fc.nat({ max: 8 }))
  .map(([cut, form]) => (cookie: string) => {
    const spoilt = applyCut(cookie, { ...cut, length: Math.min(cut.length, 1) });
    if (spoilt === cookie) return undefined;
    const forms: readonly (readonly string[])[] = [
      [spoilt],
      [spoilt, spoilt],
      ["a=b", spoilt],
      [`x${spoilt}`],
      [spoilt.toUpperCase()],
      [],
      [cookie.replace("__Host-", "")],
      [cookie.replace("__Host-", "__host-")],
      [`${cookie.split("=")[0]}=evil`, cookie],
    ];
    return forms[form];
  });

/** A raw query whose signature is right, over the text as it stands. */
export function signedQuery(pairs: readonly (readonly [string, string])[], secret: string): string {
  const text = (ordered: typeof pairs) =>
    ordered
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join("&");
  const sorted = [...pairs].sort(([one], [other]) => (one < other ? -1 : 1));
  const hmac = createHmac("sha256", secret).update(text(sorted)).digest("hex");
  return `${text(pairs)}&hmac=${hmac}`;
}

/** Events that no gateway sends. */
export const NO_EVENTS: readonly unknown[] = [
  undefined,
  null,
  0,
  "",
  "x",
  [],
  [1],
  {},
  { version: "1.0" },
  { version: "2.0" },
  { version: "2.0", routeKey: "POST /callback" },
  { version: "2.0", routeKey: "DELETE /webhooks" },
  { version: "2.0", routeKey: "$default" },
  { version: "2.0", routeKey: "get /callback" },
  { version: "2.0", routeKey: ["GET /callback"] },
  JSON.parse('{"__proto__":{"version":"2.0"},"constructor":{"prototype":{"polluted":1}}}'),
];

/** Values of another type or size than the gateway's, by field. */
export const ODD_FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  pathParameters: [null, [], "x", { store: ["acme"] }, { store: { toString: "x" } }],
  rawQueryString: [null, [], {}, 5, "x".repeat(1_000_000)],
  cookies: [
    null,
    {},
    "x",
    [null, 5, {}],
    ["x".repeat(1_000_000)],
    Array.from({ length: 5_000 }, () => "a=b"),
  ],
  headers: [null, [], "x", { "x-shopify-topic": ["a"] }, { "X-Shopify-Topic": null }],
  body: [null, {}, [], 5, "x".repeat(6_000_000)],
  isBase64Encoded: ["true", 1, {}],
};

export const ODD_TOPICS: readonly string[] = [
  "app/uninstalled",
  "app/scopes_update",
  "orders/create",
  "APP/UNINSTALLED",
  "app/uninstalled\n",
  "constructor/x",
  "__proto__/a",
  "app/",
  "",
  "a/b/c",
  "app%2funinstalled",
];

export const ODD_BODIES: readonly unknown[] = [
  { myshopify_domain: SHOP },
  { myshopify_domain: "evil.myshopify.com" },
  {},
  "null",
  "[]",
  "5",
  '"x"',
  "{",
  '{"__proto__":{"myshopify_domain":"acme.myshopify.com"}}',
  `{"myshopify_domain":"evil.myshopify.com","myshopify_domain":"${SHOP}"}`,
  "\ufeff{}",
  `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  "x".repeat(262_145),
];

export const ODD_SIGNATURES: readonly string[] = [
  "",
  "x",
  "A".repeat(44),
  `${"A".repeat(43)}=`,
  "=".repeat(44),
  `${"A".repeat(43)}=,${"A".repeat(43)}=`,
  "deadbeef".repeat(8),
  `${"A".repeat(42)}==`,
  `${"é".repeat(43)}=`,
];
