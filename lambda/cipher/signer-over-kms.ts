import type { KMSClient } from "@aws-sdk/client-kms";
import type { CreateSigner } from "../runtime";
import { createKmsSigner } from "./assertion-signer";
import { createKms } from "./cipher-over-kms";

/**
 * For functions that obtain tokens by an app's own credential: one client of KMS, kept while the function is warm, and
 * made at the first signature, so that a stack without an app that signs starts no slower.
 */
export function signerOverKms(create: () => KMSClient = createKms): CreateSigner {
  let made: KMSClient | undefined;
  const client = {
    send: (...given: Parameters<KMSClient["send"]>) => {
      made ??= create();
      return made.send(...given);
    },
  } as Pick<KMSClient, "send">;
  return (deadline) => createKmsSigner(client, deadline);
}
