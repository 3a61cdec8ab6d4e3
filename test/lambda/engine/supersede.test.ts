import type { VersionId } from "../../../contract/brands";
import { encodeRecord, type StoreRecord } from "../../../contract/record";
import { epochMs } from "../../../contract/time";
import { PLANS } from "../../../lambda/engine/plans";
import { promote, type Supersession } from "../../../lambda/engine/promote";
import { versionIdOf } from "../../../lambda/engine/version-id";
import { StoreStand } from "../stand/store-stand";

interface Stored {
  readonly versionId: VersionId;
  readonly record: StoreRecord;
}

const SECOND = 1_000;

/** A store with a current pair, and an install of it that was stored and waits for its promotion. */
class Stage {
  readonly world: StoreStand;
  readonly parent: Stored;
  readonly install: Stored;

  private constructor(world: StoreStand, parent: Stored, install: Stored) {
    this.world = world;
    this.parent = parent;
    this.install = install;
  }

  static async create(): Promise<Stage> {
    const world = await StoreStand.create({ kind: "offline-expiring" });
    const parent = await world.current();
    if (parent === undefined) throw new Error("the stage has no current version");
    const install = await put(world, parent, { purpose: "install", label: "INSTALLING" });
    return new Stage(world, parent, install);
  }

  /** Stores a version made from another one and makes it AWSCURRENT. */
  async current(from: Stored, purpose: "install" | "renew", secondsLater: number): Promise<Stored> {
    return await put(this.world, from, { purpose, label: "AWSCURRENT", secondsLater, attempt: 1 });
  }

  async supersede(): Promise<Supersession> {
    const place = { secretArn: this.world.arn, plan: PLANS.install };
    return await promote(place, this.install, this.world.deps());
  }

  async holder(): Promise<string | undefined> {
    return (await this.world.current())?.versionId;
  }
}

async function put(
  world: StoreStand,
  from: Stored,
  as: {
    purpose: "install" | "renew";
    label: string;
    secondsLater?: number;
    attempt?: number;
  },
): Promise<Stored> {
  const { purpose, attempt = 0, secondsLater = 0 } = as;
  const versionId = versionIdOf({ purpose, from: from.versionId, attempt });
  const issuedAt = epochMs(world.clock.now + secondsLater * SECOND);
  const record = { ...from.record, issuedAt, parentVersion: from.versionId };
  await world.model.handle("PutSecretValue", {
    SecretId: world.arn,
    ClientRequestToken: versionId,
    SecretString: encodeRecord(record),
    VersionStages: [as.label],
  });
  return { versionId, record };
}

test("an install follows its parent", async () => {
  const stage = await Stage.create();
  expect(await stage.supersede()).toBe("promoted");
  expect(await stage.supersede()).toBe("already_current");
  expect(await stage.holder()).toBe(stage.install.versionId);
});

test.each([-30, 0, 30])(
  "a renewal of the parent loses, also when it was stored %i seconds later: its refresh token is dead",
  async (secondsLater) => {
    const stage = await Stage.create();
    await stage.current(stage.parent, "renew", secondsLater);
    expect(await stage.supersede()).toBe("promoted");
    expect(await stage.holder()).toBe(stage.install.versionId);
  },
);

test("so does a renewal of that renewal", async () => {
  const stage = await Stage.create();
  const renewal = await stage.current(stage.parent, "renew", 10);
  await stage.current(renewal, "renew", 20);
  expect(await stage.supersede()).toBe("promoted");
});

test("a later install wins, and so does what renews it", async () => {
  const stage = await Stage.create();
  const later = await stage.current(stage.parent, "install", 5);
  expect(await stage.supersede()).toBe("overtaken");
  expect(await stage.holder()).toBe(later.versionId);
  const renewal = await stage.current(later, "renew", 10);
  expect(await stage.supersede()).toBe("overtaken");
  expect(await stage.holder()).toBe(renewal.versionId);
});

test("a renewal of this very install is left where it is: another sweep took the same install up", async () => {
  const stage = await Stage.create();
  const renewal = await stage.current(stage.install, "renew", 0);
  expect(await stage.supersede()).toBe("overtaken");
  const another = await stage.current(renewal, "renew", 0);
  expect(await stage.supersede()).toBe("overtaken");
  expect(await stage.holder()).toBe(another.versionId);
});

test("of two installs in the same second the one that is there stays", async () => {
  const stage = await Stage.create();
  const { record } = stage.install;
  const install = {
    ...stage.install,
    record: { ...record, issuedAt: epochMs(record.issuedAt + 999) },
  };
  const other = await stage.current(stage.parent, "install", 0);
  const place = { secretArn: stage.world.arn, plan: PLANS.install };
  expect(await promote(place, install, stage.world.deps())).toBe("overtaken");
  expect(await stage.holder()).toBe(other.versionId);
});

test("an earlier install loses, whatever renewed it since", async () => {
  const stage = await Stage.create();
  const earlier = await stage.current(stage.parent, "install", -5);
  expect(await stage.supersede()).toBe("promoted");
  await stage.current(earlier, "renew", 10);
  expect(await stage.supersede()).toBe("promoted");
  expect(await stage.holder()).toBe(stage.install.versionId);
});

test("a value that is no record gives way", async () => {
  const stage = await Stage.create();
  await stage.world.model.handle("PutSecretValue", {
    SecretId: stage.world.arn,
    ClientRequestToken: stage.world.model.newToken(),
    SecretString: "edited by hand",
  });
  expect(await stage.supersede()).toBe("promoted");
});

test("AWSCURRENT that never stands still is given up, and nothing is written", async () => {
  const stage = await Stage.create();
  let moves = 0;
  stage.world.before = async ({ operation }) => {
    if (operation !== "UpdateSecretVersionStage") return;
    moves += 1;
    await put(stage.world, stage.parent, { purpose: "renew", label: "AWSCURRENT", attempt: moves });
  };
  await expect(stage.supersede()).rejects.toMatchObject({ code: "parent_moved" });
  expect(moves).toBe(5);
  expect(await stage.holder()).not.toBe(stage.install.versionId);
});
