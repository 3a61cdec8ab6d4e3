import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  type DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";

/** What a secret holds at the moment at which it is read. */
export type ReadValue = (name: string) => {
  readonly versionId: string;
  readonly text: string;
  readonly nextRotationAt?: number;
};

type Command = GetSecretValueCommand | BatchGetSecretValueCommand | DescribeSecretCommand;
type Output = GetSecretValueCommandOutput &
  BatchGetSecretValueCommandOutput &
  DescribeSecretCommandOutput;

/** Answers the reading calls in this process, after a turn of the event loop, and counts them. */
export class CountingClient {
  calls = 0;
  // What the libraries look at to see whether something is a client of the SDK.
  readonly config = { serviceId: "Secrets Manager" };
  readonly middlewareStack = { identify: () => [], addRelativeTo: () => undefined };
  readonly #readValue: ReadValue;
  #running = 0;

  constructor(readValue: ReadValue) {
    this.#readValue = readValue;
  }

  async send(command: Command): Promise<Output> {
    this.calls += 1;
    this.#running += 1;
    await turn();
    this.#running -= 1;
    return { ...this.#answer(command), $metadata: {} };
  }

  /** Waits until no request is under way, those included that start a turn of the event loop from now. */
  async settled(): Promise<void> {
    do await turn();
    while (this.#running > 0);
  }

  #answer(command: Command): Omit<Output, "$metadata"> {
    if (command instanceof BatchGetSecretValueCommand) {
      const names = command.input.SecretIdList ?? [];
      return { SecretValues: names.map((name) => this.#entry(name)) };
    }
    const name = command.input.SecretId ?? "";
    if (command instanceof GetSecretValueCommand) return this.#entry(name);
    const { nextRotationAt } = this.#readValue(name);
    const knows = nextRotationAt !== undefined && Number.isFinite(nextRotationAt);
    return knows ? { Name: name, NextRotationDate: new Date(nextRotationAt) } : { Name: name };
  }

  #entry(name: string) {
    const { versionId, text } = this.#readValue(name);
    const ARN = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
    return { ARN, Name: name, VersionId: versionId, SecretString: text };
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
