import type { Mistake } from "./mistake";

const caughtBy = (...titles: string[]): Mistake["caughtBy"] => ({
  file: "test/security/canary.test.ts",
  titles,
});

const ANY_FAULT = "lets no secret out, whichever call goes wrong in whichever way";

/** Wrong versions that let a secret out, one for each place where it can leave. */
export const LEAK_MISTAKES: readonly Mistake[] = [
  {
    name: "leak: the message of an unforeseen error is logged",
    of: "product",
    patches: [
      {
        file: "lambda/log.ts",
        search: "const thrown = isError ? shownName(error) : typeof error;",
        replace: "const thrown = String(error);",
      },
    ],
    caughtBy: caughtBy("an error that nobody foresaw shows its class"),
  },
  {
    name: "leak: the whole stack of an unforeseen error is logged, its message with it",
    of: "product",
    patches: [
      {
        file: "lambda/log.ts",
        search: "at: isError ? placesOf(error) : undefined",
        replace: "at: isError ? error.stack : undefined",
      },
    ],
    caughtBy: caughtBy("an error that nobody foresaw shows its class"),
  },
  {
    name: "leak: a new token is logged",
    of: "product",
    patches: [
      {
        file: "lambda/engine/renew.ts",
        search: "    version_id: versionId,\n    outcome,\n    checked,\n    ...facts(),",
        replace:
          "    version_id: renewal.record.accessToken.unseal(),\n    outcome,\n    checked,\n    ...facts(),",
      },
    ],
    caughtBy: caughtBy("a renewal of a pair", ANY_FAULT),
  },
  {
    name: "leak: what an app's key signed is named in the log",
    of: "product",
    patches: [
      {
        file: "lambda/engine/obtain.ts",
        search:
          "request: () => tokenRequestOf(store, using, { clock, signer: signer.under(deadline) }),",
        replace: `request: async () => {
        const made = await tokenRequestOf(store, using, { clock, signer: signer.under(deadline) });
        deps.log.info("shopify.asked", { code: (made.body["client_assertion"] as any)?.unseal() });
        return made;
      },`,
      },
    ],
    caughtBy: caughtBy("an app that signs", "shows no assertion and no signature"),
  },
  {
    name: "leak: the result of an enrolment holds the token in base64",
    of: "product",
    patches: [
      {
        file: "lambda/enrol/enrol.ts",
        search: "    scope: encodeScopes(record.scopes),",
        replace: '    scope: Buffer.from(record.accessToken.unseal()).toString("base64"),',
      },
    ],
    caughtBy: caughtBy("an enrolment", ANY_FAULT),
  },
  {
    name: "leak: a refusal of Shopify is shown as it came",
    of: "product",
    patches: [
      {
        file: "lambda/shopify/token-reply.ts",
        search: "function oauthErrorOf(reply: ShopifyReply): string | undefined {",
        replace:
          "function oauthErrorOf(reply: ShopifyReply): string | undefined {\n  if (reply.status > 0) return reply.body.unseal();",
      },
    ],
    caughtBy: caughtBy("refusals of Shopify that repeat the client secret stay at home"),
  },
  {
    name: "leak: a broken rotation event is named with its token",
    of: "product",
    patches: [
      {
        file: "lambda/rotate/event.ts",
        search: '{ field: "Step" }',
        replace: "{ field: String(RotationToken) }",
      },
    ],
    caughtBy: caughtBy("the rotation token of Secrets Manager goes back to it, and nowhere else"),
  },
  {
    name: "leak: an installation logs its code",
    of: "product",
    patches: [
      {
        file: "lambda/install/callback.ts",
        search: "const log = deps.log.with({ store: key,",
        replace: "const log = deps.log.with({ code: query.code.unseal(), store: key,",
      },
    ],
    caughtBy: caughtBy("an installation: the code, the state, the pair and the webhooks"),
  },
  {
    name: "leak: a token becomes a tag",
    of: "product",
    patches: [
      {
        file: "lambda/install/install.ts",
        search: "{ missingScopes: check.missing }",
        replace: "{ missingScopes: [record.accessToken.unseal(), ...check.missing] }",
      },
    ],
    caughtBy: caughtBy("an installation: the code, the state, the pair and the webhooks"),
  },
  {
    name: "leak: a webhook is logged with its body",
    of: "product",
    patches: [
      {
        file: "lambda/install/webhooks.ts",
        search: "const log = deps.log.with({ topic,",
        replace: "const log = deps.log.with({ body: String(delivery.body), topic,",
      },
    ],
    caughtBy: caughtBy("an installation: the code, the state, the pair and the webhooks"),
  },
  {
    name: "leak: the command repeats the token that it was given",
    of: "product",
    patches: [
      {
        file: "cli/commands/put.ts",
        search: "const token = await readToken(call, seen);",
        replace: "const token = await readToken(call, seen);\n    host.err.write(token.unseal());",
      },
    ],
    caughtBy: caughtBy("the operator's command shows no token, but to the program that it starts"),
  },
  {
    name: "leak: an event of the reader holds the token",
    of: "product",
    patches: [
      {
        file: "reader/token-cache.ts",
        search: "versionId: answer.token.versionId });",
        replace: "versionId: answer.token.accessToken.unseal() });",
      },
    ],
    caughtBy: caughtBy("the reader: its events, its errors, itself"),
  },
];
