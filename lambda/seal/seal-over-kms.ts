import { KMSClient } from "@aws-sdk/client-kms";
import { AWS_PATIENCE, type CreateSeal } from "../runtime";
import { createKmsSeal } from "./refresh-token-seal";

/** For functions that seal and open refresh tokens: one client of KMS, kept while the function is warm. */
export function sealOverKms(): CreateSeal {
  const client = new KMSClient(AWS_PATIENCE);
  return (keyArn, deadline) => createKmsSeal(client, keyArn, deadline);
}
