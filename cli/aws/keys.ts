import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { epochMs } from "../../contract/time";
import { during } from "./aws-refusal";
import type { KeysPort } from "./ports";

/** The keys that sign through the SDK's client of KMS. */
export function createKeysPort(
  options: ConstructorParameters<typeof KMSClient>[0] & object,
): KeysPort {
  const kms = new KMSClient(options);
  return {
    publicKeyOf: (KeyId) =>
      during("reading the public half of the key", async () => {
        const [{ PublicKey = new Uint8Array() }, { KeyMetadata }] = await Promise.all([
          kms.send(new GetPublicKeyCommand({ KeyId })),
          kms.send(new DescribeKeyCommand({ KeyId })),
        ]);
        const made = KeyMetadata?.CreationDate;
        return { spki: PublicKey, createdAt: made && epochMs(made.getTime()) };
      }),
  };
}
