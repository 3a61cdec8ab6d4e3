import { createPublicKey } from "node:crypto";
import { type AppKey, isAppKey, type KeyArn, keyIdOf } from "../../contract/brands";
import { plural } from "../../contract/plural";
import { isoOf } from "../../contract/time";
import type { PublicKey } from "../aws/ports";
import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { signingKeyArnsOf } from "../fleet/signing-keys";
import { jsonText, writeResult } from "../print/json";
import { shownWord } from "../print/shown-word";
import { Refusal, usageError } from "../refusal";

const STATUS = "shopify-secrets status --json";

/** `public-key`: what is pasted at Shopify for an app that signs. */
export const publicKey: Command = {
  name: "public-key",
  usage: "<app>",
  takes: "one app",
  summary: "print the public key of an app that signs, as a JWK to paste at Shopify",
  judge({ words: [word] }) {
    if (!isAppKey(word)) throw usageError(`${shownWord(word ?? "")} is no key of an app`, STATUS);
  },
  async run(call) {
    const app = call.words[0] as AppKey;
    const keyArns = await signingKeyArnsOf(call, app);
    const port = await call.aws.keys();
    const keys = await Promise.all(
      keyArns.map(async (keyArn) => shownKey(app, keyArn, await port.publicKeyOf(keyArn))),
    );
    const texts = keys.map(({ jwk }) => jsonText(jwk)).join("");
    writeResult(call, { app, keys }, () => texts);
    if (!call.json) call.host.err.write(notesOn(app, keyArns));
    return EXIT.well;
  },
};

/** RFC 7517: the members that Shopify's tutorial has, with the name by which assertions call the key. */
function shownKey(app: AppKey, keyArn: KeyArn, { spki, createdAt }: PublicKey) {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  const kid = keyIdOf(keyArn);
  const { kty, n, e } = key.export({ format: "jwk" });
  // A key of one's own may be of any kind, and what is pasted of it is only found wanting at Shopify.
  if (kty !== "RSA") {
    throw new Refusal(
      `the key ${keyArn} is of ${kty}, and apps sign with RSA_3072`,
      `name another in shopify-secrets:apps.${app}.signingKeys, then pulumi up --continue-on-error`,
    );
  }
  return {
    key_arn: keyArn,
    kid,
    created_at: createdAt === undefined ? null : isoOf(createdAt),
    jwk: { kty, n, e, kid, use: "sig", alg: "RS256" },
  };
}

function notesOn(app: AppKey, keyArns: readonly KeyArn[]): string {
  const what = keyArns.length === 1 ? "it" : `each of the ${plural(keyArns.length, "key")}`;
  return `Paste ${what} in the Dev Dashboard, the app's settings, where its keys are. The stores of app ${app} that have the app get their tokens within ten minutes: shopify-secrets status\n`;
}
