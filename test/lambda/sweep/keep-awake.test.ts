import { CodedError } from "../../../contract/errors";
import { isPing } from "../../../contract/ping";
import { DAY } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

test("enrol and install are called once a day, for nothing, and not waited for", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  await world.pass(5 * DAY);
  const callsOf = (name: string) => world.called.filter((call) => call.name === name);
  for (const name of ["shopify-test-enrol", "shopify-test-install"]) {
    const calls = callsOf(name);
    expect(calls).toHaveLength(5);
    expect(calls.every(({ event }) => isPing(event))).toBe(true);
    const gaps = calls.slice(1).map(({ at }, place) => at - (calls[place]?.at ?? 0));
    expect(gaps.every((gap) => gap === DAY)).toBe(true);
  }
  expect(world.called).toHaveLength(10);
});

test("a call that fails, such as of a function that is not there, costs the sweep nothing", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  world.callFunction = async () => {
    throw new CodedError("secret_not_found");
  };
  await world.pass(DAY);
  expect(world.metrics.every(({ SweepHeartbeat }) => SweepHeartbeat === 1)).toBe(true);
  expect(world.lines.join("\n")).toContain("sweep.not_kept_awake");
});
