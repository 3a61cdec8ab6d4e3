import { DAY, HOUR, MINUTE, SCOPES } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const unpublished = async () => {
  throw new Error("SNS does not answer");
};

describe("telling people", () => {
  test("comes after the tags, the metrics and the heartbeat: a service that hangs stops none of them", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.add("globex", { kind: "custom-app" });
    await world.sweep();
    world.clock.now += 24 * HOUR;
    const { accessToken } = (await world.currentOf("globex")).record;
    world.shopify.control.revokeToken({ accessToken: accessToken.unseal() });
    const seen: string[] = [];
    world.metrics.length = 0;
    world.publish = async (notice) => {
      const { tags } = await world.factsOf(notice.store ?? "");
      seen.push(`${notice.store} ${tags["state"]} ${world.metrics.length}`);
      await unpublished();
    };
    await world.sweep();
    // One answer condemns nobody.
    expect(seen).toEqual([]);
    world.clock.now += 10 * MINUTE;
    await world.sweep();
    expect(seen).toEqual(["globex dead 2"]);
    expect(await world.isAlive("acme")).toBe(true);
    expect((await world.factsOf("globex")).tags["noticed"]).toBeUndefined();
  });

  test("what could not be told is told by the next pass, of a token that works as well", async () => {
    const world = await FleetStand.create();
    const scopes = [...SCOPES, "read_customers"];
    await world.add("acme", { kind: "custom-app", scopes });
    const { publish } = world;
    const told = async () => {
      world.notices.length = 0;
      world.clock.now += DAY;
      await world.sweep();
      return world.notices.map(({ turn, state, code }) => `${turn} ${state} ${code}`);
    };
    expect(await told()).toEqual(["worse ok scope_missing"]);
    await world.declare("acme", { kind: "custom-app" });
    expect(await told()).toEqual(["mended ok scope_missing"]);
    // The same trouble is news again, also when it stands in the tags before anybody was told.
    await world.declare("acme", { kind: "custom-app", scopes });
    world.publish = unpublished;
    expect(await told()).toEqual([]);
    world.publish = publish;
    expect(await told()).toEqual(["worse ok scope_missing"]);
    expect(await told()).toEqual([]);
  });
});
