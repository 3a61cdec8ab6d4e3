import type { Checked } from "../../../contract/record";
import { versionTagOf } from "../../../contract/store/status";
import { epochMs, isoOf, later } from "../../../contract/time";
import type { EngineDeps } from "../../../lambda/engine/deps";
import {
  statusAfter,
  writeDeath,
  writeFailure,
  writeStatus,
  writeSuccess,
} from "../../../lambda/engine/status";
import type { Successor } from "../../../lambda/engine/successor";
import { awsError } from "../stand/faults";
import { StoreStand } from "../stand/store-stand";

const tag = (name: string): string => `shopify-secrets:${name}`;

/** A pair, and parts that remember which tags were written. */
async function stage(): Promise<{
  world: StoreStand;
  deps: EngineDeps;
  pair: Successor;
  tags: Record<string, string>;
  now: string;
}> {
  const world = await StoreStand.create({ kind: "offline-expiring" });
  const pair = await world.current();
  if (pair === undefined) throw new Error("the stage has no value");
  const tags: Record<string, string> = {};
  const deps = world.deps();
  const secrets: EngineDeps["secrets"] = {
    ...deps.secrets,
    tag: async (_secretArn, given) => void Object.assign(tags, given),
    under: () => secrets,
  };
  const now = isoOf(epochMs(world.clock.now));
  return { world, deps: { ...deps, secrets }, pair, tags, now };
}

test("a success says when, until when, and nothing of an earlier error", async () => {
  const { world, deps, pair, tags, now } = await stage();
  await writeSuccess(world.arn, { ...pair, record: { ...pair.record, checked: "untried" } }, deps);
  expect(tags).toEqual({
    [tag("state")]: "ok",
    [tag("last-success-at")]: now,
    [tag("last-error-code")]: "",
    [tag("version")]: versionTagOf(pair.versionId),
    [tag("expires-at")]: isoOf(later(epochMs(world.clock.now), 3_600_000)),
    [tag("refresh-expires-at")]: isoOf(later(epochMs(world.clock.now), 7_776_000_000)),
  });
});

test("a token without an end leaves both ends empty", async () => {
  const { world, deps, pair, tags } = await stage();
  const record = { ...pair.record, expiresAt: undefined, refreshTokenExpiresAt: undefined };
  await writeSuccess(world.arn, { ...pair, record }, deps);
  expect(tags).toMatchObject({ [tag("expires-at")]: "", [tag("refresh-expires-at")]: "" });
});

test.each([
  ["ok", ""],
  ["untried", ""],
  ["shop_frozen", "shop_frozen"],
] as const)("a success whose check was %s remembers %p", async (checked: Checked, code) => {
  const { world, deps, pair, tags, now } = await stage();
  await writeSuccess(world.arn, { ...pair, record: { ...pair.record, checked } }, deps);
  expect(tags[tag("last-error-code")]).toBe(code);
  expect(tags[tag("last-error-at")]).toBe(code === "" ? undefined : now);
});

test("a failure leaves the state alone", async () => {
  const { world, deps, tags, now } = await stage();
  await writeFailure(world.arn, "shop_frozen", deps);
  expect(tags).toEqual({ [tag("last-error-code")]: "shop_frozen", [tag("last-error-at")]: now });
});

test("a death ends the version now", async () => {
  const { world, deps, pair, tags, now } = await stage();
  await writeDeath(world.arn, pair, deps);
  expect(tags).toMatchObject({
    [tag("state")]: "dead",
    [tag("last-error-code")]: "token_dead",
    [tag("last-error-at")]: now,
    [tag("version")]: versionTagOf(pair.versionId),
    [tag("expires-at")]: now,
  });
});

test.each([
  [{ state: "ok", code: "" }, ["last-success-at"]],
  [{ state: "ok", code: "scope_missing" }, ["last-success-at", "last-error-at"]],
  [{ state: "awaiting_merchant", code: "" }, []],
  [{ state: "dead", code: "token_dead" }, ["last-error-at"]],
] as const)("%p writes its times where they belong", async (outcome, times) => {
  const { world, deps, tags, now } = await stage();
  await writeStatus(world.arn, statusAfter(outcome, epochMs(world.clock.now)), deps);
  expect(tags).toEqual({
    [tag("state")]: outcome.state,
    [tag("last-error-code")]: outcome.code,
    ...Object.fromEntries(times.map((name) => [tag(name), now])),
  });
});

test("a status that cannot be written is logged, and goes no further", async () => {
  const { world, deps, pair } = await stage();
  const secrets: EngineDeps["secrets"] = {
    ...deps.secrets,
    tag: async () => {
      throw awsError("ThrottlingException");
    },
    under: () => secrets,
  };
  await writeSuccess(world.arn, pair, { ...deps, secrets });
  expect(world.lines.join()).toContain('"event":"status.not_written"');
});
