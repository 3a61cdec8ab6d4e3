import { ENVIRONMENT } from "../../contract/environment";
import { parseLeftoverOrder } from "../../contract/leftovers";
import { parseOpenInstalls } from "../../contract/open-installs";
import { isPing } from "../../contract/ping";
import { systemClock } from "../../contract/time";
import { cipherOverKms } from "../cipher/cipher-over-kms";
import { deadlineOf } from "../deadline";
import {
  createDepsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { createFindSecret } from "../secrets/find-secret";
import { createFleetPort } from "../secrets/fleet-port";
import { createListVersions } from "../secrets/list-versions";
import { createMakerPort } from "../secrets/maker-port";
import { tellAnswer } from "./answered";
import { createAppMemory } from "./app-memory";
import { dispatch } from "./dispatch";
import { createFoundSecrets } from "./found-secrets";
import { createKnownApps } from "./known-apps";
import { removeLeftovers } from "./leftovers";
import type { Reply } from "./reply";

const secretsManager = createSecretsManager();
const createDeps = createDepsFactory(process.env, {
  secretsManager,
  createCipher: cipherOverKms(),
});
const knownApps = createKnownApps();
const apps = createAppMemory();
const found = createFoundSecrets(knownApps);

/**
 * The install function: what API Gateway calls for each request of the install endpoint; the sweep keeps it awake, and
 * has it remove what was never finished.
 */
export async function handler(raw: unknown, context: LambdaContext): Promise<Reply | undefined> {
  if (isPing(raw)) return undefined;
  const startedAtMs = performance.now();
  const log = invocationLog("install", context);
  const createInstallDeps = (ownLog: typeof log) => {
    const deps = createDeps(context, ownLog);
    const { prefix } = deps;
    const deadline = deadlineOf(context);
    return {
      ...deps,
      knownApps,
      apps,
      found,
      findSecret: createFindSecret(secretsManager, deadline),
      fleet: createFleetPort(secretsManager, { prefix, deadline }),
      listVersions: createListVersions(secretsManager, deadline),
      open: parseOpenInstalls(process.env[ENVIRONMENT.openInstalls]),
      hasList: process.env[ENVIRONMENT.hasList] === "1",
      maker: createMakerPort(secretsManager, deadline),
      installDomain: process.env[ENVIRONMENT.installDomain] || undefined,
    };
  };
  const order = parseLeftoverOrder(raw);
  if (order !== undefined) {
    await removeLeftovers(order, createInstallDeps(log));
    return undefined;
  }
  const reply = await dispatch(raw, createInstallDeps, log);
  const durationMs = Math.round(performance.now() - startedAtMs);
  const prefix = process.env[ENVIRONMENT.prefix] ?? "";
  tellAnswer(reply, { log, prefix, clock: systemClock, durationMs });
  return reply;
}
