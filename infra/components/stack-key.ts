import { Alias, Key } from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { secretsKeyAlias, secretsKeyDescription } from "../../contract/names";
import { encodeSecretsKeyPolicy } from "../policies/key";
import type { Place } from "../policies/statement";
import { ownTagsOf } from "./fleet-function";

export interface StackKeyArgs {
  /** The head of the secret names that the key is for. */
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  /** ARNs of readers; those of other accounts are named in the key's policy. */
  readonly readers: readonly string[];
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The customer managed key of a stack's secrets, rotated yearly, with an alias. */
export class StackKey extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: StackKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:StackKey", name, {}, opts);
    const key = new Key(
      `${name}-key`,
      {
        description: secretsKeyDescription(args.prefix),
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: pulumi
          .output(args.place)
          .apply((place) => encodeSecretsKeyPolicy(place, args.prefix, args.readers)),
        ...ownTagsOf(args),
      },
      { parent: this },
    );
    new Alias(
      `${name}-alias`,
      { name: secretsKeyAlias(args.prefix), targetKeyId: key.keyId },
      { parent: this },
    );
    this.keyArn = key.arn;
    this.registerOutputs({ keyArn: this.keyArn });
  }
}
