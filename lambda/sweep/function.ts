import { ENVIRONMENT } from "../../contract/environment";
import { parseSweepRequest } from "../../contract/sweep";
import { cipherOverKms, createKms } from "../cipher/cipher-over-kms";
import { signerOverKms } from "../cipher/signer-over-kms";
import type { Log } from "../log";
import {
  answerCall,
  createDepsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { createFleetPort } from "../secrets/fleet-port";
import type { SweepDeps } from "./deps";
import { dispatch, type SweepAnswer } from "./dispatch";
import { createFunctionCall } from "./keep-awake";
import type { OrderQueue } from "./order-queue";
import { findOwnAddress } from "./own-address";
import { createPublish } from "./publish";

const DEFAULT_STORES_AT_ONCE = 10;

/** Makes the dependencies of one invocation out of what a warm function keeps. */
export type CreateSweepDeps = (context: LambdaContext, log: Log) => SweepDeps;

/** What a warm sweep function keeps; `orderQueue` undefined: its passes do all themselves. */
export function createSweepDeps(orderQueue?: OrderQueue): CreateSweepDeps {
  const secretsManager = createSecretsManager();
  const kms = createKms();
  const createDeps = createDepsFactory(process.env, {
    secretsManager,
    createCipher: cipherOverKms(kms),
    createSigner: signerOverKms(() => kms),
  });
  const topicArn = process.env[ENVIRONMENT.noticeTopicArn];
  const publish = topicArn ? createPublish(topicArn) : undefined;
  const callFunction = createFunctionCall();
  return (context, log) => {
    const deps = createDeps(context, log);
    return {
      ...deps,
      fleet: createFleetPort(secretsManager, deps),
      storesAtOnce: storesAtOnce(),
      hasTopic: publish !== undefined,
      callFunction,
      orderQueue,
      publish: async (notice, deadline) => {
        const { turn, store, state, code, owner } = notice;
        log.warn("sweep.notice", { turn, store, state, code, owner });
        await publish?.(notice, deadline);
      },
      findOwnAddress,
      emit: (line) => void process.stdout.write(`${line}\n`),
    };
  };
}

/** Answers what its schedule or the operator's command asks of the sweep function. */
export async function answerSweep(
  raw: unknown,
  context: LambdaContext,
  createDeps: CreateSweepDeps,
): Promise<SweepAnswer> {
  return await answerCall("sweep.done", invocationLog("sweep", context), async (line) => {
    const request = parseSweepRequest(raw);
    line.log = line.log.with({ action: request.action });
    const result = await dispatch(request, createDeps(context, line.log));
    line.facts = () => ({ outcome: "done", ...numbersOf(result) });
    return result;
  });
}

function storesAtOnce(): number {
  const wanted = Number(process.env[ENVIRONMENT.storesAtOnce] ?? DEFAULT_STORES_AT_ONCE);
  return Number.isInteger(wanted) && wanted >= 1 ? wanted : DEFAULT_STORES_AT_ONCE;
}

function numbersOf(result: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}
