import { pastedSays, readPasted } from "../../contract/pasted-secret";
import { BLANKS, PASTED } from "../pasted";

const TOKEN = `shpat_${"0123456789abcdef".repeat(2)}`;
const SECRET = `shpss_${"0123456789abcdef".repeat(2)}`;

describe.each([
  ["access token", TOKEN],
  ["client secret", SECRET],
] as const)("a pasted %s", (wanted, secret) => {
  const read = (text: string) => readPasted(text, wanted);

  test.each(PASTED)("with %s is named for what it is", (_what, wrap, says) => {
    const found = read(wrap(secret));
    if (!("fault" in found)) throw new Error("it was taken");
    expect(pastedSays(found.fault, wanted)).toMatch(says);
  });

  test.each(BLANKS)("with %s around it is taken without", (_what, wrap) => {
    const found = read(wrap(secret));
    expect("secret" in found && found.secret.unseal()).toBe(secret);
  });

  test("is nothing when only blanks are there", () => {
    expect(read(" \r\n\ufeff")).toEqual({ fault: "empty" });
  });

  test("is too long to be one", () => {
    expect(read(secret.repeat(100))).toEqual({ fault: "too_long" });
  });

  test("is opaque otherwise: old ones have no mark", () => {
    for (const text of ["0123456789abcdef0123456789abcdef", "a-new.form_of~secret+1/2"]) {
      expect(read(text)).toHaveProperty("secret");
    }
  });
});

test.each([
  ["shpss_", "client secret (shpss_)"],
  ["shprt_", "refresh token (shprt_)"],
  ["shptka_", "theme access password (shptka_)"],
  ["prtapi_", "token of the Partner API (prtapi_)"],
  ["atkn_", "token of Shopify's CLI (atkn_)"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJ", "session token of the browser"],
])("%s… in an access token's place is another secret by name", (head, name) => {
  const found = readPasted(`${head}${"0".repeat(32)}`, "access token");
  if (!("fault" in found)) throw new Error("it was taken");
  expect(pastedSays(found.fault, "access token")).toContain(name);
});

test.each(["shpat_", "shpca_", "shppa_", "shpua_", "shprt_"])(
  "%s… in a client secret's place is a token",
  (head) => {
    const found = readPasted(`${head}${"0".repeat(32)}`, "client secret");
    if (!("fault" in found)) throw new Error("it was taken");
    expect(pastedSays(found.fault, "client secret")).toContain("token");
  },
);

test("nothing of the text is in the words", () => {
  for (const [, wrap] of PASTED) {
    const found = readPasted(wrap(TOKEN), "access token");
    if ("fault" in found) expect(pastedSays(found.fault, "access token")).not.toContain("0123456");
  }
});
