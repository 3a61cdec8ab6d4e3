import type { StoreKey } from "../../../contract/brands";
import type { Notice } from "../../../contract/notice";
import { createPublish } from "../../../lambda/sweep/publish";
import { Invocation } from "../stand/stand";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:notices";
const deadline = new Invocation();
const NOTICE: Notice = {
  turn: "worse",
  store: "acme" as StoreKey,
  state: "dead",
  code: "token_dead",
  owner: "operator",
  subject: "[shopify-secrets] acme: dead (token_dead)",
  message: [
    "Store acme (acme.myshopify.com) of shopify/prod: now dead.",
    "token_dead: says what. Next: shopify-secrets put acme",
    "Look: shopify-secrets status",
  ].join("\n"),
};

test("a notice is published as a person reads it and as chat applications do, over one client", async () => {
  const sent: { Message: string }[] = [];
  let clients = 0;
  const publish = createPublish(TOPIC, () => {
    clients += 1;
    const send = async (command: { input: { Message: string } }) => void sent.push(command.input);
    return { send } as never;
  });
  expect(clients).toBe(0);
  await publish(NOTICE, deadline);
  await publish(NOTICE, deadline);
  expect(clients).toBe(1);
  expect(sent).toHaveLength(2);
  expect(sent[0]).toMatchObject({
    TopicArn: TOPIC,
    Subject: NOTICE.subject,
    MessageStructure: "json",
  });
  const forms = JSON.parse(sent[0]?.Message ?? "") as { default: string; https: string };
  expect(Object.keys(forms).sort()).toEqual(["default", "https"]);
  expect(forms.default).toBe(NOTICE.message);
  expect(JSON.parse(forms.https)).toEqual({
    version: "1.0",
    source: "custom",
    content: {
      textType: "client-markdown",
      title: ":warning: acme: dead (token_dead)",
      description: "Store acme (acme.myshopify.com) of shopify/prod: now dead.",
      nextSteps: [
        "token_dead: says what. Next: shopify-secrets put acme",
        "Look: shopify-secrets status",
      ],
      keywords: ["acme", "dead", "token_dead"],
    },
    metadata: {
      threadId: "shopify-secrets acme",
      summary: "acme: dead (token_dead)",
      eventType: "token_dead",
      additionalContext: { store: "acme", state: "dead", code: "token_dead", owner: "operator" },
    },
  });
});

test("a refusal of SNS is a coded failure without AWS's words", async () => {
  const refusal = new Error("User: arn:aws:sts::… is not authorized");
  refusal.name = "AccessDeniedException";
  const send = async () => {
    throw refusal;
  };
  const failure = createPublish(TOPIC, () => ({ send }) as never)(NOTICE, deadline);
  await expect(failure).rejects.toMatchObject({ code: "access_denied" });
});
