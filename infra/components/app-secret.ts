import { Secret, SecretVersion } from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { encodeAppCredential } from "../../contract/app-credential";
import { type AppKey, isKeyArn } from "../../contract/brands";
import { appSecretName, SECRET_TAGS, SIGNING_KEYS_TAG } from "../../contract/names";
import { Sealed } from "../../contract/sealed";
import { unlessFailed } from "./unless-failed";

export interface AppSecretArgs {
  /** The app's key: a name of your own, which its stores refer to. */
  readonly app: AppKey;
  readonly clientId: string;
  /** Marked as a secret on its way, whether it is one or not. Undefined: the app signs, and needs it for nothing. */
  readonly clientSecret?: pulumi.Input<string> | Sealed<string> | undefined;
  /** Tried when Shopify definitely refuses the current one. */
  readonly previousClientSecret?: pulumi.Input<string> | Sealed<string> | undefined;
  /** ARNs of the KMS keys that sign in place of the client secret, in the order in which they are tried. Default: none. */
  readonly signingKeyArns?: readonly pulumi.Input<string>[];
  readonly prefix: string;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Days in which the deleted secret can be restored; 0: deleted at once. Default: 30. */
  readonly recoveryWindowDays?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The secret of an app: its client ID and client secrets, or the keys that sign, for the functions alone.
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
        tags: tagsOf(args),
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

function tagsOf({ app, tags, signingKeyArns = [] }: AppSecretArgs) {
  const own = { ...tags, [SECRET_TAGS.app]: app };
  if (signingKeyArns.length === 0) return own;
  // By it an operator finds the keys, without the right to read a value.
  return { ...own, [SIGNING_KEYS_TAG]: pulumi.concat(...spaced(signingKeyArns)) };
}

function spaced(parts: readonly pulumi.Input<string>[]): pulumi.Input<string>[] {
  return parts.flatMap((part, place) => (place === 0 ? [part] : [" ", part]));
}

/** What is sealed stays so until it is encoded; an Input of another program is sealed when it is known. */
function credentialOf(args: AppSecretArgs): pulumi.Input<string> {
  const { app, clientId, clientSecret: current, previousClientSecret: previous } = args;
  const { signingKeyArns = [] } = args;
  const encode = (
    clientSecret: Sealed<string> | undefined,
    previousClientSecret: Sealed<string> | undefined,
    signingKeys: readonly string[] = [],
  ) =>
    encodeAppCredential({
      app,
      clientId,
      clientSecret,
      previousClientSecret,
      signingKeys: signingKeys.filter(isKeyArn),
    });
  const isKnown = signingKeyArns.length === 0 && isSealed(current);
  if (isKnown && (previous === undefined || isSealed(previous))) return encode(current, previous);
  return pulumi
    .all([inputOf(current), inputOf(previous), pulumi.all([...signingKeyArns])])
    .apply(([known, before, keys]) => encode(sealedOf(known), sealedOf(before), keys));
}

function isSealed(secret: unknown): secret is Sealed<string> {
  return secret instanceof Sealed;
}

function sealedOf(text: string | undefined): Sealed<string> | undefined {
  return text === undefined ? undefined : Sealed.of(text);
}

/** Pulumi copies what it resolves, and no sealed value can be copied. */
export function inputOf<T extends string | undefined>(
  secret: pulumi.Input<string> | Sealed<string> | T,
): pulumi.Input<string> | T {
  return secret instanceof Sealed ? pulumi.secret(secret.unseal()) : secret;
}
