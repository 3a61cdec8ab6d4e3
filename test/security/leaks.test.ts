import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { Sealed } from "../../contract/sealed";
import { Canaries } from "./leaks";

const SECRET = "shpat_canary/ü+0123456789abcdef";

const canaries = new Canaries();
canaries.add("the token", SECRET);

const base64 = (value: string | Buffer) => Buffer.from(value).toString("base64");
const digest = (hash: string) => createHash(hash).update(SECRET).digest();

/** Leaks as they happen, each planted in a longer text. */
const LEAKS: Readonly<Record<string, string>> = {
  plain: `{"token":"${SECRET}"}`,
  "its end only": `…${SECRET.slice(-14)}`,
  "its beginning only": `${SECRET.slice(0, -4)}…`,
  "upper case": SECRET.toUpperCase(),
  "URL-encoded": `?token=${encodeURIComponent(SECRET)}&x=1`,
  hex: Buffer.from(SECRET).toString("hex"),
  base64: base64(SECRET),
  "base64 inside a longer text, one byte in": base64(`x${SECRET}yz`),
  "base64 inside a longer text, two bytes in": base64(`ab${SECRET}yz`),
  base64url: Buffer.from(SECRET).toString("base64url"),
  "MD5, hex": digest("md5").toString("hex"),
  "SHA-1, base64": base64(digest("sha1")),
  "SHA-256, upper-case hex": digest("sha256").toString("hex").toUpperCase(),
  "SHA-256, base64url": digest("sha256").toString("base64url"),
  "base64 of a SHA-256 in hex": base64(digest("sha256").toString("hex")),
  "the cause of an error": inspect(
    new Error("it failed", { cause: new Error("it was refused", { cause: `sent ${SECRET}` }) }),
    { depth: Number.POSITIVE_INFINITY },
  ),
};

test.each(Object.entries(LEAKS))("a planted leak is found: %s", (_how, text) => {
  expect(canaries.findIn(`before ${text} after`)).not.toEqual([]);
});

test.each([
  ["a sealed value", inspect({ token: Sealed.of(SECRET) }, { depth: Number.POSITIVE_INFINITY })],
  ["a salted digest", createHash("sha256").update(`salt${SECRET}`).digest("hex")],
  ["the head that every token has", "shpat_"],
])("%s is no leak", (_what, text) => {
  expect(canaries.findIn(text)).toEqual([]);
});
