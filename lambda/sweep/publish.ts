import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { encodeChatNotice, type Notice } from "../../contract/notice";
import { type AwsClientChoice, awsClientOptions } from "../aws-client";
import { type Deadline, limited } from "../deadline";
import { codedAwsError } from "../secrets/aws-errors";

/** Tells people; its failure is the caller's to survive. */
export type Publish = (notice: Notice, deadline: Deadline) => Promise<void>;

/** The part of the SDK's client that is used. */
export type SnsSend = Pick<SNSClient, "send">;

/** Creates a function's client of SNS. */
export function createSns(choice: AwsClientChoice = {}): SNSClient {
  return new SNSClient(awsClientOptions(choice));
}

/** The client of the notices, made when the first one is published: most sweeps have none. */
export function createPublish(topicArn: string, createClient: () => SnsSend = createSns): Publish {
  let client: SnsSend | undefined;
  return async (notice, deadline) => {
    client ??= createClient();
    const sns = client;
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: notice.subject,
      MessageStructure: "json",
      // Chat applications subscribe over HTTPS; everybody else gets what a person reads.
      Message: JSON.stringify({ default: notice.message, https: encodeChatNotice(notice) }),
    });
    try {
      await limited(deadline, (abortSignal) => sns.send(command, { abortSignal }));
    } catch (error) {
      throw codedAwsError(error);
    }
  };
}
