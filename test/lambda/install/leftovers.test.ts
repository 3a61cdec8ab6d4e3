import type { SecretArn, ShopDomain, VersionId } from "../../../contract/brands";
import {
  isLeftover,
  LEFTOVER_AFTER_MS,
  type LeftoverOrder,
  leftoverOrder,
  MOST_LEFTOVERS,
  parseLeftoverOrder,
} from "../../../contract/leftovers";
import { INSTALLED, SECRET_TAGS } from "../../../contract/names";
import { secretFactsOf } from "../../../contract/store/secret-facts";
import { storesIn } from "../../../contract/store/view";
import { epochMs } from "../../../contract/time";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import type { SecretsManagerSend } from "../../../lambda/secrets/secrets-manager";
import type { SweepDeps } from "../../../lambda/sweep/deps";
import { orderLeftovers } from "../../../lambda/sweep/order-leftovers";
import { LONGEST_LIST_LAG_MS } from "../../../local/secrets-manager";
import { DAY, HOUR, MINUTE, PREFIX } from "../../simulation/stage";
import { FAULTS, type Fault, Killed } from "../stand/faults";
import { Invocation } from "../stand/stand";
import { STORE, type StoreOptions } from "../stand/store-stand";
import { OpenStand } from "./open-stand";

const BEHIND = { model: { listLagMs: LONGEST_LIST_LAG_MS } };

/** An open app, and a merchant whose approval was verified and came to nothing: the function was killed. */
async function leftBehind(options: Partial<StoreOptions> = BEHIND) {
  const stand = await OpenStand.create(options);
  const { install } = stand;
  const { world } = install;
  install.clientOf = (invocation) => world.secretsManagerOf(invocation);
  const shop = stand.openShop("wholegrain");
  const visit = await stand.arrive(shop);
  world.plan = ({ operation }) => (operation === "CreateSecret" ? "killed_after" : undefined);
  await install.callback(install.approve(visit), [visit.cookie]).catch(() => undefined);
  world.plan = () => undefined;
  const { arn } = (await stand.secretOf("wholegrain")) ?? {};
  if (arn === undefined) throw new Error("nothing was left behind");
  return { stand, shop, arn };
}

type Left = Awaited<ReturnType<typeof leftBehind>>;

/** A pass of the sweep, as far as it is about what was left behind; what it asked for. */
async function pass({ install }: OpenStand): Promise<LeftoverOrder | undefined> {
  const { world } = install;
  const invocation = new Invocation();
  const client = world.secretsManagerOf(invocation);
  const fleet = createFleetPort(client, { prefix: PREFIX, deadline: invocation });
  let asked: LeftoverOrder | undefined;
  const callFunction: SweepDeps["callFunction"] = async (name, event) => {
    expect(name).toBe("shopify-test-install");
    asked = parseLeftoverOrder(event);
  };
  const stores = storesIn(await fleet.listOwn(), PREFIX);
  await orderLeftovers(stores, { ...world.deps(invocation), callFunction } as SweepDeps);
  if (asked !== undefined) await install.order(asked);
  return asked;
}

const stateOf = async ({ stand }: Pick<Left, "stand">) => {
  const secret = await stand.secretOf("wholegrain");
  return secret === undefined ? "gone" : secret.isDeleted ? "deleted" : "there";
};

/** The merchant tries again until he is told that all is well, as people do. */
async function comeUntilWell(stand: OpenStand, shop: ShopDomain): Promise<void> {
  for (let time = 0; time < 4; time += 1) {
    stand.clock.now += 2 * MINUTE;
    const { body } = await stand.come(shop).catch(() => ({ body: "" }));
    if (/is connected|does not need you/.test(body)) return;
  }
  throw new Error("the merchant gave up");
}

/** Lets something happen right before one call of AWS; answers how many calls there were. */
function cutIn(stand: OpenStand, at: number, happens: () => Promise<unknown>): () => number {
  const { world } = stand.install;
  const plain = world.secretsManagerOf.bind(world);
  let seen = 0;
  world.secretsManagerOf = (victim) => {
    const client = plain(victim);
    const send = async (...given: readonly unknown[]) => {
      const isNow = seen === at;
      seen += 1;
      if (isNow) {
        world.secretsManagerOf = plain;
        await happens();
      }
      return await (client.send as (...all: readonly unknown[]) => unknown)(...given);
    };
    return { ...client, send } as unknown as SecretsManagerSend;
  };
  return () => {
    world.secretsManagerOf = plain;
    return seen;
  };
}

describe("a secret that a merchant who came by himself left without a value", () => {
  test("is removed a week later, can be restored, and is his again when he comes back", async () => {
    const left = await leftBehind();
    const { stand, shop, arn } = left;
    stand.clock.now += LEFTOVER_AFTER_MS - 2 * HOUR;
    expect(await pass(stand)).toBeUndefined();
    expect(await stateOf(left)).toBe("there");
    stand.clock.now += 3 * HOUR;
    expect(await pass(stand)).toEqual(leftoverOrder([arn]));
    expect(await stateOf(left)).toBe("deleted");
    expect(stand.install.line("install.leftover_removed")).toMatchObject({ secret_arn: arn });
    await comeUntilWell(stand, shop);
    expect(await stateOf(left)).toBe("there");
    expect((await stand.secretOf("wholegrain"))?.arn).toBe(arn);
    expect(await stand.works("wholegrain", shop)).toBe(true);
    stand.clock.now += 10 * MINUTE;
    expect(await pass(stand)).toBeUndefined();
  });

  test("is the next approval's until then", async () => {
    const { stand, shop, arn } = await leftBehind();
    stand.clock.now += 6 * DAY;
    await comeUntilWell(stand, shop);
    expect((await stand.secretOf("wholegrain"))?.arn).toBe(arn);
    stand.clock.now += 2 * DAY;
    expect(await pass(stand)).toBeUndefined();
  });

  test("stays when the list, which is behind, shows it empty and the merchant has just come", async () => {
    const left = await leftBehind();
    const { stand, shop, arn } = left;
    stand.clock.now += 8 * DAY;
    expect(await stand.come(shop)).toMatchObject({ statusCode: 200 });
    stand.clock.now += MINUTE;
    expect(await pass(stand)).toEqual(leftoverOrder([arn]));
    expect(await stateOf(left)).toBe("there");
    expect(await stand.works("wholegrain", shop)).toBe(true);
    expect(stand.install.line("install.leftover_stays")).toBeUndefined();
  });

  test("stays for another week when the merchant tried again and failed", async () => {
    const left = await leftBehind();
    const { stand, shop } = left;
    stand.clock.now += 6 * DAY;
    stand.install.world.plan = ({ operation }) =>
      operation === "/admin/oauth/access_token" ? "killed_after" : undefined;
    await stand.come(shop).catch(() => undefined);
    stand.install.world.plan = () => undefined;
    stand.clock.now += 6 * DAY;
    expect(await pass(stand)).toBeUndefined();
    stand.clock.now += DAY + HOUR;
    await pass(stand);
    expect(await stateOf(left)).toBe("deleted");
  });

  test("stays with a version that lost its label, or that AWS did not take and its tags hold", async () => {
    const left = await leftBehind({ model: { firstValueBecomesCurrent: false } });
    const { stand, arn } = left;
    const { model } = stand.install.world;
    stand.clock.now += 8 * DAY;
    const VersionStage = "SHOPIFY_SECRETS_INSTALLING";
    const { VersionId } = (await model.handle("PutSecretValue", {
      SecretId: arn,
      ClientRequestToken: model.newToken(),
      SecretString: "{}",
      VersionStages: [VersionStage],
    })) as { VersionId: VersionId };
    const drop = { SecretId: arn, VersionStage, RemoveFromVersionId: VersionId };
    await model.handle("UpdateSecretVersionStage", drop);
    expect(await model.handle("DescribeSecret", { SecretId: arn })).not.toHaveProperty(
      "VersionIdsToStages",
    );
    await stand.install.order(leftoverOrder([arn]));
    expect(await stateOf(left)).toBe("there");

    const second = await leftBehind();
    second.stand.clock.now += 8 * DAY;
    await second.stand.install.world.model.handle("TagResource", {
      SecretId: second.arn,
      Tags: [{ Key: "shopify-secrets:kept-1", Value: "sealed" }],
    });
    await second.stand.install.order(leftoverOrder([second.arn]));
    expect(await stateOf(second)).toBe("there");
  });

  test("stays where a mark has no room among the operator's own tags", async () => {
    const left = await leftBehind();
    const { stand, arn } = left;
    stand.clock.now += 8 * DAY;
    const Tags = Array.from({ length: 34 }, (_, at) => ({ Key: `own-${at}`, Value: "x" }));
    await stand.install.world.model.handle("TagResource", { SecretId: arn, Tags });
    await stand.install.order(leftoverOrder([arn]));
    expect(await stateOf(left)).toBe("there");
  });
});

test("an order for one that is young, or that its merchant has just tried, removes nothing", async () => {
  const left = await leftBehind();
  const { stand, arn } = left;
  stand.clock.now += 6 * DAY;
  const kept = await stand.install.snapshot();
  await stand.install.order(leftoverOrder([arn]));
  expect(await stand.install.snapshot()).toBe(kept);
});

test("nobody else's secret is removed, whoever names it", async () => {
  const { stand, arn } = await leftBehind();
  const { install } = stand;
  stand.clock.now += 8 * DAY;
  const declared = install.world.arnOf(STORE);
  const foreign = arn.replace(`${PREFIX}/`, "shopify/other/") as SecretArn;
  const kept = await install.snapshot();
  await install.order(leftoverOrder([declared, foreign]));
  expect(await install.snapshot()).toBe(kept);
  expect(install.line("install.leftover_stays")).toMatchObject({ code: "secret_out_of_prefix" });
  install.openInstalls = undefined;
  await install.order(leftoverOrder([arn]));
  expect(await install.snapshot()).toBe(kept);
});

describe.each<Fault>([...FAULTS])("a removal in which a call %s", (fault) => {
  test("is made by a later pass, and the merchant comes back to his store, wherever it was", async () => {
    for (let at = 0; ; at += 1) {
      const left = await leftBehind();
      const { stand, shop, arn } = left;
      const { world } = stand.install;
      stand.clock.now += 8 * DAY;
      const from = world.calls.length;
      world.plan = ({ index }) => (index === from + at ? fault : undefined);
      await stand.install.order(leftoverOrder([arn])).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      world.plan = () => undefined;
      const where = `call ${at}: ${world.calls[from + at]?.operation}`;
      if (world.calls[from + at] === undefined) {
        expect(at).toBeGreaterThanOrEqual(5);
        return;
      }
      // The list shows for minutes what was, and orders come twice.
      for (let time = 0; time < 3; time += 1) {
        stand.clock.now += 10 * MINUTE;
        await pass(stand);
      }
      expect([where, await stateOf(left)]).toEqual([where, "deleted"]);
      await comeUntilWell(stand, shop);
      expect([where, await stand.works("wholegrain", shop)]).toEqual([where, true]);
      expect([where, stand.keys]).toEqual([where, [STORE, "wholegrain"]]);
    }
  });
});

describe("a removal and an approval at the same time", () => {
  /** Whether the merchant was told that all is well, and is. */
  async function wellAfter({ stand, shop }: Left, told: string, where: string) {
    const state = await stateOf({ stand });
    if (told.includes("is connected")) {
      expect([where, state, await stand.works("wholegrain", shop)]).toEqual([where, "there", true]);
    }
    await comeUntilWell(stand, shop);
    stand.clock.now += 20 * MINUTE;
    await pass(stand);
    expect([where, await stateOf({ stand })]).toEqual([where, "there"]);
    expect([where, await stand.works("wholegrain", shop)]).toEqual([where, true]);
  }

  test("of which the approval comes in between, at each call of the removal", async () => {
    for (let at = 0; ; at += 1) {
      const left = await leftBehind();
      const { stand, shop, arn } = left;
      stand.clock.now += 8 * DAY;
      let told = "";
      const end = cutIn(stand, at, async () => {
        told = (await stand.come(shop).catch(() => ({ body: "" }))).body;
      });
      await stand.install.order(leftoverOrder([arn]));
      if (end() <= at) return expect(at).toBeGreaterThanOrEqual(5);
      await wellAfter(left, told, `call ${at}`);
    }
  });

  test("of which the removal comes in between, at each call of the approval", async () => {
    for (let at = 0; ; at += 1) {
      const left = await leftBehind();
      const { stand, shop, arn } = left;
      stand.clock.now += 8 * DAY;
      const visit = await stand.arrive(shop);
      const query = stand.install.approve(visit);
      const end = cutIn(stand, at, () => stand.install.order(leftoverOrder([arn])));
      const reply = await stand.install.callback(query, [visit.cookie]).catch(() => undefined);
      if (end() <= at) return expect(at).toBeGreaterThanOrEqual(10);
      await wellAfter(left, reply?.body ?? "", `call ${at}`);
    }
  });
});

describe("an order that comes twice, the second time amid the return of a merchant whose secret the first one removed", () => {
  /** How often he has to start again, of a return in which the order comes at each of its calls. */
  async function triesAgain(later: number): Promise<number> {
    let again = 0;
    for (let at = 0; ; at += 1) {
      const { stand, shop, arn } = await leftBehind();
      stand.clock.now += 8 * DAY;
      await stand.install.order(leftoverOrder([arn]));
      expect(await stateOf({ stand })).toBe("deleted");
      stand.clock.now += later;
      const visit = await stand.arrive(shop);
      const query = stand.install.approve(visit);
      const end = cutIn(stand, at, () => stand.install.order(leftoverOrder([arn])));
      const { body } = await stand.install.callback(query, [visit.cookie]);
      if (end() <= at) {
        expect(at).toBeGreaterThanOrEqual(10);
        return again;
      }
      if (!body.includes("is connected")) {
        again += 1;
        await comeUntilWell(stand, shop);
      }
      expect([at, await stand.works("wholegrain", shop)]).toEqual([at, true]);
    }
  }

  test("takes nothing from him at once, and later only between the return of the secret and the mark on it", async () => {
    expect(await triesAgain(0)).toBe(0);
    expect(await triesAgain(2 * MINUTE)).toBeLessThanOrEqual(2);
  });
});

describe("what the sweep asks for", () => {
  const NOW = epochMs(Date.UTC(2026, 10, 29));
  const arnOf = (index: number) =>
    `arn:aws:secretsmanager:us-east-1:000000000000:secret:${PREFIX}/stores/m-${index}/token-AbCdEf` as SecretArn;
  const factsOf = (index: number, change: object = {}) =>
    secretFactsOf({
      Name: `${PREFIX}/stores/m-${index}/token`,
      CreatedDate: new Date(NOW - LEFTOVER_AFTER_MS),
      Tags: [{ Key: SECRET_TAGS.origin, Value: INSTALLED }],
      ...change,
    });

  test("is a few of many, others at the next pass, and each in its turn", async () => {
    const many = Array.from({ length: 25 }, (_, index) => ({
      secretArn: arnOf(index),
      facts: factsOf(index),
    }));
    const stores = storesIn(many, PREFIX);
    const asked = new Set<string>();
    for (let time = 0; time < 5; time += 1) {
      const now = NOW + time * 10 * MINUTE;
      const callFunction = async (_: string, event: object) => {
        const { secrets = [] } = parseLeftoverOrder(event) ?? {};
        expect(secrets).toHaveLength(MOST_LEFTOVERS);
        for (const arn of secrets) asked.add(arn);
      };
      const deps = { clock: { now: () => now }, prefix: PREFIX, callFunction };
      await orderLeftovers(stores, deps as unknown as SweepDeps);
    }
    expect(asked.size).toBe(25);
  });

  test.each<[string, object]>([
    ["of config", { Tags: [] }],
    ["of a list", { Tags: [{ Key: SECRET_TAGS.origin, Value: "listed" }] }],
    ["that has a value", { SecretVersionsToStages: { ["v".repeat(32)]: ["AWSCURRENT"] } }],
    ["that waits for its deletion", { DeletedDate: new Date(0) }],
    ["of an unknown age", { CreatedDate: undefined }],
    ["that is younger", { CreatedDate: new Date(NOW - LEFTOVER_AFTER_MS + 1) }],
  ])("is no store %s", (_what, change) => {
    expect(isLeftover(factsOf(0), NOW)).toBe(true);
    expect(isLeftover(factsOf(0, change), NOW)).toBe(false);
  });

  test.each<[unknown]>([[undefined], [{}], [{ action: "ping" }], [{ secrets: [] }]])(
    "is told from any other event: %j",
    (event) => expect(parseLeftoverOrder(event)).toBeUndefined(),
  );

  test("that no answer comes to is asked again by the next pass", async () => {
    const stores = storesIn([{ secretArn: arnOf(0), facts: factsOf(0) }], PREFIX);
    const lines: string[] = [];
    const log = { warn: (event: string) => void lines.push(event) };
    const callFunction = async () => {
      throw new Error("no such function");
    };
    const deps = { clock: { now: () => NOW }, prefix: PREFIX, callFunction, log };
    await orderLeftovers(stores, deps as unknown as SweepDeps);
    expect(lines).toEqual(["sweep.leftovers_not_ordered"]);
  });
});
