import type { RotationEvent } from "../../../local/secrets-manager/rotation-run";
import type { Judge } from "../judge/judge";
import type { Doing } from "../schedule";
import { APP, CLIENT_ID, MINUTE, SCOPES } from "../stage";
import { NotSimulated, type World } from "../world";
import { goOnWithTheKey, keepFromSigning, moveToTheKey, revokeTheKey } from "./keys";
import { approve } from "./merchant";
import { beForgotten, come, forge, leave, merchantOf } from "./newcomer";
import { command } from "./operator";
import type { Scheduler } from "./scheduler";

/** Where something happens. */
export interface Scene {
  readonly world: World;
  readonly judge: Judge;
  readonly scheduler: Scheduler;
  /** The store that it happens to. */
  readonly key: string;
}

/** Does what somebody does; a failure is its doer's own, unless it is the simulation's. */
export async function act(doing: Doing, scene: Scene): Promise<void> {
  try {
    await actOn(doing, scene);
  } catch (error) {
    if (error instanceof NotSimulated) throw error;
    scene.world.output.push(`${doing.does}: ${String(error)}`);
  }
}

async function actOn(doing: Doing, scene: Scene): Promise<void> {
  const { world, scheduler, judge, key } = scene;
  switch (doing.does) {
    case "nothing":
      return;
    case "sweep again":
      scheduler.repeatsAfterMs = doing.laterMs;
      return;
    case "stop sweeps":
      scheduler.isOn = false;
      return;
    case "go on with sweeps":
      scheduler.isOn = true;
      return;
    case "sweep":
      return void (await world.invoke("sweep", { action: "sweep" }));
    case "check":
    case "rotate":
    case "unstick":
      return void (await command([doing.does, key], world));
    case "rotate in the console":
      return void (await world.secrets.act("RotateSecret", { SecretId: world.arnOf(key) }));
    case "migrate":
      // Nobody takes a store away from its app's key to migrate what it does not have.
      if (world.signs !== undefined && world.kinds.get(key) === "client-credentials") return;
      await world.redeclare(key, "offline-expiring");
      return void (await command(["migrate", key, "--yes"], world));
    case "roll back":
      return await rollBack(scene);
    case "enrol":
      return await enrolling(scene, async () => void (await world.enrol(key)));
    case "put":
      return await enrolling(scene, () => put(scene));
    case "approve":
      return void (await approve(key, doing, { world, judge }));
    case "deliver step again":
      return await deliverAgain(doing.which, world);
    case "new client secret alone":
      return await newClientSecret(scene);
    case "new client secret":
    case "wrong client secret":
    case "revoke old client secrets":
      return await CLIENT_SECRETS[doing.does](scene);
    case "go on with the key":
      return await goOnWithTheKey(scene);
    case "move to the key":
      return await enrolling(scene, () => moveToTheKey(scene));
    case "disable the key":
    case "delete the key":
      return await keepFromSigning(doing.does, doing.minutes, scene);
    case "revoke the key":
      return revokeTheKey(scene);
    case "uninstall":
      return uninstall(scene);
    case "lose a scope":
      return loseScope(scene);
    case "freeze":
    case "lock":
    case "block address":
      return await standInTheWay(doing.does, doing.minutes, scene);
    case "come":
      return void (await come(merchantOf(doing.merchant), doing, { world, judge }));
    case "many come":
      return await manyCome(doing, scene);
    case "leave":
      return leave(merchantOf(doing.merchant), { world, judge });
    case "be forgotten":
      return beForgotten(merchantOf(doing.merchant), { world });
    case "forge":
      return await forge(merchantOf(doing.merchant), doing.how, { world, judge });
    case "fall asleep":
      return world.lambda.fallAsleep(doing.function);
    case "recycle":
      return world.lambda.forget();
    case "move clock":
      return world.moveAwsClock(doing.byMs);
    default:
      return doing satisfies never;
  }
}

/** Merchants who come within moments of each other. */
async function manyCome(
  doing: Extract<Doing, { does: "many come" }>,
  { world, judge }: Scene,
): Promise<void> {
  const { merchants, apartMs } = doing;
  await Promise.all(
    Array.from({ length: merchants }, async (_, index) => {
      await world.timeline.sleep(index * apartMs);
      await come(merchantOf(index), doing, { world, judge });
    }),
  );
}

/** A person gives a store a value, whatever was taken back before. */
async function enrolling({ judge, key }: Scene, act: () => Promise<void>): Promise<void> {
  judge.enrolling.push(key);
  try {
    await act();
  } finally {
    judge.enrolling.splice(judge.enrolling.indexOf(key), 1);
  }
}

async function rollBack({ world, judge, key }: Scene): Promise<void> {
  judge.rolledBack.add(key);
  judge.rollingBack.add(key);
  await command(["rollback", key], world);
  judge.rollingBack.delete(key);
}

/** A merchant hands out another static token, and the operator puts it. */
async function put({ world, key }: Scene): Promise<void> {
  const kind = world.kinds.get(key);
  if (kind !== "offline" && kind !== "custom-app") return;
  const owner = { clientId: CLIENT_ID, shop: world.shopOf(key) };
  const { accessToken } = world.shopify.control.issueToken({ ...owner, kind });
  await command(["put", key], world, accessToken);
}

/** A step of a rotation arrives again, as late as can be. */
async function deliverAgain(which: number, world: World): Promise<void> {
  const step: RotationEvent | undefined = world.steps[which % Math.max(1, world.steps.length)];
  if (step !== undefined) await world.invoke("rotate", step);
}

async function newClientSecret({ world }: Scene): Promise<void> {
  const clientSecret = `shpss_${String(world.clientSecrets.length + 1).padStart(32, "0")}`;
  world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret });
  world.clientSecrets.push(clientSecret);
  await world.putAppSecret(clientSecret);
}

const CLIENT_SECRETS = {
  "new client secret": async (scene: Scene): Promise<void> => {
    await newClientSecret(scene);
    for (const key of scene.world.declared) await scene.world.enrol(key);
  },

  /** A mistyped client secret in config; the one before stays AWSPREVIOUS of the app secret. */
  "wrong client secret": async ({ world }: Scene): Promise<void> => {
    if (!world.clientSecrets.includes(world.clientSecret)) return;
    await world.putAppSecret("shpss_99999999999999999999999999999999");
    for (const key of world.declared) await world.enrol(key);
  },

  /** What an operator does when every token was made by the newest client secret, as the command tells. */
  "revoke old client secrets": async ({ world }: Scene): Promise<void> => {
    const newest = world.clientSecrets.at(-1);
    if (world.clientSecret !== newest) return;
    const exit = await command(["rotate", "--app", APP], world);
    if (exit !== 0 || world.clientSecret !== newest) return;
    for (const clientSecret of world.clientSecrets.splice(0, world.clientSecrets.length - 1)) {
      world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret });
    }
  },
} as const;

function uninstall({ world, key }: Scene): void {
  const owner = { clientId: CLIENT_ID, shop: world.shopOf(key) };
  if (world.shopify.control.installation(owner) === null) return;
  world.shopify.control.uninstall(owner);
  world.shopify.planWebhooks();
}

/** The merchant takes back a part of what he granted. */
function loseScope({ world, key }: Scene): void {
  const scopes = SCOPES.slice(0, 1);
  world.shopify.control.changeScopes({ clientId: CLIENT_ID, shop: world.shopOf(key), scopes });
  world.shopify.planWebhooks();
}

/** Something of a shop or an app that stops everybody for a while, and ends by itself. */
async function standInTheWay(
  what: "freeze" | "lock" | "block address",
  minutes: number,
  { world, key }: Scene,
): Promise<void> {
  const { control } = world.shopify;
  const shop = world.shopOf(key);
  if (world.obstructed.size > 0) return;
  // The address is the app's, and all of its stores are closed to it.
  for (const one of what === "block address" ? world.stores : [key]) {
    world.obstructed.set(one, { since: world.timeline.now, isClosed: what !== "block address" });
  }
  if (what === "freeze") control.changeShop({ shop, state: "frozen" });
  if (what === "lock") control.changeShop({ shop, state: "locked" });
  if (what === "block address") {
    control.changeApp({ clientId: CLIENT_ID, allowedAddresses: ["198.51.100.1"] });
  }
  await world.timeline.sleep(minutes * MINUTE);
  clearTheWay(world);
}

/** Ends everything that stands in the way. */
export function clearTheWay(world: World): void {
  const { control } = world.shopify;
  for (const key of world.stores) control.changeShop({ shop: world.shopOf(key), state: "open" });
  control.changeApp({ clientId: CLIENT_ID, allowedAddresses: ["127.0.0.1"] });
  world.obstructed.clear();
}
