import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientConfigOf } from "../../local/demo/root-client";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import type { OwnResources } from "./declared";

/** The shops of the stack with every kind of store, besides those that each world has. */
export function fillShopsOfEveryKind({ shopify }: World): void {
  for (const store of ["stark", "gallery", "umbra", "hooli", "boutique"]) {
    shopify.imitation.control.addShop({ shop: `${store}.myshopify.com` });
  }
}

/** The shops and installations of the stack with every option. */
export function fillShopsOfEveryOption({ shopify }: World): void {
  const { control } = shopify.imitation;
  control.addShop({ shop: "stark.myshopify.com" });
  control.install({
    clientId: DEV_APPS.catalog.clientId,
    shop: "partner.myshopify.com",
    scopes: ["read_products"],
  });
}

/** What the operator of the stack with every option made before it. */
export async function makeOwn(world: World): Promise<OwnResources> {
  const kms = new KMSClient(clientConfigOf(world));
  const secrets = new SecretsManagerClient(clientConfigOf(world));
  const key = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
  const Name = "shops/recorded-own/stores/heritage/token";
  const made = {
    kmsKeyArn: await key(),
    formerKeyArn: await key(),
    adoptedArn: (await secrets.send(new CreateSecretCommand({ Name }))).ARN ?? "",
  };
  kms.destroy();
  secrets.destroy();
  return made;
}
