import { ENVIRONMENT } from "../../contract/environment";
import { deadlineOf } from "../deadline";
import { createClients, createPartsFactory, invocationLog, type LambdaContext } from "../runtime";
import { createFindSecret } from "../secrets/find-secret";
import { createFleetPort } from "../sweep/fleet-port";
import { answer } from "./endpoint";
import { createKnownApps } from "./known-apps";
import type { Reply } from "./reply";

const clients = createClients();
const createParts = createPartsFactory(process.env, clients);
const knownApps = createKnownApps();

/** The install function: what API Gateway calls for each request of the install endpoint. */
export async function handler(raw: unknown, context: LambdaContext): Promise<Reply> {
  const startedAtMs = performance.now();
  const log = invocationLog("install", context);
  const createInstallParts = (ownLog: typeof log) => {
    const parts = createParts(context, ownLog);
    const { prefix } = parts;
    const deadline = deadlineOf(context);
    return {
      ...parts,
      knownApps,
      findSecret: createFindSecret(clients.secretsManager, deadline),
      fleet: createFleetPort(clients.secretsManager, { prefix, deadline }),
      installDomain: process.env[ENVIRONMENT.installDomain] || undefined,
    };
  };
  const reply = await answer(raw, createInstallParts, log);
  const durationMs = Math.round(performance.now() - startedAtMs);
  log.info("install.answered", { status: reply.statusCode, duration_ms: durationMs });
  return reply;
}
