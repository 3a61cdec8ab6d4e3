import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { eventually } from "./patience";
import { type Run, stackOf } from "./run";

const CONSISTENT_WITHIN_MS = 15_000;

/** A throw-away secret, deleted with the run. */
export class ProbeSecret {
  readonly arn: string;
  readonly #run: Run;

  private constructor(run: Run, arn: string) {
    this.#run = run;
    this.arn = arn;
  }

  static async create(
    run: Run,
    name: string,
    more: { readonly Description?: string; readonly SecretString?: string } = {},
  ): Promise<ProbeSecret> {
    const Name = `shopify/${stackOf(run)}/probes/${name}`;
    const created = await run.secrets.send(
      new CreateSecretCommand({ Name, ClientRequestToken: randomUUID(), ...more }),
    );
    const secret = new ProbeSecret(run, created.ARN ?? Name);
    run.cleanUp.add(`the secret ${Name}`, () => secret.delete());
    return secret;
  }

  delete(): Promise<unknown> {
    const SecretId = this.arn;
    const command = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true });
    return this.#run.secrets.send(command);
  }

  async put(versionId: string, value: string, stages?: readonly string[]): Promise<void> {
    await this.#run.secrets.send(
      new PutSecretValueCommand({
        SecretId: this.arn,
        ClientRequestToken: versionId,
        SecretString: value,
        ...(stages === undefined ? {} : { VersionStages: [...stages] }),
      }),
    );
  }

  async move(label: string, of: { readonly from?: string; readonly to?: string }): Promise<void> {
    await this.#run.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.arn,
        VersionStage: label,
        ...(of.from === undefined ? {} : { RemoveFromVersionId: of.from }),
        ...(of.to === undefined ? {} : { MoveToVersionId: of.to }),
      }),
    );
  }

  describe(): Promise<DescribeSecretCommandOutput> {
    return this.#run.secrets.send(new DescribeSecretCommand({ SecretId: this.arn }));
  }

  /** The labels of a version, read until they are as hoped or for some seconds. */
  async labelsOf(versionId: string, isHoped: (labels: string[]) => boolean): Promise<string[]> {
    const look = async () => (await this.describe()).VersionIdsToStages?.[versionId] ?? [];
    const { signal } = this.#run;
    return await eventually(look, isHoped, { limitMs: CONSISTENT_WITHIN_MS, signal });
  }
}
