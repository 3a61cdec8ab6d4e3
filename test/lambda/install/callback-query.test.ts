import { createHmac } from "node:crypto";
import fc from "fast-check";
import { CodedError } from "../../../contract/errors";
import { Sealed } from "../../../contract/sealed";
import { epochMs } from "../../../contract/time";
import {
  parseCallbackQuery,
  requireFresh,
  requireSignature,
} from "../../../lambda/install/callback-query";
import { callbackHmac, signedText } from "../../../local/shopify/rules/callback";

const secretOf = (text: string) => ({ secret: Sealed.of(text), version: undefined });
const parse = (query: string) => parseCallbackQuery(Sealed.of(query));

/** The worked example of Shopify's documentation ("Verify the installation request"), its shop filled in. */
const VECTOR =
  "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173";

describe("the signature of Shopify's answer", () => {
  test("the documented vector is accepted", () => {
    const query = parse(VECTOR);
    expect(() => requireSignature(query, [secretOf("hush")])).not.toThrow();
  });

  test("and with another secret it is not", () => {
    expect(() => requireSignature(parse(VECTOR), [secretOf("hus")])).toThrow(
      /^callback_signature_invalid/,
    );
  });

  test("whatever Shopify may add, in either encoding, is covered", () => {
    const extras = fc.dictionary(
      fc.stringMatching(/^x[a-z_]{0,10}$/),
      fc.string({ unit: "grapheme", maxLength: 20 }),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(
        extras,
        fc.constantFrom("percent" as const, "form" as const),
        (more, encoding) => {
          const parameters = { ...more, ...REQUIRED };
          const text = signedText(parameters, encoding);
          const query = parse(`${text}&hmac=${callbackHmac(text, "right")}`);
          expect(() =>
            requireSignature(query, [secretOf("wrong"), secretOf("right")]),
          ).not.toThrow();
          expect(() => requireSignature(query, [secretOf("wrong")])).toThrow(CodedError);
        },
      ),
    );
  });

  test("a changed character anywhere in what is signed breaks it", () => {
    const text = signedText(REQUIRED);
    const hmac = callbackHmac(text, "right");
    for (const [name, value] of Object.entries(REQUIRED)) {
      const changed = signedText({ ...REQUIRED, [name]: value.replace(/[1-9a-b]/, "0") });
      expect(changed).not.toBe(text);
      const query = parse(`${changed}&hmac=${hmac}`);
      expect(() => requireSignature(query, [secretOf("right")])).toThrow(CodedError);
    }
  });

  test("the parameter `signature` of old is not signed", () => {
    const text = signedText(REQUIRED);
    const query = parse(`${text}&signature=old&hmac=${callbackHmac(text, "right")}`);
    expect(() => requireSignature(query, [secretOf("right")])).not.toThrow();
  });
});

const REQUIRED = {
  code: "0907a61c0c8d55e99db179b68161bc00",
  shop: "acme.myshopify.com",
  state: "b1".repeat(10),
  timestamp: "1337178173",
};

describe("what counts as an answer", () => {
  const hmac = createHmac("sha256", "any").update("any").digest("hex");
  const valid = `${new URLSearchParams(REQUIRED)}&hmac=${hmac}`;

  test.each([`${VECTOR}&\ud800=1`, `${VECTOR}&x=\udc00`])(
    "half a character is refused",
    (query) => {
      expect(() => parse(query)).toThrow(/^install_request_malformed/);
    },
  );

  test.each([
    ["nothing", ""],
    ["a parameter without a value sign", `${valid}&host`],
    ["a parameter without a name", `${valid}&=x`],
    ["an empty piece", `${valid}&&locale=de`],
    ["a broken percent escape", `${valid}&host=%zz`],
    ["half a character", `${valid}&host=%c3`],
    ["a parameter twice", `${valid}&locale=de&locale=de`],
    ["a shop twice", `${valid}&shop=acme.myshopify.com`],
    ["a name twice under two encodings", `${valid}&sh%6fp=evil.myshopify.com`],
    ["the signature twice", `${valid}&hmac=${hmac}`],
    [
      "too many parameters",
      `${valid}&${Array.from({ length: 40 }, (_, n) => `p${n}=1`).join("&")}`,
    ],
    ["too long", `${valid}&host=${"a".repeat(5_000)}`],
    ["a list of shops", valid.replace("shop=", "shop[]=")],
  ])("%s does not", (_what, query) => {
    expect(() => parse(query)).toThrow(/^install_request_malformed/);
  });

  test.each(["code", "shop", "state", "timestamp", "hmac"])("one without %s does not", (name) => {
    const query = valid.replace(new RegExp(`(^|&)${name}=[^&]*`), "").replace(/^&/, "");
    expect(() => parse(query)).toThrow(expect.objectContaining({ facts: { field: name } }));
  });

  test.each([
    ["shop", "acme.myshopify.com.evil.example"],
    ["shop", "evil.example/acme.myshopify.com"],
    ["shop", "acme.myshopify.com%0a"],
    ["shop", "Acme.myshopify.com"],
    ["shop", "acme%00.myshopify.com"],
    ["shop", "аcme.myshopify.com"],
    ["timestamp", "1e9"],
    ["timestamp", "-1337178173"],
    ["timestamp", "1337178173.5"],
    ["timestamp", "0x4fb3b1fd"],
    ["hmac", hmac.toUpperCase()],
    ["hmac", hmac.slice(1)],
    ["hmac", `${hmac}0`],
    ["hmac", Buffer.from(hmac, "hex").toString("base64")],
    ["code", "a%20b"],
    ["code", ""],
    ["code", "c".repeat(513)],
  ])("one whose %s is %s does not", (name, value) => {
    const query = valid.replace(new RegExp(`(^|&)${name}=[^&]*`), `$1${name}=${value}`);
    expect(() => parse(query)).toThrow(expect.objectContaining({ facts: { field: name } }));
  });

  test("no text crashes the parser", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webQueryParameters()), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "install_request_malformed" });
        }
      }),
    );
  });
});

describe("the time of an answer", () => {
  const query = parse(VECTOR);
  test.each([-90, 0, 90])("%i seconds away counts", (seconds) => {
    expect(() => requireFresh(query, epochMs((1_337_178_173 + seconds) * 1_000))).not.toThrow();
  });
  test.each([-90_001, 90_001])("%i milliseconds away does not", (milliseconds) => {
    expect(() => requireFresh(query, epochMs(1_337_178_173_000 + milliseconds))).toThrow(
      /^callback_stale/,
    );
  });
});
