import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { parseRecord } from "../../../contract/record";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import type { World } from "../../../local/world/world";

/** Reads the store and tries its token at Shopify: `alive`, why the token is dead, or AWS's refusal. */
export type TryToRead = () => Promise<string>;

/** An application of its own identity, with the policy that the stack gives out for a store's readers now. */
export async function createPolicyHolder(
  world: World,
  name: string,
  { readerPolicy, secretArn }: StoreOutput,
): Promise<TryToRead> {
  const credentials = await createReaderUser(world, name, [readerPolicy]);
  return async () => {
    const client = new SecretsManagerClient({ ...clientConfigOf(world), credentials });
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: secretArn }),
      );
      const accessToken = parseRecord(SecretString ?? "").accessToken.unseal();
      return world.shopify.imitation.control.tokenLife({ accessToken }).death ?? "alive";
    } catch (error) {
      return (error as Error).message;
    } finally {
      client.destroy();
    }
  };
}
