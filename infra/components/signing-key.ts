import { Key } from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { type AppKey, isKeyArn, type KeyArn } from "../../contract/brands";
import { SECRET_TAGS, signingKeyDescription } from "../../contract/names";
import { mayAdministerKey, mayReadPublicHalf, maySignWithKey } from "../policies/key";
import { encodePolicy, type Place } from "../policies/statement";
import { ownTagsOf } from "./fleet-function";

export interface SigningKeyArgs {
  readonly app: AppKey;
  /** A name of your own, by which config orders an app's keys. */
  readonly keyName: string;
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  /** The roles that may sign. */
  readonly signerRoleArns: pulumi.Input<readonly string[]>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A key that signs for an app in place of its client secret: the private half never leaves KMS.
 *
 * Not protected, because a key that was changed has to go; deleted, it can be had back for 30 days.
 */
export class SigningKey extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<KeyArn>;

  constructor(name: string, args: SigningKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:SigningKey", name, {}, opts);
    const { app, keyName, prefix, tags } = args;
    const key = new Key(
      `${name}-key`,
      {
        description: signingKeyDescription(prefix, app, keyName),
        // Shopify's tutorial: RSA with 3,072 bits.
        customerMasterKeySpec: "RSA_3072",
        keyUsage: "SIGN_VERIFY",
        deletionWindowInDays: 30,
        policy: pulumi
          .all([args.place, args.signerRoleArns])
          .apply(([place, roleArns]) =>
            encodePolicy([
              mayAdministerKey(place),
              maySignWithKey(place, [...roleArns].sort()),
              mayReadPublicHalf(place),
            ]),
          ),
        ...ownTagsOf({
          prefix,
          tags: pulumi.output(tags ?? {}).apply((given) => ({ ...given, [SECRET_TAGS.app]: app })),
        }),
      },
      { parent: this },
    );
    this.keyArn = key.arn.apply(requireKeyArn);
    this.registerOutputs({ keyArn: this.keyArn });
  }
}

function requireKeyArn(arn: string): KeyArn {
  if (!isKeyArn(arn)) throw new Error("KMS named no key's ARN");
  return arn;
}
