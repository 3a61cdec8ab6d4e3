import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Notice } from "../../contract/notice";
import { codedAwsError } from "../secrets/aws-errors";

/** Tells people; its failure is the caller's to survive. */
export type Publish = (notice: Notice) => Promise<void>;

/** The part of the SDK's client that is used. */
export type SnsSend = Pick<SNSClient, "send">;

/** The client of the notices, made when the first one is published: most sweeps have none. */
export function createPublish(
  topicArn: string,
  createClient: () => SnsSend = () => new SNSClient({ maxAttempts: 3 }),
): Publish {
  let client: SnsSend | undefined;
  return async ({ subject, message }) => {
    client ??= createClient();
    try {
      await client.send(
        new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }),
      );
    } catch (error) {
      throw codedAwsError(error);
    }
  };
}
