import type { SecretArn, VersionId } from "../../../contract/brands";
import { readCurrentRecord, requireOwnSecret, storeOf } from "../../../lambda/engine/store";
import { attemptOf, MOST_ATTEMPTS, versionIdOf } from "../../../lambda/engine/version-id";
import { readParent } from "../../../lambda/engine/versions";
import { PREFIX } from "../../simulation/stage";
import { STORE, StoreStand } from "../stand/store-stand";

const arnOf = (name: string): SecretArn =>
  `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf` as SecretArn;

test.each([
  ["shopify/test/stores/a/token", true],
  ["shopify/test/a-name-of-the-operator", true],
  ["shopify/test/apps/erp/credential", false],
  ["shopify/test2/stores/a/token", false],
  ["shopify/test", false],
  ["other/shopify/test/stores/a/token", false],
])("%s is a store secret of the stack: %p", (name, isOwn) => {
  const require = () => requireOwnSecret("shopify/test", arnOf(name));
  if (isOwn) expect(require).not.toThrow();
  else expect(require).toThrow(expect.objectContaining({ code: "secret_out_of_prefix" }));
});

test("a store knows its key: the one in config, which its tag names, else the one in its secret's name", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  const facts = await world.deps().secrets.describe(world.arn);
  const kinds = { prefix: PREFIX, allowed: ["client-credentials"] } as const;
  expect(storeOf(world.arn, facts, kinds).key).toBe(STORE);
  const ownName = arnOf("shopify/test/own-name");
  expect(storeOf(ownName, facts, kinds).key).toBe(STORE);
  const untagged = { ...facts, tags: new Map() };
  expect(storeOf(world.arn, untagged, kinds).key).toBe(STORE);
  const renamed = { ...untagged, name: "shopify/test/own-name" };
  expect(storeOf(ownName, renamed, kinds).key).toBeUndefined();
});

describe("a current version", () => {
  const gone = "00000000-0000-4000-8000-000000000009" as VersionId;

  async function stage(versions: ReadonlyMap<VersionId, readonly string[]>) {
    const world = await StoreStand.create({ kind: "client-credentials" });
    const deps = world.deps();
    const facts = { ...(await deps.secrets.describe(world.arn)), versions };
    const kinds = { prefix: PREFIX, allowed: ["client-credentials"] } as const;
    return { store: storeOf(world.arn, facts, kinds), deps };
  }

  test("that is none is nothing", async () => {
    const { store, deps } = await stage(new Map());
    expect(await readCurrentRecord(store, deps)).toBeUndefined();
    expect(await readParent(store, deps)).toEqual({ versionId: undefined, record: undefined });
  });

  test("that cannot be read is unknown, and no parent without a record", async () => {
    const { store, deps } = await stage(new Map([[gone, ["AWSCURRENT"]]]));
    await expect(readCurrentRecord(store, deps)).rejects.toMatchObject({
      code: "version_unknown",
    });
    await expect(readParent(store, deps)).rejects.toMatchObject({ code: "version_unknown" });
  });
});

test("a line of successors is followed through a hundred attempts", () => {
  const seed = { purpose: "renew", from: "a" } as const;
  expect(attemptOf(versionIdOf({ ...seed, attempt: MOST_ATTEMPTS - 1 }), seed)).toBe(99);
  expect(attemptOf(versionIdOf({ ...seed, attempt: MOST_ATTEMPTS }), seed)).toBeUndefined();
});
