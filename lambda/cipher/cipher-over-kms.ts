import { KMSClient } from "@aws-sdk/client-kms";
import { type AwsClientChoice, askingAgain, awsClientOptions } from "../aws-client";
import type { CreateCipher } from "../runtime";
import { createKmsCipher } from "./refresh-token-cipher";

/** Creates a function's client of KMS. */
export function createKms(choice: AwsClientChoice = {}): KMSClient {
  return askingAgain(new KMSClient(awsClientOptions(choice)));
}

/** For functions that encrypt and decrypt refresh tokens: one client of KMS, kept while the function is warm. */
export function cipherOverKms(client = createKms()): CreateCipher {
  return (keyArn, deadline) => createKmsCipher(client, keyArn, deadline);
}
