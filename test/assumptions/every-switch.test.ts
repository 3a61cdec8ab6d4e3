import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import { pass, type StoreOptions, StoreStand } from "../lambda/stand/store-stand";
import { CLIENT_ID, HOUR, MINUTE } from "../simulation/stage";
import { MIXED_WORLDS, MODEL_WORLDS, type Position, SHOPIFY_WORLDS } from "./switch-positions";

/** The largest position of the switch `missedReads`. */
const MOST_MISSED_READS = 3;
const SECOND_SECRET = "shpss_second_client_secret";

const worldOf = (position: Position, options: StoreOptions): Promise<StoreStand> =>
  StoreStand.create({ ...options, model: position.model, shopify: position.shopify });

/** Lets Secrets Manager do what it does by itself, and nobody else anything. */
async function passWithoutSweep(world: StoreStand, milliseconds: number): Promise<void> {
  const end = world.clock.now + milliseconds;
  for (let due = world.model.nextDueAt(); due !== undefined && due <= end; ) {
    world.clock.now = Math.max(world.clock.now, due);
    await world.model.runDue();
    due = world.model.nextDueAt();
  }
  world.clock.now = end;
}

/** AWSCURRENT as every reader sees it in the end: the model may let a few reads of it miss. */
async function settledCurrent(world: StoreStand) {
  for (let misses = 0; misses < MOST_MISSED_READS; misses += 1) await world.current();
  return await world.current();
}

/** The version that is AWSCURRENT, whose token Shopify takes now. */
async function workingVersion(world: StoreStand): Promise<string> {
  const current = await settledCurrent(world);
  if (current === undefined) throw new Error("there is no AWSCURRENT");
  if (!world.isAlive(current.record.accessToken.unseal())) throw new Error("its token is dead");
  return current.versionId;
}

/** A store is declared, enrolled, rotated for a day, and enrolled again under a new client secret. */
async function liveWithClientCredentials(position: Position): Promise<void> {
  const world = await worldOf(position, { kind: "client-credentials", hasValue: false });
  const { appSecretVersion } = world;
  expect(await world.enrol({ appSecretVersion })).toMatchObject({ why: "first_value" });
  const first = await workingVersion(world);
  await world.scheduleRotation();
  const again = await world.enrol({ appSecretVersion });
  expect(again).toMatchObject({ outcome: "kept", versionId: first });
  await passWithoutSweep(world, 26 * HOUR);
  const rotated = await workingVersion(world);
  expect(rotated).not.toBe(first);
  const clientSecret = SECOND_SECRET;
  world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret });
  await world.putAppSecret(clientSecret);
  const renewed = await world.enrol({ appSecretVersion: world.appSecretVersion });
  expect(renewed).toMatchObject({ why: "client_secret_changed" });
  expect(await workingVersion(world)).not.toBe(rotated);
  expect(unforeseenFailures(world)).toEqual([]);
}

/** What failed, beside reads of the parent that missed: Secrets Manager tries such a rotation again. */
function unforeseenFailures(world: StoreStand): readonly unknown[] {
  return world.failures.filter(
    (failure) => !(failure instanceof CodedError && failure.code === "version_unknown"),
  );
}

/** The first rotation dies before its promotion; nobody helps but Secrets Manager itself. */
async function liveThroughALostPromotion(position: Position): Promise<void> {
  const world = await worldOf(position, { kind: "client-credentials", hasValue: false });
  await world.enrol({ appSecretVersion: world.appSecretVersion });
  const first = await workingVersion(world);
  await world.scheduleRotation();
  let lost = 0;
  world.plan = ({ operation }) => {
    if (operation !== "UpdateSecretVersionStage" || lost > 0) return undefined;
    lost += 1;
    return "killed_before";
  };
  await passWithoutSweep(world, 20 * HOUR);
  expect(lost).toBe(1);
  expect(await workingVersion(world)).not.toBe(first);
}

/** A pair lives from refresh to refresh. */
async function liveWithPairs(position: Position): Promise<void> {
  const world = await worldOf(position, { kind: "offline-expiring" });
  const first = await workingVersion(world);
  await pass(world, 5 * HOUR);
  expect(await workingVersion(world)).not.toBe(first);
  expect(await world.enrol()).toMatchObject({ outcome: "kept", why: "refresh_pair_untouched" });
}

/** A pasted token is registered once, and again when another is pasted. */
async function liveWithStaticTokens(position: Position): Promise<void> {
  const world = await worldOf(position, { kind: "custom-app", hasValue: false });
  const pasted = Sealed.of(world.issueToken());
  expect(await world.enrol({ accessToken: pasted })).toMatchObject({ outcome: "written" });
  const first = await workingVersion(world);
  world.clock.now += MINUTE;
  expect(await world.enrol({ accessToken: pasted })).toMatchObject({ outcome: "kept" });
  const another = Sealed.of(world.issueToken());
  expect(await world.enrol({ accessToken: another })).toMatchObject({
    why: "config_token_changed",
  });
  expect(await workingVersion(world)).not.toBe(first);
}

const LIVES: readonly (readonly [string, (position: Position) => Promise<void>])[] = [
  ["an enrolment, a day of rotations and a new client secret", liveWithClientCredentials],
  ["a rotation that lost its promotion", liveThroughALostPromotion],
  ["five hours of refreshed pairs", liveWithPairs],
  ["two pasted tokens", liveWithStaticTokens],
];

describe.each(LIVES)(
  "%s: AWSCURRENT works in the end, whatever AWS and Shopify turn out to be",
  (_, live) => {
    test.each(MODEL_WORLDS)("where Secrets Manager has $title", live);

    test.each(SHOPIFY_WORLDS)("where Shopify has $title", live);

    test.each(MIXED_WORLDS)("in $title of all switches", live);
  },
);
