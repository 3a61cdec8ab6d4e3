import { encodeChatNotice, testNotice } from "../../../contract/notice";
import { parseSweepRequest } from "../../../contract/sweep";
import { dispatch } from "../../../lambda/sweep/dispatch";
import { PREFIX } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const ASKED = { action: "notify", word: "kraken" } as const;

describe("a test notice", () => {
  test("is published with its word, and reads and writes no store", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    const before = world.calls.length;
    expect(await dispatch(ASKED, world.deps())).toEqual({ outcome: "handed_over" });
    expect(world.calls.slice(before)).toEqual([]);
    expect(world.notices).toEqual([testNotice(PREFIX, "kraken")]);
    expect(world.notices[0]?.message).toMatch(/The word that proves that you read this: kraken$/);
  });

  test("of a stack without a topic says so, and nothing is published", async () => {
    const world = await FleetStand.create();
    world.hasTopic = false;
    expect(await dispatch(ASKED, world.deps())).toEqual({ outcome: "no_topic" });
    expect(world.notices).toEqual([]);
  });

  test("that the topic does not take fails with the code, and is not called handed over", async () => {
    const world = await FleetStand.create();
    world.publish = async () => {
      throw new Error("no topic of that name");
    };
    await expect(dispatch(ASKED, world.deps())).rejects.toThrow();
  });

  test.each([
    { action: "notify" },
    { action: "notify", word: "two words" },
    { action: "notify", word: "shpat_0123" },
    { action: "notify", word: "<!channel>" },
    { action: "notify", word: "a".repeat(21) },
    { action: "notify", word: "kraken", store: "acme" },
  ])("takes a word and nothing else: %j", (event) => {
    expect(() => parseSweepRequest(event)).toThrow(/event_malformed/);
  });

  test("is a card of its own in a channel, and looks like no store's", () => {
    const card = JSON.parse(encodeChatNotice(testNotice(PREFIX, "kraken")));
    expect(card).toMatchObject({
      content: {
        title: ":bell: test: this is how you would hear of a store",
        nextSteps: [expect.any(String), "The word that proves that you read this: kraken"],
        keywords: ["test"],
      },
      metadata: { threadId: "shopify-secrets test", eventType: "test" },
    });
    expect(testNotice("a".repeat(200), "kraken").subject.length).toBeLessThanOrEqual(100);
  });
});
