import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";

/** What a secret holds at the moment at which it is read. */
export type ReadValue = (name: string) => { readonly versionId: string; readonly text: string };

/** Answers the reading calls in this process, after a turn of the event loop, and counts them. */
export class CountingClient {
  calls = 0;
  // What the libraries look at to see whether something is a client of the SDK.
  readonly config = { serviceId: "Secrets Manager" };
  readonly middlewareStack = { identify: () => [], addRelativeTo: () => undefined };
  readonly #readValue: ReadValue;

  constructor(readValue: ReadValue) {
    this.#readValue = readValue;
  }

  send(command: GetSecretValueCommand): Promise<GetSecretValueCommandOutput>;
  send(command: BatchGetSecretValueCommand): Promise<BatchGetSecretValueCommandOutput>;
  async send(
    command: GetSecretValueCommand | BatchGetSecretValueCommand,
  ): Promise<GetSecretValueCommandOutput | BatchGetSecretValueCommandOutput> {
    this.calls += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (command instanceof BatchGetSecretValueCommand) {
      const names = command.input.SecretIdList ?? [];
      return { SecretValues: names.map((name) => this.#entry(name)), $metadata: {} };
    }
    if (!(command instanceof GetSecretValueCommand)) throw new Error("only reads are known here");
    return { ...this.#entry(command.input.SecretId ?? ""), $metadata: {} };
  }

  #entry(name: string) {
    const { versionId, text } = this.#readValue(name);
    const ARN = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
    return { ARN, Name: name, VersionId: versionId, SecretString: text };
  }
}
