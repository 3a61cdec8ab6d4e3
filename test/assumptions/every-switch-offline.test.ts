import { FleetStand } from "../lambda/stand/fleet-stand";
import { InstallStand } from "../lambda/stand/install-stand";
import { pass, SHOP } from "../lambda/stand/store-stand";
import { CLIENT_ID, FIRST_SECRET, HOUR, MINUTE } from "../simulation/stage";
import { MIXED_WORLDS, MODEL_WORLDS, type Position, SHOPIFY_WORLDS } from "./switch-positions";

const SECOND_SECRET = "shpss_second_client_secret";
const STATE = "shopify-secrets:state";
/** The largest position of the switch `missedReads`. */
const MOST_MISSED_READS = 3;

/** AWSCURRENT as every reader sees it in the end: the model may let a few reads of it miss. */
async function expectAlive({ world }: InstallStand): Promise<void> {
  for (let misses = 0; misses < MOST_MISSED_READS; misses += 1) await world.current();
  const current = await world.current();
  expect(world.isAlive(current?.record.accessToken.unseal() ?? "")).toBe(true);
}

async function stateOf({ world }: InstallStand): Promise<string | undefined> {
  return (await world.tags())[STATE];
}

/** Approves until the page says so: a merchant who reads "try again" tries again. */
async function approve(install: InstallStand): Promise<void> {
  const statuses: number[] = [];
  for (let tries = 0; tries <= MOST_MISSED_READS && statuses.at(-1) !== 200; tries += 1) {
    statuses.push((await install.install()).statusCode);
    // What was read a moment after a change may be old, and is read again some seconds later.
    install.world.clock.now += 10_000;
  }
  expect(statuses.at(-1)).toBe(200);
}

/** Lets Shopify deliver its webhooks, with retries, for a quarter of an hour. */
async function deliverWebhooks(install: InstallStand): Promise<void> {
  const { world } = install;
  for (let minute = 0; minute < 15; minute += 1) {
    world.clock.now += MINUTE;
    await world.shopify.control.runDue();
  }
}

/** A merchant approves, the client secret is changed, the merchant approves, uninstalls, and comes back. */
async function liveWithAMerchant(position: Position, kind: "offline" | "offline-expiring") {
  const { model, shopify } = position;
  const install = await InstallStand.create({ model, shopify, kind });
  const { control } = install.world.shopify;
  await approve(install);
  await expectAlive(install);
  control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  await install.world.putAppSecret(SECOND_SECRET, FIRST_SECRET);
  // A store that is well takes one approval in twenty minutes.
  install.world.clock.now += 25 * MINUTE;
  await approve(install);
  await expectAlive(install);
  if (kind === "offline-expiring") {
    await pass(install.world, 3 * HOUR);
    await expectAlive(install);
    control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    await expectAlive(install);
  }
  control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  await deliverWebhooks(install);
  expect(await stateOf(install)).toBe("uninstalled");
  await approve(install);
  await expectAlive(install);
  for (const { id } of control.webhooks()) control.redeliverWebhook({ id });
  await deliverWebhooks(install);
  expect(await stateOf(install)).toBe("ok");
  await expectAlive(install);
}

/** A non-expiring token is migrated, twice, and its pair lives on. */
async function liveThroughAMigration({ model, shopify }: Position): Promise<void> {
  const world = await FleetStand.create(shopify, model);
  await world.add("partner", { kind: "offline" });
  await world.pass(HOUR);
  await world.declare("partner", { kind: "offline-expiring" });
  const migrate = { action: "migrate", store: "partner" as never } as const;
  // Config permits it, the operator gives the command, and gives it again when it was refused or cut off.
  for (let tries = 0; tries <= MOST_MISSED_READS; tries += 1) {
    await world.act(migrate).catch(() => undefined);
  }
  await world.pass(5 * HOUR);
  expect(await world.act(migrate)).toMatchObject({ outcome: "already_migrated" });
  expect(await world.isAlive("partner")).toBe(true);
  expect((await world.factsOf("partner")).tags["state"]).toBe("ok");
  expect(world.notices).toEqual([]);
}

const LIVES: readonly (readonly [string, (position: Position) => Promise<void>])[] = [
  ["a merchant's pair", (position) => liveWithAMerchant(position, "offline-expiring")],
  ["a merchant's token without an end", (position) => liveWithAMerchant(position, "offline")],
  ["a migration", liveThroughAMigration],
];

describe.each(LIVES)("%s lives, whatever AWS and Shopify turn out to be", (_, live) => {
  test.each(MODEL_WORLDS)("where Secrets Manager has $title", live);

  test.each(SHOPIFY_WORLDS)("where Shopify has $title", live);

  test.each(MIXED_WORLDS)("in $title of all switches", live);
});
