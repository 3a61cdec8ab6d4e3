import type { Notice } from "../../../contract/notice";
import { createPublish } from "../../../lambda/sweep/publish";
import { Invocation } from "../world/lambda-world";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:notices";
const deadline = new Invocation();
const NOTICE = { subject: "acme: dead", message: "Store acme is dead." } as Notice;

test("a notice is published with its subject and its message, over one client", async () => {
  const sent: object[] = [];
  let clients = 0;
  const publish = createPublish(TOPIC, () => {
    clients += 1;
    return { send: async (command: { input: object }) => void sent.push(command.input) } as never;
  });
  expect(clients).toBe(0);
  await publish(NOTICE, deadline);
  await publish(NOTICE, deadline);
  expect(clients).toBe(1);
  expect(sent).toEqual([
    { TopicArn: TOPIC, Subject: "acme: dead", Message: "Store acme is dead." },
    { TopicArn: TOPIC, Subject: "acme: dead", Message: "Store acme is dead." },
  ]);
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
