import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";

/** One message of a topic, as whoever subscribed to it gets it. */
export interface Mail {
  readonly subject: string;
  readonly message: string;
}

/** A subscriber of the stack's topic: what SNS really delivered, in the order of arrival. */
export interface Mailbox {
  readonly mails: readonly Mail[];
  close(): Promise<void>;
}

interface Delivery {
  readonly Type: string;
  readonly Token?: string;
  readonly Subject?: string;
  readonly Message: string;
}

/** Subscribes to a topic over HTTP and confirms the subscription. */
export async function openMailbox(world: World, TopicArn: string): Promise<Mailbox> {
  const mails: Mail[] = [];
  const sns = new SNSClient(clientConfigOf(world));
  let confirmed: () => void = () => undefined;
  const isConfirmed = new Promise<void>((resolve) => {
    confirmed = resolve;
  });
  const server = createServer((request, response) => {
    void textOf(request).then(async (text) => {
      response.end();
      const { Type, Token, Subject = "", Message } = JSON.parse(text) as Delivery;
      if (Type === "Notification") mails.push({ subject: Subject, message: Message });
      if (Type !== "SubscriptionConfirmation") return;
      await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
      confirmed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const Endpoint = `http://127.0.0.1:${port}/`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint }));
  await isConfirmed;
  return {
    mails,
    close: async () => {
      sns.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
