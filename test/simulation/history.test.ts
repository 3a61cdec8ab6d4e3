import { happeningsIn } from "../../cli/history/happenings";
import { historyOf } from "../../cli/history/history";
import { type EpochMs, epochMs } from "../../contract/time";
import { Scheduler } from "./actors/scheduler";
import { buildProduct } from "./functions/bundles";
import { CLIENT_ID, HOUR, shopOf } from "./stage";
import { World } from "./world";

interface Lineage {
  readonly at: EpochMs;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A store in a simulated account, with the lines that the real functions wrote about it. */
async function storeWithLines(kind: "client-credentials" | "offline-expiring") {
  const world = new World({ seed: 7, product: await buildProduct() });
  const lines: Lineage[] = [];
  world.output.onLine = (text) => {
    const fields = JSON.parse(text.startsWith("{") ? text : "{}") as Lineage["fields"];
    if (fields["store"] === "acme") lines.push({ at: epochMs(world.awsClock()), fields });
  };
  const settled = (work: Promise<unknown>) => world.timeline.runUntilSettled(work, HOUR);
  await settled(world.open());
  await settled(world.declare("acme", { kind }));
  world.shopify.control.install({ shop: shopOf("acme"), clientId: CLIENT_ID });
  await settled(world.enrol("acme"));
  return { world, lines, settled };
}

describe("what the real functions log is understood", () => {
  test("an enrolment, a renewal, a refusal and a notice", async () => {
    const { world, lines, settled } = await storeWithLines("client-credentials");
    await settled(world.scheduleRotation("acme"));
    new Scheduler(world);
    await world.timeline.runUntil(world.timeline.now + 10 * HOUR);
    world.shopify.control.changeShop({ shop: shopOf("acme"), state: "frozen" });
    await world.timeline.runUntil(world.timeline.now + 26 * HOUR);
    const told = happeningsIn(lines);
    const first = (what: string) => told.find((one) => one.what === what);
    expect(told[0]?.what).toBe("enrolled");
    expect(first("renewed")).toMatchObject({ code: undefined, versionId: expect.any(String) });
    expect(first("refused")).toMatchObject({ code: "shop_frozen" });
    expect(first("failed")).toMatchObject({ code: "shop_frozen" });
    expect(first("told")).toMatchObject({ code: "shop_frozen" });
  });

  test("a version that somebody put by hand is the only one that no line names", async () => {
    const { world, lines, settled } = await storeWithLines("client-credentials");
    await settled(world.scheduleRotation("acme"));
    await world.timeline.runUntil(world.timeline.now + 10 * HOUR);
    const put = await settled(
      world.secrets.must("PutSecretValue", { SecretId: world.arnOf("acme"), SecretString: "{}" }),
    );
    const { Versions } = (await settled(
      world.secrets.must("ListSecretVersionIds", {
        SecretId: world.arnOf("acme"),
        IncludeDeprecated: true,
      }),
    )) as { Versions: { VersionId: string; CreatedDate: Date; VersionStages?: string[] }[] };
    const told = historyOf({
      versions: Versions.map((one) => ({
        versionId: one.VersionId as never,
        createdAt: epochMs(one.CreatedDate.getTime()),
        labels: one.VersionStages ?? [],
      })),
      lines,
      since: epochMs(0),
      until: epochMs(world.awsClock()),
    });
    const byHand = told.happenings.filter(({ what }) => what === "by_hand");
    expect(byHand.map(({ versionId }) => versionId)).toEqual([
      (put as { VersionId: string }).VersionId,
    ]);
  });
});
