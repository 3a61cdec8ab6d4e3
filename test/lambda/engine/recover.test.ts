import type { ShopDomain, VersionId } from "../../../contract/brands";
import { CodedError } from "../../../contract/errors";
import { encodeRecord, type StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import type { EngineDeps } from "../../../lambda/engine/deps";
import { otherRecords } from "../../../lambda/engine/recover";
import { storeOf } from "../../../lambda/engine/store";
import { PREFIX } from "../../simulation/stage";
import { StoreStand } from "../stand/store-stand";

const REFUSED = new CodedError("refresh_token_dead");
const idOf = (generation: number) => `${generation}`.padStart(32, "0") as VersionId;

/** The generations whose refresh tokens are presented, of a line of many that may be changed. */
async function presented(
  change: (generation: number) => Partial<StoreRecord> | "malformed" | "gone" | undefined,
  failure: Error = REFUSED,
): Promise<number[]> {
  const world = await StoreStand.create({ kind: "offline-expiring" });
  const current = await world.current();
  if (current === undefined) throw new Error("the stage has no value");
  const recordAt = (generation: number): StoreRecord => ({
    ...current.record,
    appSecretVersion: idOf(generation),
    parentVersion: idOf(generation + 1),
  });
  const readVersion: EngineDeps["secrets"]["readVersion"] = async (_arn, versionId) => {
    const generation = Number(versionId);
    if (Number.isNaN(generation)) return undefined; // nothing was ever acquired in their place
    const changed = change(generation);
    if (changed === "gone") return undefined;
    const text =
      changed === "malformed" ? "{}" : encodeRecord({ ...recordAt(generation), ...changed });
    return { versionId, text: Sealed.of(text) };
  };
  const own = world.deps();
  const deps = { ...own, secrets: { ...own.secrets, readVersion } };
  const facts = await own.secrets.describe(world.arn);
  const store = storeOf(world.arn, facts, { prefix: PREFIX, allowed: ["offline-expiring"] });
  const parent = { versionId: current.versionId, record: recordAt(0) };
  const found: number[] = [];
  for await (const record of otherRecords({ store, parent }, failure, deps)) {
    found.push(Number(record.appSecretVersion));
  }
  return found;
}

const at =
  <T>(place: number, what: T) =>
  (generation: number): T | undefined =>
    generation === place ? what : undefined;

test("six generations are asked, the newest first", async () => {
  expect(await presented(() => undefined)).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each([
  ["another shop's", { shop: "other.myshopify.com" as ShopDomain }],
  ["the first of all", { parentVersion: undefined }],
  ["no record", "malformed" as const],
  ["gone", "gone" as const],
])("the walk ends where a generation is %s", async (what, changed) => {
  const upTo = what === "the first of all" ? [1, 2, 3] : [1, 2];
  expect(await presented(at(3, changed))).toEqual(upTo);
});

test("a generation without a refresh token is passed over: what was acquired in its place may live", async () => {
  expect(await presented(at(3, { refreshTokenSealed: "" }))).toEqual([1, 2, 4, 5, 6]);
});

test("a failure that is no refusal is passed on, and nothing is presented", async () => {
  const failure = new CodedError("shopify_unreachable");
  await expect(presented(() => undefined, failure)).rejects.toBe(failure);
});
