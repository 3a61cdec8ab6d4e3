import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ENVIRONMENT } from "../contract/environment";
import { CodedError, type ErrorCode, sentenceOf } from "../contract/errors";
import { systemClock } from "../contract/time";
import { type AwsClientChoice, askingAgain, awsClientOptions } from "./aws-client";
import type { AssertionSigner } from "./cipher/assertion-signer";
import { NO_CIPHER } from "./cipher/no-cipher";
import { NO_SIGNER } from "./cipher/no-signer";
import type { RefreshTokenCipher } from "./cipher/refresh-token-cipher";
import { type Deadline, deadlineOf, type InvocationContext } from "./deadline";
import { type CredentialMemory, createCredentialMemory } from "./engine/credential-memory";
import type { EngineDeps } from "./engine/deps";
import { RULES } from "./engine/rules";
import { createLog, fieldsOfError, type Log, type LogFields } from "./log";
import { createMeasuredPort } from "./secrets/measured-port";
import { createSecretsPort } from "./secrets/secrets-manager";
import { sendToShopify } from "./shopify/send";

/** The functions' settings, out of their environment variables. */
export interface FunctionEnvironment {
  readonly prefix: string;
  /** Undefined when the stack has no renewable offline store. */
  readonly refreshKeyArn: string | undefined;
}

/** Reads the environment; a missing setting is reported at the first call, as a coded failure. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): FunctionEnvironment {
  const prefix = variables[ENVIRONMENT.prefix] ?? "";
  if (prefix === "") throw new CodedError("environment_malformed", { field: ENVIRONMENT.prefix });
  return { prefix, refreshKeyArn: variables[ENVIRONMENT.refreshKeyArn] || undefined };
}

/** Creates a function's client of Secrets Manager. */
export function createSecretsManager(choice: AwsClientChoice = {}): SecretsManagerClient {
  return askingAgain(new SecretsManagerClient(awsClientOptions(choice)));
}

/** Makes the cipher of one invocation; `keyArn` undefined: the stack has no renewable offline store. */
export type CreateCipher = (keyArn: string | undefined, deadline: Deadline) => RefreshTokenCipher;

/** Makes the signer of one invocation. */
export type CreateSigner = (deadline: Deadline) => AssertionSigner;

/** What a warm function keeps. */
export interface WarmState {
  readonly secretsManager: SecretsManagerClient;
  /** Default: nothing can be encrypted or decrypted. */
  readonly createCipher?: CreateCipher;
  /** Default: nothing can be signed. */
  readonly createSigner?: CreateSigner;
  /** What one invocation after another knows of the apps. Default: nothing beyond one invocation. */
  readonly credentials?: CredentialMemory;
}

/** Builds the dependencies of an invocation out of what a warm function keeps. */
export function createDepsFactory(
  variables: Readonly<Record<string, string | undefined>>,
  kept: WarmState = { secretsManager: createSecretsManager() },
): (context: InvocationContext, log: Log) => EngineDeps {
  const { secretsManager, credentials } = kept;
  const { createCipher = () => NO_CIPHER, createSigner = () => NO_SIGNER } = kept;
  return (context, log) => {
    const environment = readEnvironment(variables);
    const { prefix } = environment;
    const deadline = deadlineOf(context);
    const port = createSecretsPort(secretsManager, deadline);
    return {
      prefix,
      secrets: createMeasuredPort(port, { prefix, clock: systemClock, log }),
      cipher: createCipher(environment.refreshKeyArn, deadline),
      signer: createSigner(deadline),
      send: sendToShopify,
      clock: systemClock,
      deadline,
      log,
      random: Math.random,
      rules: RULES,
      credentials: credentials ?? createCredentialMemory(),
    };
  };
}

/** What Lambda hands to a handler, as far as it is used. */
export interface LambdaContext extends InvocationContext {
  readonly awsRequestId?: string;
}

/** The log of one invocation. */
export function invocationLog(name: string, context: LambdaContext): Log {
  return createLog().with({ function: name, invocation: context.awsRequestId });
}

/** What the one line of a call says, as far as it is known by then. */
export interface CallLine {
  /** With the names that every further line has too. */
  log: Log;
  /** What the line tells of the call's end, good or bad. */
  facts: () => LogFields;
  /** How a failure is worded. */
  inWords: typeof sentenceOf;
}

/** Answers one call of a function, and writes its one line; a failure leaves as what may be shown. */
export async function answerCall<T>(
  event: string,
  given: Log,
  run: (line: CallLine) => Promise<T>,
): Promise<T> {
  const startedAtMs = performance.now();
  const line: CallLine = { log: given, facts: () => ({}), inWords: sentenceOf };
  const facts = () => ({
    ...line.facts(),
    duration_ms: Math.round(performance.now() - startedAtMs),
  });
  try {
    const result = await run(line);
    line.log.info(event, facts());
    return result;
  } catch (error) {
    line.log.error(event, { ...facts(), outcome: "failed", ...fieldsOfError(error) });
    throw publicErrorOf(error, line.inWords);
  }
}

/**
 * Turns any failure into what a function may return: its code as the error's type, the code's sentence, and no stack.
 *
 * An error without a stack needs an empty one: the runtime loses the message of an undefined one.
 */
export function publicErrorOf(error: unknown, inWords: typeof sentenceOf = sentenceOf): Error {
  const coded = error instanceof CodedError ? error : undefined;
  const code: ErrorCode = coded?.code ?? "unexpected";
  const shown = coded ?? new CodedError(code);
  shown.message = inWords(code, coded?.facts);
  shown.stack = "";
  // Lambda's runtime calls it `errorType`.
  return Object.assign(shown as Error, { name: code });
}
