import { Key } from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { refreshKeyDescription } from "../../contract/names";
import { mayAdministerKey, maySealWithKey } from "../policies/key";
import { encodePolicy, type Place } from "../policies/statement";
import { ownTagsOf } from "./fleet-function";

export interface RefreshKeyArgs {
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  /** The roles that may seal and open refresh tokens. */
  readonly sealerRoleArns: pulumi.Input<readonly string[]>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The key that seals refresh tokens, which no reader may use.
 *
 * Protected and retained: it has to outlive every version that is sealed by it.
 */
export class RefreshKey extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: RefreshKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:RefreshKey", name, {}, opts);
    const key = new Key(
      `${name}-key`,
      {
        description: refreshKeyDescription(args.prefix),
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: pulumi
          .all([args.place, args.sealerRoleArns])
          .apply(([place, roleArns]) =>
            encodePolicy([mayAdministerKey(place), maySealWithKey(place, [...roleArns].sort())]),
          ),
        ...ownTagsOf(args),
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
    this.keyArn = key.arn;
    this.registerOutputs({ keyArn: this.keyArn });
  }
}
