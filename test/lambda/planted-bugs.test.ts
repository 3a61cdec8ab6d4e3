import { CodedError } from "../../contract/errors";
import type { Rules } from "../../lambda/engine/rules";
import { judgeCheckReply } from "../../lambda/shopify/check";
import { Judge, pass } from "./world/judge";
import { CLIENT_ID, HOUR, LambdaWorld, MINUTE, SHOP } from "./world/lambda-world";

const quietly = (work: Promise<void>): Promise<void> => work.catch(() => undefined);
const PROMOTES = "UpdateSecretVersionStage";

async function pairAtHalfLife(rules: Partial<Rules>): Promise<LambdaWorld> {
  const world = await LambdaWorld.create({ kind: "offline-expiring", rules });
  world.clock.now += 31 * MINUTE;
  return world;
}

const codesOf = (world: LambdaWorld): unknown[] =>
  world.failures.map((failure) => (failure instanceof CodedError ? failure.code : "unexpected"));

async function installInTheMiddle(rules: Partial<Rules>): Promise<string[]> {
  const world = await pairAtHalfLife(rules);
  let installed: string | undefined;
  world.before = async ({ operation }) => {
    if (!operation.endsWith("graphql.json") || installed !== undefined) return;
    installed = "";
    await world.acquire();
    installed = (await world.current())?.versionId;
  };
  await quietly(world.renew());
  const { versionId } = (await world.current()) ?? {};
  return versionId === installed ? [] : ["the renewal overran the install"];
}

async function staleSuccessor(rules: Partial<Rules>): Promise<readonly string[]> {
  const world = await pairAtHalfLife(rules);
  const judge = await Judge.over(world);
  world.plan = ({ operation }) => (operation === PROMOTES ? "killed_before" : undefined);
  await quietly(world.renew());
  world.plan = () => undefined;
  world.clock.now += 40 * MINUTE;
  await quietly(world.renew());
  await judge.requireWorking("after the crash");
  return await judge.conclude();
}

async function stalePending(rules: Partial<Rules>): Promise<string[]> {
  const world = await LambdaWorld.create({ kind: "client-credentials", rules });
  await world.scheduleRotation();
  world.plan = ({ operation }) => (operation === PROMOTES ? "killed_before" : undefined);
  await world.rotateNow();
  for (let retry = 0; retry < 3; retry += 1) {
    world.clock.now += HOUR / 2;
    await world.model.runDue();
  }
  const pending = Object.entries(await world.labels()).find(([, labels]) =>
    labels.includes("AWSPENDING"),
  );
  world.plan = () => undefined;
  world.clock.now += 13 * HOUR;
  await world.model.runDue();
  if (pending === undefined) return ["nothing was pending"];
  // A second window may have rotated since; whatever was promoted in between is AWSPREVIOUS.
  const wasPromoted = (await world.labels())[pending[0]] !== undefined;
  return wasPromoted ? ["an old pending value was promoted"] : [];
}

async function lostScope(rules: Partial<Rules>): Promise<string[]> {
  const world = await pairAtHalfLife(rules);
  const scopes = ["read_products"];
  world.shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes });
  const before = await world.current();
  await quietly(world.renew());
  const after = await world.current();
  const isSaid = world.lines.some((line) => line.includes('"scope_missing"'));
  if (!isSaid && after?.versionId !== before?.versionId) return ["nobody was told"];
  return after?.versionId === before?.versionId ? ["the store was left to die"] : [];
}

async function missingLife(rules: Partial<Rules>): Promise<readonly string[]> {
  const shopify = { expiresIn: "absent" } as const;
  const world = await LambdaWorld.create({ kind: "offline-expiring", rules, shopify });
  const judge = await Judge.over(world);
  await pass(world, 4 * HOUR);
  await judge.requireWorking("after four hours");
  return await judge.conclude();
}

async function forbiddenCheck(rules: Partial<Rules>): Promise<string[]> {
  const world = await pairAtHalfLife(rules);
  world.shopify.control.break({ on: "admin-api", answer: "address-not-allowed" });
  const before = await world.current();
  await quietly(world.renew());
  const after = await world.current();
  return after?.versionId === before?.versionId ? ["a 403 stopped the renewal"] : [];
}

async function refusedOnce(rules: Partial<Rules>): Promise<string[]> {
  const world = await pairAtHalfLife(rules);
  world.shopify.control.break({ on: "token-endpoint", answer: 400 });
  world.calls.length = 0;
  await quietly(world.renew());
  const asked = world.calls.filter(({ operation }) => operation.endsWith("/access_token")).length;
  return asked === 1 ? [] : [`asked ${asked} times`];
}

async function refusedBecauseReplaced(rules: Partial<Rules>): Promise<string[]> {
  const world = await pairAtHalfLife(rules);
  let isInstalled = false;
  world.before = async ({ operation }) => {
    if (isInstalled || !operation.endsWith("/access_token")) return;
    isInstalled = true;
    await world.acquire();
  };
  await quietly(world.renew());
  const codes = codesOf(world);
  return codes.join() === "parent_moved" ? [] : codes.map((code) => `it said ${code}`);
}

async function bornDead(rules: Partial<Rules>): Promise<readonly string[]> {
  const world = await pairAtHalfLife(rules);
  const judge = await Judge.over(world);
  world.shopify.control.break({ on: "admin-api", answer: 401 });
  await pass(world, 26 * HOUR);
  return await judge.conclude();
}

/** A promise of the engine, and a wrong rule that breaks it. */
interface Promised {
  readonly promise: string;
  readonly bug: Partial<Rules>;
  /** Lives through what shows the difference; throws nothing, returns what was broken. */
  readonly live: (rules: Partial<Rules>) => Promise<readonly string[]>;
}

const PROMISES: readonly Promised[] = [
  {
    promise: "an install that lands during a renewal wins",
    bug: { replaces: (_record, readHolder) => readHolder() },
    live: installInTheMiddle,
  },
  {
    promise: "a new refresh token is not presented before its version is AWSCURRENT",
    bug: { presents: (parent, pending) => pending?.record ?? parent },
    live: staleSuccessor,
  },
  {
    promise: "a pending value past half its life is not promoted",
    bug: { isFreshEnough: () => true },
    live: stalePending,
  },
  {
    promise: "a missing scope does not stop a renewal",
    bug: { refusesScopes: (missing) => missing.length > 0 },
    live: lostScope,
  },
  {
    promise: "a reply without expires_in is renewed like any other",
    bug: { readLife: () => ({ seconds: 100 * 365 * 86_400, assumed: true }) },
    live: missingLife,
  },
  {
    promise: "a 403 says nothing about the token",
    bug: {
      judgeCheck: (reply) =>
        reply.status === 403
          ? { good: false, error: new CodedError("token_dead"), retryAfterMs: undefined }
          : judgeCheckReply(reply),
    },
    live: forbiddenCheck,
  },
  {
    promise: "a 400 is asked once",
    bug: { planOf: () => ({ attempts: 4, firstWaitMs: 300 }) },
    live: refusedOnce,
  },
  {
    promise: "the refusal of a refresh token is believed only while its version is AWSCURRENT",
    bug: { believesRefusal: () => true },
    live: refusedBecauseReplaced,
  },
  {
    promise: "a store gets at most 72 new versions a day, whatever goes wrong",
    bug: { mayAddVersion: () => true },
    live: bornDead,
  },
];

describe.each(PROMISES)("$promise", ({ bug, live }) => {
  test("holds", async () => {
    expect(await live({})).toEqual([]);
  });

  test("is broken by a planted wrong rule", async () => {
    expect(await live(bug)).not.toEqual([]);
  });
});
