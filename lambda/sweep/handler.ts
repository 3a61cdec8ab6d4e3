import { ENVIRONMENT } from "../../contract/environment";
import { parseSweepRequest } from "../../contract/sweep";
import { cipherOverKms, createKms } from "../cipher/cipher-over-kms";
import { signerOverKms } from "../cipher/signer-over-kms";
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
import { findOwnAddress } from "./own-address";
import { createPublish } from "./publish";

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
const DEFAULT_STORES_AT_ONCE = 10;

/** The sweep function: its schedule calls it every ten minutes, the operator's command in between. */
export async function handler(raw: unknown, context: LambdaContext): Promise<SweepAnswer> {
  return await answerCall("sweep.done", invocationLog("sweep", context), async (line) => {
    const request = parseSweepRequest(raw);
    line.log = line.log.with({ action: request.action });
    const result = await dispatch(request, sweepDepsOf(context, line.log));
    line.facts = () => ({ outcome: "done", ...numbersOf(result) });
    return result;
  });
}

function sweepDepsOf(context: LambdaContext, log: ReturnType<typeof invocationLog>): SweepDeps {
  const deps = createDeps(context, log);
  return {
    ...deps,
    fleet: createFleetPort(secretsManager, deps),
    storesAtOnce: storesAtOnce(),
    hasTopic: publish !== undefined,
    callFunction,
    publish: async (notice, deadline) => {
      const { turn, store, state, code, owner } = notice;
      log.warn("sweep.notice", { turn, store, state, code, owner });
      await publish?.(notice, deadline);
    },
    findOwnAddress,
    emit: (line) => void process.stdout.write(`${line}\n`),
  };
}

function storesAtOnce(): number {
  const wanted = Number(process.env[ENVIRONMENT.storesAtOnce] ?? DEFAULT_STORES_AT_ONCE);
  return Number.isInteger(wanted) && wanted >= 1 ? wanted : DEFAULT_STORES_AT_ONCE;
}

function numbersOf(result: Awaited<ReturnType<typeof dispatch>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}
