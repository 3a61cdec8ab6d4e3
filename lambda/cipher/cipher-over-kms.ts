import { KMSClient } from "@aws-sdk/client-kms";
import { type AwsClientChoice, askingAgain, awsClientOptions } from "../aws-client";
import type { CreateSeal } from "../runtime";
import { createKmsSeal } from "./refresh-token-seal";

/** Creates a function's client of KMS. */
export function createKms(choice: AwsClientChoice = {}): KMSClient {
  return askingAgain(new KMSClient(awsClientOptions(choice)));
}

/** For functions that seal and open refresh tokens: one client of KMS, kept while the function is warm. */
export function sealOverKms(): CreateSeal {
  const client = createKms();
  return (keyArn, deadline) => createKmsSeal(client, keyArn, deadline);
}
