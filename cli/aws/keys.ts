import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { epochMs } from "../../contract/time";
import { during } from "./aws-refusal";
import type { KeyFacts, KeysPort } from "./ports";

/** The keys that sign through the SDK's client of KMS. */
export function createKeysPort(
  options: ConstructorParameters<typeof KMSClient>[0] & object,
): KeysPort {
  const kms = new KMSClient(options);
  const describe = async (KeyId: string): Promise<KeyFacts> => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    const made = KeyMetadata?.CreationDate;
    return {
      createdAt: made && epochMs(made.getTime()),
      description: KeyMetadata?.Description ?? "",
      state: KeyMetadata?.KeyState ?? "unknown",
    };
  };
  return {
    describe: (keyArn) => during("looking at the key that signs", () => describe(keyArn)),
    publicKeyOf: (KeyId) =>
      during("reading the public half of the key", async () => {
        const [{ PublicKey = new Uint8Array() }, { createdAt }] = await Promise.all([
          kms.send(new GetPublicKeyCommand({ KeyId })),
          describe(KeyId),
        ]);
        return { spki: PublicKey, createdAt };
      }),
  };
}
