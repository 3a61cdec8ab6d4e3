import { startCommand } from "./actors/operator";
import { Scheduler } from "./actors/scheduler";
import { Truth } from "./judge/truth";
import { product } from "./live-through";
import type { Call, Trouble } from "./network";
import { CLIENT_ID, HOUR, MINUTE, shopOf } from "./stage";
import { Chance } from "./time/chance";
import { World } from "./world";

const STORES = 300;
/** Stores whose token Shopify does not exchange, though nothing shows that before. */
const REFUSED = ["store-041", "store-120"];
const MIGRATE = ["migrate", "--app", "erp", "--yes"];

/** A public app's stores, each with a token without an end whose migration config permits. */
async function publicFleet(world: World, stores = STORES): Promise<string[]> {
  await world.open();
  world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
  const keys = Array.from(
    { length: stores },
    (_, index) => `store-${String(index).padStart(3, "0")}`,
  );
  for (const key of keys) {
    await world.declare(key, { kind: "offline" });
    const owner = { clientId: CLIENT_ID, shop: shopOf(key) };
    const { accessToken } = world.shopify.control.issueToken({ ...owner, kind: "offline" });
    await world.enrol(key, { accessToken });
    await world.redeclare(key, "offline-expiring");
  }
  return keys;
}

/** What goes wrong with the functions' requests: throttling, outages, lost replies, and some kills. */
function troubles(chance: Chance): {
  plan: (call: Call) => Trouble | undefined;
  met: Map<string, number>;
} {
  const met = new Map<string, number>();
  let killsLeft = 25;
  const meet = (what: string, trouble: Trouble) => {
    met.set(what, (met.get(what) ?? 0) + 1);
    return trouble;
  };
  const plan = ({ process, service, operation }: Call): Trouble | undefined => {
    if (process.part !== "sweep") return undefined;
    const dice = chance.next();
    if (killsLeft > 0 && dice < 0.001) {
      killsLeft -= 1;
      return meet("killed", { kill: dice < 0.0005 ? "before" : "after" });
    }
    if (service !== "shopify") return undefined;
    const isToken = operation.includes("access_token");
    if (dice < 0.05) return meet("throttled", { effect: "none", lie: "429" });
    if (dice < 0.07) return meet("out", { effect: "none", lie: "503" });
    if (isToken && dice < 0.09) return meet("reply lost", { reply: "reset" });
    if (isToken && dice < 0.1) return meet("520 after", { lie: "520" });
    return undefined;
  };
  return { plan, met };
}

const ENDED_BY_A_PERSON = [4 * MINUTE, 40 * MINUTE, 41 * MINUTE, undefined];

test.each([1])(
  "300 stores of a public app are migrated in waves, and no chain is lost (seed %i)",
  async (seed) => {
    const world = new World({ seed, product: await product() });
    const truth = new Truth(world);
    const keys = await world.timeline.runUntilSettled(publicFleet(world), 24 * HOUR);
    for (const key of REFUSED) {
      const accessToken = truth.currentOf(key)?.accessToken ?? "";
      world.shopify.control.revokeToken({ accessToken });
    }
    new Scheduler(world);
    const { plan, met } = troubles(new Chance(seed));
    world.network.plan = plan;

    let exitCode: number | undefined;
    for (const closedAfter of ENDED_BY_A_PERSON) {
      const run = startCommand(MIGRATE, world);
      if (closedAfter === undefined) {
        exitCode = await world.timeline.runUntilSettled(run.exitCode, 12 * HOUR);
        break;
      }
      await world.timeline.runUntil(world.timeline.now + closedAfter);
      run.process.kill();
    }
    world.network.plan = () => undefined;
    await world.timeline.runUntil(world.timeline.now + 2 * HOUR);

    const lost = keys.filter((key) => {
      const { accessToken = "", refreshToken = "" } = truth.currentOf(key) ?? {};
      return !truth.isAlive(accessToken) || !truth.isRefreshable(refreshToken);
    });
    expect({ seed, lost, exitCode }).toEqual({ seed, lost: REFUSED, exitCode: 1 });
    expect([...met.keys()].sort()).toEqual([
      "520 after",
      "killed",
      "out",
      "reply lost",
      "throttled",
    ]);
  },
);

test("what only Shopify knows stops after the first few: an allowlist that leaves the functions out", async () => {
  const world = new World({ seed: 3, product: await product() });
  const truth = new Truth(world);
  const keys = await world.timeline.runUntilSettled(publicFleet(world, 12), 2 * HOUR);
  new Scheduler(world);
  const allowedAddresses = ["198.51.100.1"];
  world.shopify.control.changeApp({ clientId: CLIENT_ID, allowedAddresses });
  const run = startCommand(MIGRATE, world);
  expect(await world.timeline.runUntilSettled(run.exitCode, 12 * HOUR)).toBe(1);
  const begun = keys.filter((key) => truth.currentOf(key)?.refreshToken !== undefined);
  expect(begun).toEqual(["store-000", "store-001", "store-002"]);
});
