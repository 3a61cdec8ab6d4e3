import { encodeStatus } from "../../../contract/store/status";
import type { EpochMs } from "../../../contract/time";
import { epochMs } from "../../../contract/time";
import { createKms } from "../../../lambda/cipher/cipher-over-kms";
import { createKmsCipher } from "../../../lambda/cipher/refresh-token-cipher";
import { deadlineOf } from "../../../lambda/deadline";
import type { EngineDeps } from "../../../lambda/engine/deps";
import { createAppMemory } from "../../../lambda/install/app-memory";
import { dispatch as answerRequest } from "../../../lambda/install/dispatch";
import { createFoundSecrets } from "../../../lambda/install/found-secrets";
import { createKnownApps } from "../../../lambda/install/known-apps";
import { createLog, type Log } from "../../../lambda/log";
import { createDepsFactory, createSecretsManager } from "../../../lambda/runtime";
import { createFindSecret } from "../../../lambda/secrets/find-secret";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import { createListVersions } from "../../../lambda/secrets/list-versions";
import { createMakerPort } from "../../../lambda/secrets/maker-port";
import { createPublish, createSns } from "../../../lambda/sweep/publish";
import { CLIENT_ID, HOUR, MINUTE, PREFIX, REFRESH_KEY } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";
import { InstallStand } from "../stand/install-stand";
import { SHOP, StoreStand } from "../stand/store-stand";
import { LoopbackAws } from "./loopback-aws";

/**
 * Short for a test, and long against an answer of loopback on a busy machine: one that is late all the same is
 * asked for again.
 */
const SHORT = { connectMs: 2_500, tryMs: 2_500, tries: 4 };
/** More than any of these invocations needs: what is never given up runs out of it. */
const INVOCATION_MS = 120_000;
const ENVIRONMENT = {
  SHOPIFY_SECRETS_PREFIX: PREFIX,
  SHOPIFY_SECRETS_REFRESH_KEY_ARN: REFRESH_KEY,
};
const TOPIC = "arn:aws:sns:us-east-1:000000000000:notices";

/** One call of a function, with everything before it done. */
export interface Stage {
  readonly aws: LoopbackAws;
  /** Calls the function; answers what came of it, in words that two runs have in common. */
  act(): Promise<object>;
}

interface WorldOfParts {
  readonly clock: { readonly now: number };
}

/** The parts of an invocation as the functions build them, over real clients; only Shopify and the time are a test's. */
function depsOver(world: WorldOfParts, aws: LoopbackAws, limits = SHORT) {
  const choice = { limits, ...aws.address };
  const secretsManager = createSecretsManager(choice);
  const kms = createKms(choice);
  const createDeps = createDepsFactory(ENVIRONMENT, {
    secretsManager,
    createCipher: (keyArn, deadline) => createKmsCipher(kms, keyArn, deadline),
  });
  return ({ send, log }: Pick<EngineDeps, "send" | "log">) => {
    const context = { getRemainingTimeInMillis: () => INVOCATION_MS };
    const deadline = deadlineOf(context);
    return {
      ...createDeps(context, log),
      send,
      clock: { now: () => world.clock.now as EpochMs },
      fleet: createFleetPort(secretsManager, { prefix: PREFIX, deadline }),
      findSecret: createFindSecret(secretsManager, deadline),
      listVersions: createListVersions(secretsManager, deadline),
      maker: createMakerPort(secretsManager, deadline),
    };
  };
}

/** Has a world's functions use real clients. */
async function connect(world: StoreStand): Promise<LoopbackAws> {
  const aws = await LoopbackAws.over(world.model);
  const overAws = depsOver(world, aws);
  const { deps } = world;
  world.deps = (victim) => overAws(deps.call(world, victim));
  return aws;
}

/** A rotation: four calls of the rotate function. */
export async function rotation(): Promise<Stage> {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  world.clock.now += 7 * HOUR;
  const before = await currentId(world);
  const aws = await connect(world);
  const act = async () => {
    await world.rotateNow();
    return { failures: world.failures.map(String), ...(await endOf(world, before)) };
  };
  return { aws, act };
}

/** An enrolment of a store without a value. */
export async function enrolment(): Promise<Stage> {
  const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
  const aws = await connect(world);
  const { appSecretVersion } = world;
  const act = async () => {
    const { outcome, why, checked } = await world.enrol({ appSecretVersion });
    return { outcome, why, checked, ...(await endOf(world, undefined)) };
  };
  return { aws, act };
}

/** An approval over a pair that is there: the link, and Shopify's answer. */
export async function approval(): Promise<Stage> {
  const install = await InstallStand.create();
  const { world } = install;
  await install.install();
  world.clock.now += 40 * MINUTE;
  const before = await currentId(world);
  const aws = await connectInstall(install);
  const act = async () => {
    const visit = await install.begin();
    const reply = await install.callback(install.approve(visit), [visit.cookie]);
    return { page: reply.statusCode, ...(await endOf(world, before)) };
  };
  return { aws, act };
}

/** A webhook that says truly that the app was uninstalled; Shopify delivers it again when it is asked to. */
export async function webhook(): Promise<Stage> {
  const install = await InstallStand.create();
  const { world } = install;
  await install.install();
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  const aws = await connectInstall(install);
  const act = async () => {
    const { statusCode: first } = await install.deliver("app/uninstalled");
    if (first !== 200) await install.deliver("app/uninstalled");
    return { wasAnswered: first === 200 || first === 503, ...(await statusOf(world)) };
  };
  return { aws, act };
}

async function connectInstall(install: InstallStand): Promise<LoopbackAws> {
  const { world } = install;
  const aws = await connect(world);
  const knownApps = createKnownApps();
  const apps = createAppMemory();
  const found = createFoundSecrets(knownApps);
  const write = (line: string) => void world.lines.push(line);
  install.handle = (event) => {
    const createDeps = (log: Log) => ({
      ...(world.deps() as ReturnType<ReturnType<typeof depsOver>>),
      log,
      knownApps,
      apps,
      found,
      open: undefined,
      hasList: false,
      installDomain: undefined,
    });
    return answerRequest(event, createDeps, createLog(write));
  };
  return aws;
}

async function currentId(world: StoreStand): Promise<string | undefined> {
  return (await world.current())?.versionId;
}

async function endOf(world: StoreStand, before: string | undefined) {
  const current = await world.current();
  return {
    isNew: current !== undefined && current.versionId !== before,
    works: current !== undefined && world.isAlive(current.record.accessToken.unseal()),
    ...(await statusOf(world)),
  };
}

async function statusOf(world: StoreStand) {
  const tags = await world.tags();
  const { "shopify-secrets:state": state, "shopify-secrets:last-error-code": code } = tags;
  return { state, code };
}

/** A sweep, one store after the other: a pair that is due, a dead token to be told of, and a rotation that is late. */
export async function sweep(limits = SHORT): Promise<Stage> {
  const world = await FleetStand.create();
  world.storesAtOnce = 1;
  await world.add("acme", { kind: "offline-expiring" });
  await world.add("globex", { kind: "custom-app" });
  await world.add("initech", { kind: "client-credentials" });
  await world.sweep();
  world.clock.now += 25 * HOUR;
  await world.add("hooli", { kind: "offline-expiring" });
  const { accessToken } = (await world.currentOf("globex")).record;
  world.shopify.control.revokeToken({ accessToken: accessToken.unseal() });
  await seenBefore(world, "globex");
  const aws = await LoopbackAws.over(world.model);
  const overAws = depsOver(world, aws, limits);
  const sns = createSns({ limits, ...aws.address });
  const publish = createPublish(TOPIC, () => sns);
  const { deps } = world;
  world.deps = (victim) => {
    const given = deps.call(world, victim);
    return { ...given, ...overAws(given), publish };
  };
  const act = async () => {
    const { renewed } = await world.sweep();
    const ends = ["acme", "globex", "hooli", "initech"].map(async (key) => {
      const { state, noticed } = (await world.factsOf(key)).tags;
      return [key, { works: await world.isAlive(key), state, noticed }] as const;
    });
    const heartbeats = world.metrics.map((line) => line["SweepHeartbeat"]);
    return {
      ...Object.fromEntries(await Promise.all(ends)),
      renewed,
      heartbeats,
      told: new Set(aws.published).size,
    };
  };
  return { aws, act };
}

/** That Shopify refused a store's token ten minutes ago: a refusal is believed at its second sight. */
async function seenBefore(world: FleetStand, store: string): Promise<void> {
  const at = epochMs(world.clock.now - 10 * MINUTE);
  const refused = { code: "token_dead", sights: 1, first: at, last: at } as const;
  const tags = Object.entries(encodeStatus({ refused }));
  await world.model.handle("TagResource", {
    SecretId: world.arnOf(store),
    Tags: tags.map(([Key, Value]) => ({ Key, Value })),
  });
}
