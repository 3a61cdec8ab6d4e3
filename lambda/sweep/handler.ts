import { ENVIRONMENT } from "../../contract/environment";
import {
  type CheckResult,
  type MigrateResult,
  parseSweepRequest,
  type SweepResult,
} from "../../contract/sweep";
import { fieldsOfError } from "../log";
import {
  createPartsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
  presentable,
} from "../runtime";
import { sealOverKms } from "../seal/seal-over-kms";
import { createFleetPort } from "../secrets/fleet-port";
import { answer } from "./answer";
import type { SweepParts } from "./parts";
import { createPublish } from "./publish";

const secretsManager = createSecretsManager();
const createParts = createPartsFactory(process.env, { secretsManager, createSeal: sealOverKms() });
const topicArn = process.env[ENVIRONMENT.noticeTopicArn];
const publish = topicArn ? createPublish(topicArn) : undefined;
const DEFAULT_STORES_AT_ONCE = 10;

/** The sweep function: its schedule calls it every ten minutes, the operator's command in between. */
export async function handler(
  raw: unknown,
  context: LambdaContext,
): Promise<SweepResult | CheckResult | MigrateResult> {
  const startedAtMs = performance.now();
  let log = invocationLog("sweep", context);
  const durationMs = () => Math.round(performance.now() - startedAtMs);
  try {
    const request = parseSweepRequest(raw);
    log = log.with({ action: request.action });
    const result = await answer(request, sweepPartsOf(context, log));
    log.info("sweep.done", { outcome: "done", ...numbersOf(result), duration_ms: durationMs() });
    return result;
  } catch (error) {
    log.error("sweep.done", {
      outcome: "failed",
      ...fieldsOfError(error),
      duration_ms: durationMs(),
    });
    throw presentable(error);
  }
}

function sweepPartsOf(context: LambdaContext, log: ReturnType<typeof invocationLog>): SweepParts {
  const parts = createParts(context, log);
  return {
    ...parts,
    fleet: createFleetPort(secretsManager, parts),
    storesAtOnce: storesAtOnce(),
    publish: async (notice, deadline) => {
      const { turn, store, state, code, owner } = notice;
      log.warn("sweep.notice", { turn, store, state, code, owner });
      await publish?.(notice, deadline);
    },
    emit: (line) => void process.stdout.write(`${line}\n`),
  };
}

function storesAtOnce(): number {
  const wanted = Number(process.env[ENVIRONMENT.storesAtOnce] ?? DEFAULT_STORES_AT_ONCE);
  return Number.isInteger(wanted) && wanted >= 1 ? wanted : DEFAULT_STORES_AT_ONCE;
}

function numbersOf(result: SweepResult | CheckResult | MigrateResult): Record<string, number> {
  return Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}
