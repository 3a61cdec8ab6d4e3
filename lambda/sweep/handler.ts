import { ENVIRONMENT } from "../../contract/environment";
import {
  type AddressResult,
  type CheckResult,
  type MigrateResult,
  parseSweepRequest,
  type SweepResult,
} from "../../contract/sweep";
import {
  answerCall,
  createPartsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { sealOverKms } from "../seal/seal-over-kms";
import { createFleetPort } from "../secrets/fleet-port";
import { answer } from "./answer";
import { createCall } from "./keep-awake";
import { findOwnAddress } from "./own-address";
import type { SweepParts } from "./parts";
import { createPublish } from "./publish";

const secretsManager = createSecretsManager();
const createParts = createPartsFactory(process.env, { secretsManager, createSeal: sealOverKms() });
const topicArn = process.env[ENVIRONMENT.noticeTopicArn];
const publish = topicArn ? createPublish(topicArn) : undefined;
const callFunction = createCall();
const DEFAULT_STORES_AT_ONCE = 10;

/** The sweep function: its schedule calls it every ten minutes, the operator's command in between. */
export async function handler(
  raw: unknown,
  context: LambdaContext,
): Promise<SweepResult | CheckResult | MigrateResult | AddressResult> {
  return await answerCall("sweep.done", invocationLog("sweep", context), async (line) => {
    const request = parseSweepRequest(raw);
    line.log = line.log.with({ action: request.action });
    const result = await answer(request, sweepPartsOf(context, line.log));
    line.facts = () => ({ outcome: "done", ...numbersOf(result) });
    return result;
  });
}

function sweepPartsOf(context: LambdaContext, log: ReturnType<typeof invocationLog>): SweepParts {
  const parts = createParts(context, log);
  return {
    ...parts,
    fleet: createFleetPort(secretsManager, parts),
    storesAtOnce: storesAtOnce(),
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

function numbersOf(result: Awaited<ReturnType<typeof answer>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}
