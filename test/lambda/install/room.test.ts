import type { SweepRequest } from "../../../contract/sweep";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import type { SecretsManagerSend } from "../../../lambda/secrets/secrets-manager";
import { dispatch } from "../../../lambda/sweep/dispatch";
import { AwsError, createInProcessClient } from "../../../local/secrets-manager";
import { CLIENT_ID, HOUR, MINUTE, PREFIX } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { Invocation } from "../stand/stand";
import { SHOP, STORE } from "../stand/store-stand";
import { chainOf, isChainAlive } from "./chain";

const SECOND = 1_000;
const NAME = `${PREFIX}/stores/${STORE}/token`;
const MARK = "shopify-secrets:approving";

/** How often each answer came: the status, and the code or what the page says. */
async function approveOften(
  install: InstallStand,
  times: number,
  everyMs: number,
): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let time = 0; time < times; time += 1) {
    const { statusCode, body } = await install.install();
    const said =
      /Reference: (\w+)/.exec(body)?.[1] ?? (body.includes("connected") ? "connected" : "?");
    const key = `${statusCode} ${said}`;
    seen[key] = (seen[key] ?? 0) + 1;
    install.world.clock.now += everyMs;
  }
  return seen;
}

/** The sweep renews every half hour, for longer than a day; gives what went wrong. */
async function renewForADay({ world }: InstallStand): Promise<string[]> {
  const wrong: string[] = [];
  for (let round = 0; round < 52; round += 1) {
    world.clock.now += 30 * MINUTE;
    await world.renew().catch((error: { code?: string }) => wrong.push(`${round}: ${error.code}`));
  }
  return wrong;
}

async function sweep(install: InstallStand): Promise<void> {
  const { world } = install;
  const client = createInProcessClient(world.model) as unknown as SecretsManagerSend;
  const invocation = new Invocation(530 * SECOND);
  const request: SweepRequest = { action: "sweep" };
  await dispatch(request, {
    ...world.deps(invocation),
    fleet: createFleetPort(client, { prefix: PREFIX, deadline: invocation }),
    storesAtOnce: 4,
    hasTopic: false,
    publish: async () => undefined,
    findOwnAddress: async () => undefined,
    callFunction: async () => undefined,
    emit: () => undefined,
  });
}

/** Secrets Manager takes no new version any more, until the returned function is called. */
function budgetSpent({ world }: InstallStand): () => void {
  const handle = world.model.handle.bind(world.model);
  world.model.handle = async (operation, input) => {
    if (operation !== "PutSecretValue") return await handle(operation, input);
    throw new AwsError(
      "LimitExceededException",
      "You have created the maximum number of versions.",
    );
  };
  return () => {
    world.model.handle = handle;
  };
}

async function connected(): Promise<InstallStand> {
  const install = await InstallStand.create();
  await install.install();
  install.world.clock.now += 25 * MINUTE;
  return install;
}

describe("a browser that approves over and over", () => {
  test.each([
    [52, 5 * SECOND],
    [99, 3 * SECOND],
    [101, 3 * SECOND],
    [1_000, 3.6 * SECOND],
  ])("%i times, every %i ms, leaves the store its renewals", async (times, everyMs) => {
    const install = await InstallStand.create();
    const seen = await approveOften(install, times, everyMs);
    expect(Object.keys(seen).sort()).toEqual(["200 connected", "429 approval_too_soon"]);
    expect(seen["200 connected"]).toBe(Math.ceil((times * everyMs) / (20 * MINUTE)));
    expect(await renewForADay(install)).toEqual([]);
    expect(await isChainAlive(install)).toBe(true);
  });

  test("all day is stopped at ten, and the renewals go on", async () => {
    const install = await connected();
    const { world } = install;
    const wrong: string[] = [];
    let connections = 1;
    for (let round = 0; round < 45; round += 1) {
      const { body } = await install.install();
      if (body.includes(`${SHOP} is connected`)) connections += 1;
      world.clock.now += 31 * MINUTE;
      await world.renew().catch((error: { code?: string }) => wrong.push(`${error.code}`));
    }
    expect(connections).toBe(10);
    expect(wrong).toEqual([]);
    expect(await renewForADay(install)).toEqual([]);
  });

  test("is stopped at twenty also where each token is dead at once", async () => {
    const install = await InstallStand.create();
    for (let time = 0; time < 40; time += 1) {
      await install.install();
      install.world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
      install.world.clock.now += 3 * SECOND;
    }
    expect(install.exchanges).toBe(20);
  });
});

describe("a store that needs an approval gets it at once", () => {
  test("when its token is dead, whatever its tags say", async () => {
    const install = await InstallStand.create();
    await install.install();
    install.world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    install.world.clock.now += MINUTE;
    expect((await install.install()).body).toContain(`${SHOP} is connected`);
    expect(await isChainAlive(install)).toBe(true);
  });

  test("when wanted scopes are missing", async () => {
    const install = await InstallStand.create();
    await install.install();
    const scopes = ["read_products"];
    install.world.shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes });
    install.world.clock.now += MINUTE;
    await install.deliver("app/scopes_update");
    await install.install();
    expect(install.exchanges).toBe(2);
  });

  test("and not when Shopify cannot say", async () => {
    const install = await InstallStand.create();
    await install.install();
    install.world.clock.now += MINUTE;
    const visit = await install.begin();
    const query = install.approve(visit);
    install.world.shopify.control.break({ on: "admin-api", answer: 503, times: 20 });
    const reply = await install.callback(query, [visit.cookie]);
    expect(reply.body).toContain("approval_too_soon");
    expect(install.exchanges).toBe(1);
  });
});

describe("an approval while another one is under way", () => {
  const mark = (install: InstallStand, at: number) =>
    install.world.model.handle("TagResource", {
      SecretId: NAME,
      Tags: [{ Key: MARK, Value: `${new Date(at).toISOString()} 0123456789abcdef` }],
    });

  test("is refused before its code is used, and counts afterwards", async () => {
    const install = await connected();
    await mark(install, install.world.clock.now - 10 * SECOND);
    const visit = await install.begin();
    const query = install.approve(visit);
    const reply = await install.callback(query, [visit.cookie]);
    expect(reply.statusCode).toBe(409);
    expect(reply.body).toContain("approval_under_way");
    expect(install.exchanges).toBe(1);
    install.world.clock.now += MINUTE;
    expect((await install.install()).statusCode).toBe(200);
    expect(install.exchanges).toBe(2);
  });

  test("is refused when the other one's mark came over its own", async () => {
    const install = await connected();
    const visit = await install.begin();
    const query = install.approve(visit);
    const first = install.world.calls.length;
    install.world.after = async ({ operation, index }) => {
      if (operation === "TagResource" && index >= first)
        await mark(install, install.world.clock.now);
    };
    const reply = await install.callback(query, [visit.cookie]);
    expect(reply.statusCode).toBe(409);
    expect(install.exchanges).toBe(1);
  });

  test("leaves no mark behind", async () => {
    const install = await connected();
    await install.install();
    expect(await install.world.tags()).toMatchObject({ [MARK]: "" });
  });

  test("goes on where a secret is too full of somebody's own tags for a mark", async () => {
    const install = await connected();
    const own = Array.from({ length: 37 }, (_, at) => ({ Key: `team-${at}`, Value: "x" }));
    await install.world.model.handle("TagResource", { SecretId: NAME, Tags: own });
    const before = await install.world.tags();
    expect((await install.install()).statusCode).toBe(200);
    expect((await install.world.tags())[MARK]).toBe(before[MARK]);
  });

  test("by another window, that ended well meanwhile, is told so and exchanges nothing", async () => {
    const install = await connected();
    const [one, other] = [await install.begin(), await install.begin()];
    const [first, second] = [install.approve(one), install.approve(other)];
    for (const [query, { cookie }] of [
      [first, one],
      [second, other],
    ] as const) {
      expect((await install.callback(query, [cookie])).body).toContain(`${SHOP} is connected`);
      install.world.clock.now += SECOND;
    }
    expect(install.exchanges).toBe(2);
    expect(await isChainAlive(install)).toBe(true);
  });
});

describe("a pair for which the day has no version left", () => {
  test.each([
    ["within its hour", 20 * MINUTE],
    ["after its token has ended", 3 * HOUR],
  ])("is kept sealed, and promoted by the sweep %s", async (_when, laterMs) => {
    const install = await connected();
    const before = await chainOf(install);
    const restore = budgetSpent(install);
    const reply = await install.install();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain("Your approval has been stored");
    expect(reply.body).not.toContain("is connected");
    const kept = JSON.stringify(await install.world.tags());
    expect(kept).toContain("shopify-secrets:kept-1");
    expect(kept).not.toMatch(/shp(at|rt)_/);
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "version_budget_spent",
    });
    install.world.clock.now += 10 * MINUTE;
    await sweep(install);
    expect((await chainOf(install)).versionId).toBe(before.versionId);
    restore();
    install.world.clock.now += laterMs;
    await sweep(install);
    expect((await chainOf(install)).versionId).not.toBe(before.versionId);
    expect(await isChainAlive(install)).toBe(true);
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "",
      "shopify-secrets:kept-1": "",
    });
    expect(await renewForADay(install)).toEqual([]);
  });

  test("is overtaken by a later approval", async () => {
    const install = await connected();
    const restore = budgetSpent(install);
    await install.install();
    restore();
    install.world.clock.now += 25 * MINUTE;
    expect((await install.install()).body).toContain(`${SHOP} is connected`);
    const { versionId } = await chainOf(install);
    install.world.clock.now += 10 * MINUTE;
    await sweep(install);
    expect((await chainOf(install)).versionId).toBe(versionId);
    expect(await isChainAlive(install)).toBe(true);
    expect(await install.world.tags()).toMatchObject({ "shopify-secrets:kept-1": "" });
  });
});

describe("a page says that a store is connected only when its token has just worked", () => {
  test("and not when Shopify refuses what it granted, for a reason of the engineer's", async () => {
    const install = await InstallStand.create({ kind: "offline" });
    install.world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    install.world.clock.now = Date.UTC(2027, 0, 2);
    const reply = await install.install();
    expect(reply.body).not.toContain("is connected");
    expect(reply.body).toContain("Please tell whoever sent you the link");
    expect(reply.body).toContain("Reference: token_kind_refused");
  });

  test("and not when Shopify gave no answer", async () => {
    const install = await InstallStand.create();
    const visit = await install.begin();
    const query = install.approve(visit);
    install.world.shopify.control.break({ on: "admin-api", answer: 503, times: 20 });
    const reply = await install.callback(query, [visit.cookie]);
    expect(reply.body).not.toContain("is connected");
    expect(reply.body).toContain("tried again by itself");
  });

  test.each([
    ["well", "ok", "When it was last looked at, the access to this store worked."],
    ["not well, by the engineer's doing", "failing", "not yours to mend"],
  ])("and the link of a store that is %s promises nothing", async (_how, state, says) => {
    const install = await connected();
    const at = new Date(install.world.clock.now).toISOString();
    const code = state === "ok" ? "" : "client_secret_rejected";
    await install.world.model.handle("TagResource", {
      SecretId: NAME,
      Tags: [
        { Key: "shopify-secrets:state", Value: state },
        { Key: "shopify-secrets:last-error-code", Value: code },
        { Key: "shopify-secrets:last-error-at", Value: at },
      ],
    });
    const { reply } = await install.open();
    expect(reply.body).toContain(says);
    expect(reply.body).not.toContain("is connected");
  });
});
