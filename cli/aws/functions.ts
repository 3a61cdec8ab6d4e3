import { setTimeout } from "node:timers/promises";
import {
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { adviceOf, isErrorCode, partsOfSentence } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { type EpochMs, parseIso, SECOND_MS } from "../../contract/time";
import { Refusal } from "../refusal";
import { refusalOfAws, unlessMissing } from "./aws-refusal";
import type { FunctionsPort } from "./ports";

/** Clients of Lambda: one that asks, and one that waits for a function to end. */
export interface LambdaClients {
  readonly ask: Pick<LambdaClient, "send">;
  readonly run: Pick<LambdaClient, "send">;
}

/** The stack's functions through the SDK's clients. */
export function createFunctionsPort(
  { ask, run }: LambdaClients,
  pause: Pause = setTimeout,
): FunctionsPort {
  return {
    invoke: (name, payload) => invoke({ run, pause }, name, payload),
    mayInvoke: async (FunctionName) => {
      try {
        await ask.send(new InvokeCommand({ FunctionName, InvocationType: "DryRun" }));
        return true;
      } catch (error) {
        if (isNamed(error, /^AccessDenied/)) return false;
        throw refusalOfAws(error, `asking for permission to run ${FunctionName}`);
      }
    },
    describe: (FunctionName) =>
      unlessMissing(`looking at the function ${FunctionName}`, async () => {
        const found = await ask.send(new GetFunctionConfigurationCommand({ FunctionName }));
        const { State = "", LastUpdateStatus = "", LastModified = "", Environment } = found;
        return {
          functionArn: found.FunctionArn,
          state: State,
          lastUpdate: LastUpdateStatus,
          modifiedAt: instantOf(LastModified),
          variables: Environment?.Variables ?? {},
        };
      }),
    policyOf: (FunctionName) =>
      unlessMissing(`looking at the policy of ${FunctionName}`, async () => {
        const { Policy } = await ask.send(new GetPolicyCommand({ FunctionName }));
        return Policy;
      }),
  };
}

/** Lambda writes `2026-11-28T12:00:00.000+0000`. */
function instantOf(text: string): EpochMs | undefined {
  return parseIso(text.replace(/\.\d+\+0000$/, "Z"));
}

/** Waits, in milliseconds. */
export type Pause = (milliseconds: number) => Promise<unknown>;

interface Caller {
  readonly run: Pick<LambdaClient, "send">;
  readonly pause: Pause;
}

async function invoke(caller: Caller, FunctionName: string, payload: object): Promise<unknown> {
  const reply = await sendInvocation(caller, FunctionName, payload);
  const result = parseJsonQuietly(new TextDecoder().decode(reply.Payload ?? new Uint8Array()));
  if (reply.FunctionError !== undefined) throw refusalOfFunction(FunctionName, result);
  return result;
}

/** What Lambda answers for a function that sleeps, or wakes up: nothing has run (Lambda API reference, Invoke). */
const ASLEEP =
  /^(?:CodeArtifactUserPendingException|ResourceNotReadyException|ResourceConflictException)$/;
/** Functions were seen to wake in 40 to 106 seconds. */
const WAKE_TRIES = 36;
const WAKE_PAUSE_MS = 5 * SECOND_MS;

async function sendInvocation(
  { run, pause }: Caller,
  FunctionName: string,
  payload: object,
): Promise<InvokeCommandOutput> {
  const Payload = new TextEncoder().encode(JSON.stringify(payload));
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        return await run.send(new InvokeCommand({ FunctionName, Payload }));
      } catch (error) {
        if (!isNamed(error, ASLEEP) || tries >= WAKE_TRIES) throw error;
        await pause(WAKE_PAUSE_MS);
      }
    }
  } catch (error) {
    if (isNamed(error, ASLEEP)) {
      throw new Refusal(
        `the function ${FunctionName} slept, and does not wake up`,
        "the same again in two minutes",
      );
    }
    if (isNamed(error, /^ResourceNotFoundException$/)) {
      throw new Refusal(
        `the function ${FunctionName} does not exist`,
        "pulumi up --refresh --continue-on-error",
      );
    }
    throw refusalOfAws(error, `running ${FunctionName}`);
  }
}

/** Our functions fail with a code of the closed list and its sentence; whatever else they say is not passed on. */
function refusalOfFunction(functionName: string, result: unknown): Refusal {
  const { errorMessage: message = "", errorType } = (result ?? {}) as FunctionFailure;
  const sentence = String(message);
  // Functions of an earlier version name their code in the sentence alone.
  const code = [errorType, sentence.slice(0, sentence.indexOf(":"))].find(isErrorCode);
  if (code !== undefined) {
    const { says, next } = partsOfSentence(code, sentence) ?? adviceOf(code);
    return new Refusal(says, next, { code });
  }
  return new Refusal(
    `the function ${functionName} failed`,
    "look into its log group, then shopify-secrets doctor",
    { code: "unexpected" },
  );
}

/** What Lambda hands on of an error that a function threw; nothing of it is believed to be there. */
interface FunctionFailure {
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
}

function isNamed(error: unknown, name: RegExp): boolean {
  return error instanceof Error && name.test(error.name);
}
