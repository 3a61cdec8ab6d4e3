import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { encodeChatNotice, type Notice } from "../../contract/notice";
import { type AwsClientChoice, awsClientOptions } from "../aws-client";
import type { Deadline } from "../deadline";
import { lateClient } from "./late-client";

/** Tells people; its failure is the caller's to survive. */
export type Publish = (notice: Notice, deadline: Deadline) => Promise<void>;

/** The part of the SDK's client that is used. */
export type SnsSend = Pick<SNSClient, "send">;

/** Creates a function's client of SNS. */
export function createSns(choice: AwsClientChoice = {}): SNSClient {
  return new SNSClient(awsClientOptions(choice));
}

/** Publishes notices over the SDK's client. */
export function createPublish(topicArn: string, createClient: () => SnsSend = createSns): Publish {
  const send = lateClient(createClient);
  return async (notice, deadline) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: notice.subject,
      MessageStructure: "json",
      // Chat applications subscribe over HTTPS; everybody else gets what a person reads.
      Message: JSON.stringify({ default: notice.message, https: encodeChatNotice(notice) }),
    });
    await send((client, options) => client.send(command, options), deadline);
  };
}
