import { encodeStatus } from "../../../contract/store/status";
import { epochMs } from "../../../contract/time";
import { DAY, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const CHECK_ALL = { action: "check", stores: [], stage: "AWSCURRENT" } as const;

async function enrolled(failedWith?: "store_not_permitted"): Promise<FleetStand> {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "client-credentials", holds: "none", isRotated: false });
  if (failedWith !== undefined) {
    const at = epochMs(world.clock.now);
    const change = { state: "failing", lastErrorCode: failedWith, lastErrorAt: at } as const;
    const Tags = Object.entries(encodeStatus(change)).map(([Key, Value]) => ({ Key, Value }));
    await world.model.handle("TagResource", { SecretId: world.arnOf("acme"), Tags });
  }
  return world;
}

describe("a client-credentials store whose first enrolment failed", () => {
  test("fails in the metrics, in the notice and in a check, with the code of its enrolment", async () => {
    const world = await enrolled("store_not_permitted");
    await world.pass(20 * MINUTE);
    expect(world.metrics.at(-1)).toMatchObject({ StoresFailing: 1, StoresAwaiting: 0 });
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0]).toMatchObject({ state: "failing", code: "store_not_permitted" });
    expect(world.notices[0]?.message).toContain("then pulumi up --continue-on-error");
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "failing",
      "last-error-code": "store_not_permitted",
    });
    expect(await world.act(CHECK_ALL)).toEqual({
      stores: [
        {
          store: "acme",
          kind: "client-credentials",
          state: "failing",
          code: "store_not_permitted",
        },
      ],
    });
  });

  test("is left alone while its enrolment may be under way, and told when it never came", async () => {
    const world = await enrolled();
    await world.pass(10 * MINUTE);
    expect(world.metrics.at(-1)).toMatchObject({ StoresAwaiting: 1 });
    expect(world.notices).toEqual([]);
    await world.pass(DAY);
    expect(world.notices.map(({ code }) => code)).toEqual(["not_enrolled"]);
    expect(world.notices[0]?.message).toContain("Next: pulumi up --continue-on-error");
  });
});

test("a check of a store without a token has no answer of Shopify's", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring", holds: "none" });
  const { stores } = (await world.act(CHECK_ALL)) as { stores: object[] };
  expect(stores).toEqual([
    { store: "acme", kind: "offline-expiring", state: "awaiting_merchant", code: "" },
  ]);
});
