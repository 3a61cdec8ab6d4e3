import { Secret, SecretVersion } from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { encodeAppCredential } from "../../contract/app-credential";
import type { AppKey } from "../../contract/brands";
import { appSecretName, SECRET_TAGS } from "../../contract/names";
import { Sealed } from "../../contract/sealed";
import { unlessFailed } from "./unless-failed";

export interface AppSecretArgs {
  /** The app's key: a name of your own, which its stores refer to. */
  readonly app: AppKey;
  readonly clientId: string;
  /** Marked as a secret on its way, whether it is one or not. */
  readonly clientSecret: pulumi.Input<string> | Sealed<string>;
  /** Tried when Shopify definitely refuses the current one. */
  readonly previousClientSecret?: pulumi.Input<string> | Sealed<string> | undefined;
  readonly prefix: string;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Days in which the deleted secret can be restored; 0: deleted at once. Default: 30. */
  readonly recoveryWindowDays?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The secret of an app: its client ID and client secrets, for the functions alone.
 *
 * Its version is the only one that Pulumi writes; a store secret never has one.
 */
export class AppSecret extends pulumi.ComponentResource {
  readonly secretArn: pulumi.Output<string>;
  /** Changes with the credential, so that the app's stores enrol again. */
  readonly versionId: pulumi.Output<string>;

  constructor(name: string, args: AppSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:AppSecret", name, {}, opts);
    const { app } = args;
    const secretName = appSecretName(args.prefix, app);
    const secret = new Secret(
      `${name}-secret`,
      {
        name: secretName,
        description: `The client credentials of the Shopify app ${app}: for the functions, never for an application`,
        kmsKeyId: args.kmsKeyArn,
        recoveryWindowInDays: args.recoveryWindowDays ?? 30,
        tags: { ...args.tags, [SECRET_TAGS.app]: app },
      },
      { parent: this },
    );
    const version = new SecretVersion(
      `${name}-version`,
      {
        secretId: unlessFailed(secret.arn, secretName),
        secretString: pulumi.secret(credentialOf(args)),
      },
      { parent: this },
    );
    this.secretArn = secret.arn;
    this.versionId = version.versionId;
    this.registerOutputs({ secretArn: this.secretArn, versionId: this.versionId });
  }
}

/** What is sealed stays so until it is encoded; an Input of another program is sealed when it is known. */
function credentialOf(args: AppSecretArgs): pulumi.Input<string> {
  const { app, clientId, clientSecret: current, previousClientSecret: previous } = args;
  const encode = (clientSecret: Sealed<string>, previousClientSecret: Sealed<string> | undefined) =>
    encodeAppCredential({ app, clientId, clientSecret, previousClientSecret });
  if (current instanceof Sealed && (previous === undefined || previous instanceof Sealed)) {
    return encode(current, previous);
  }
  return pulumi
    .all([inputOf(current), previous === undefined ? undefined : inputOf(previous)])
    .apply(([known, before]) =>
      encode(Sealed.of(known), before === undefined ? undefined : Sealed.of(before)),
    );
}

/** Pulumi copies what it resolves, and no sealed value can be copied. */
function inputOf(secret: pulumi.Input<string> | Sealed<string>): pulumi.Input<string> {
  return secret instanceof Sealed ? pulumi.secret(secret.unseal()) : secret;
}
