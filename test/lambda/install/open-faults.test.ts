import { INSTALLED, SECRET_TAGS } from "../../../contract/names";
import { MINUTE } from "../../simulation/stage";
import { FAULTS, type Fault } from "../stand/faults";
import { STORE } from "../stand/store-stand";
import { OpenStand } from "./open-stand";

/** An open app, and a merchant who is about to come back from Shopify; every call of the endpoint can fail. */
async function approved() {
  const stand = await OpenStand.create();
  const { install } = stand;
  install.clientOf = (invocation) => install.world.secretsManagerOf(invocation);
  const shop = stand.openShop("wholegrain");
  const visit = await stand.arrive(shop);
  const query = install.approve(visit);
  return { stand, shop, answer: () => install.callback(query, [visit.cookie]) };
}

/** How many calls the answer makes when nothing goes wrong. */
async function callsOfAnAnswer(): Promise<number> {
  const { stand, answer } = await approved();
  const { calls } = stand.install.world;
  const before = calls.length;
  await answer();
  return calls.length - before;
}

/** The merchant tries again until he is told that all is well, as people do. */
async function comeUntilWell({ stand, shop }: Awaited<ReturnType<typeof approved>>) {
  for (let time = 0; time < 3; time += 1) {
    stand.clock.now += 2 * MINUTE;
    const { body } = await stand.come(shop);
    if (/is connected|does not need you/.test(body)) return time;
  }
  throw new Error("the merchant gave up");
}

describe.each<Fault>([...FAULTS])("a merchant who came by himself, and a call that %s", (fault) => {
  test("has one working store in the end, wherever it was", async () => {
    const most = await callsOfAnAnswer();
    expect(most).toBeGreaterThan(15);
    for (let at = 0; at < most; at += 1) {
      const given = await approved();
      const { stand, shop, answer } = given;
      const { world } = stand.install;
      const from = world.calls.length;
      world.plan = ({ index }) => (index === from + at ? fault : undefined);
      await answer().catch(() => undefined);
      world.plan = () => undefined;
      await comeUntilWell(given);
      const where = `call ${at}: ${world.calls[from + at]?.operation}`;
      expect([where, stand.keys]).toEqual([where, [STORE, "wholegrain"]]);
      expect([where, await stand.works("wholegrain", shop)]).toEqual([where, true]);
      const secret = await stand.secretOf("wholegrain");
      expect(secret?.tags).toMatchObject({ [SECRET_TAGS.origin]: INSTALLED });
    }
  });
});
