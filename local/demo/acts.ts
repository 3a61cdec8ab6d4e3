import type { StoreKey } from "../../contract/brands";
import { installLinkOf } from "../../contract/install";
import { DAY_MS, HOUR_MS, isoOf } from "../../contract/time";
import { DEV_APPS } from "../world/dev-fixtures";
import type { World } from "../world/world";
import { type Application, startApplication } from "./applications";
import { approveBy, openInstallDoor } from "./approval";
import { createReaderUser } from "./reader-user";
import { masked, readRecord } from "./records";
import type { DevStack, StoreOutput } from "./stack";
import type { Stage } from "./stage";
import { goThroughRotations, type RotationSeen } from "./two-days";

const APPLICATIONS = 4;
const DAYS = 2;

/** What every act works with. */
export interface Scene {
  readonly world: World;
  readonly stack: DevStack;
  readonly stage: Stage;
}

/** Something that should have happened in the demo did not. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

/** The store whose merchant approves the app; the three others stand in Pulumi.dev.yaml. */
const BOUTIQUE = "boutique" as StoreKey;
const BOUTIQUE_SHOP = "boutique.myshopify.com";

/** `pulumi up` of four stores, one of each kind. */
export async function provision({ world, stack, stage }: Scene): Promise<void> {
  stage.act("pulumi up: four stores, one of each kind");
  await stack.init();
  world.shopify.imitation.control.addShop({ shop: BOUTIQUE_SHOP });
  await stack.declare(BOUTIQUE, {
    kind: "offline-expiring",
    shop: BOUTIQUE_SHOP,
    app: "catalog",
    "scopes[0]": "read_products",
  });
  const run = await stack.up((line) => quoteStep(stage, line));
  if (run.exitCode !== 0) throw new DemoFailure(`pulumi up failed:\n${run.output}`);
  stage.good(`${createdIn(run.output)} resources, three stores enrolled, one awaits its merchant`);
}

/** The merchant of the fourth store opens the link and approves; its token lives one hour, and the sweep renews it. */
export async function approve({ world, stack, stage }: Scene): Promise<void> {
  stage.act("A merchant opens the install link and approves the app");
  const baseUrl = await stack.output("installBaseUrl");
  const door = await openInstallDoor(world, baseUrl, DEV_APPS.catalog.clientId);
  try {
    const link = installLinkOf(`https://${door.host}`, BOUTIQUE);
    stage.quote(link);
    const status = await approveBy(link, door, world);
    if (status !== 200) throw new DemoFailure(`the last page had status ${status}`);
  } finally {
    await door.close();
  }
  stage.good(`${BOUTIQUE} has an access token for an hour, and a refresh token for 90 days`);
}

/** What stands in the secrets now, tokens masked. */
export async function showRecords({ world, stack, stage }: Scene): Promise<void> {
  stage.act("The secrets: one record per store");
  const stores = await stack.stores();
  const rows = [];
  for (const [key, store] of Object.entries(stores)) {
    const { record, versionId } = await readRecord(world, store.secretArn);
    const expires = record.expiresAt === undefined ? "never" : isoOf(record.expiresAt);
    rows.push([
      key,
      record.kind,
      masked(record),
      record.scopes.join(","),
      expires,
      versionId.slice(0, 8),
    ]);
  }
  stage.table(["store", "kind", "access token", "scopes", "expires", "version"], rows);
}

/** Applications read and call while the clock passes two days of rotations. */
export async function liveThroughTwoDays(scene: Scene): Promise<void> {
  const { world, stage, stack } = scene;
  stage.act(`${APPLICATIONS} applications read and call, the clock passes ${DAYS} days`);
  const stores = await stack.stores();
  const applications = await startApplications(world, stores);
  try {
    const rotations = await watchRotations(scene, stores, applications);
    const counted = await Promise.all(applications.map((one) => one.finish()));
    const renewals = renewalsOf(world, stores[BOUTIQUE]?.secretArn ?? "");
    report(scene, { rotations, renewals }, counted);
  } finally {
    for (const application of applications) application.kill();
  }
}

interface Renewed {
  readonly rotations: readonly RotationSeen[];
  readonly renewals: number;
}

async function startApplications(
  world: World,
  stores: Readonly<Record<string, StoreOutput>>,
): Promise<Application[]> {
  const policies = Object.values(stores).map((store) => store.readerPolicy);
  const credentials = await createReaderUser(world, "applications", policies);
  return Array.from({ length: APPLICATIONS }, (_, index) =>
    startApplication(world, { name: `application-${index + 1}`, stores, credentials }),
  );
}

async function watchRotations(
  { world, stage }: Scene,
  stores: Readonly<Record<string, StoreOutput>>,
  applications: readonly Application[],
): Promise<RotationSeen[]> {
  const secretArn = stores["acme"]?.secretArn ?? "";
  return goThroughRotations(world, secretArn, {
    spanMs: DAYS * DAY_MS,
    failure: () => applications.map((one) => one.failure()).find((why) => why !== undefined),
    atRest: (act) => atRest(applications, act),
    onRotation: (seen) =>
      stage.line(
        `   ${isoOf(seen.at)}  acme rotated: old token ${hours(seen.oldTokenAgeMs)} old, good for another ${hours(seen.oldTokenSecondsLeft * 1_000)}`,
      ),
  });
}

/** Does something while no call of any application is under way. */
async function atRest(
  applications: readonly Application[],
  act: () => Promise<void>,
): Promise<void> {
  const [first, ...others] = applications;
  if (first === undefined) return await act();
  await first.between(() => atRest(others, act));
}

/** How often the one-hour pair was renewed: each renewal writes a version, as the approval did. */
function renewalsOf(world: World, secretArn: string): number {
  const written = world.front
    .calls()
    .filter(({ operation, status }) => operation === "PutSecretValue" && status === 200)
    .filter(({ resource }) => resource === secretArn);
  return written.length - 1;
}

function report(
  { world, stage }: Scene,
  { rotations, renewals }: Renewed,
  counted: readonly { served: number; refused: number }[],
): void {
  const calls = world.shopify.imitation.control.countCalls({});
  const ownCount = counted.reduce((sum, one) => sum + one.served + one.refused, 0);
  stage.good(
    `${rotations.length} rotations, ${renewals} renewals of the one-hour pair, ${calls.served + calls.refused} calls judged by Shopify (${ownCount} by the applications' own count), ${calls.distinctTokens} distinct tokens`,
  );
  const died = rotations.filter((seen) => seen.oldTokenSecondsLeft <= 0);
  if (
    calls.refused > 0 ||
    calls.withDeadToken > 0 ||
    died.length > 0 ||
    rotations.length < 5 ||
    renewals < 60
  ) {
    throw new DemoFailure(
      `${calls.refused} calls refused, ${calls.withDeadToken} with a dead token, ${died.length} old tokens dead at promotion, ${rotations.length} rotations, ${renewals} renewals`,
    );
  }
  stage.good("0 refused calls");
}

/** After all the rotations Pulumi still sees nothing to do. */
export async function applyAgain({ stack, stage }: Scene): Promise<void> {
  stage.act("pulumi up again: nothing to change");
  const check = ["preview", "--refresh", "--expect-no-changes", "--suppress-outputs"];
  const preview = await stack.engine.run(check);
  if (preview.exitCode !== 0)
    throw new DemoFailure(`the preview shows changes:\n${preview.output}`);
  const run = await stack.up((line) => quoteSummary(stage, line));
  if (run.exitCode !== 0) throw new DemoFailure(`pulumi up failed:\n${run.output}`);
  stage.good("no changes: what the functions wrote is theirs");
}

/** A wrong client secret fails where the mistake is, and the live token stays. */
export async function refuseWrongSecret({ world, stack, stage }: Scene): Promise<void> {
  stage.act("A wrong client secret in config: up fails and says what to do");
  const { acme } = await stack.stores();
  const before = await readRecord(world, acme?.secretArn ?? "");
  await stack.setSecret("shopify-secrets:clientSecrets.fulfilment", "shpss_not-the-right-one");
  const run = await stack.up();
  const said = /client_secret_rejected: [^"\\]*/.exec(run.output)?.[0];
  if (run.exitCode === 0 || said === undefined) {
    throw new DemoFailure(`up should have failed with client_secret_rejected:\n${run.output}`);
  }
  stage.quote(said);
  const after = await readRecord(world, acme?.secretArn ?? "");
  if (after.versionId !== before.versionId) throw new DemoFailure("the live token was replaced");
  stage.good(`up failed with exit code ${run.exitCode}; the live token is untouched`);
}

/** Takes everything down again. */
export async function takeDown({ stack, stage, world }: Scene): Promise<void> {
  stage.act("pulumi destroy");
  // The key of the refresh tokens outlives the stack, and Pulumi refuses to delete it.
  await stack.must(["state", "unprotect", "--all", "--yes"]);
  const run = await stack.destroy((line) => quoteSummary(stage, line));
  if (run.exitCode !== 0) throw new DemoFailure(`pulumi destroy failed:\n${run.output}`);
  const count = world.secrets.state.secrets.size;
  if (count > 0) throw new DemoFailure(`${count} secrets are left`);
  stage.good("no secret is left");
}

/** What the engine has done to each resource, as it is done; its other lines are about what it is going to do. */
function quoteStep(stage: Stage, line: string): void {
  if (/^\s*[-+~]+\s.*\b(created|updated|deleted|replaced) \(/.test(line)) stage.quote(line.trim());
}

function quoteSummary(stage: Stage, line: string): void {
  if (/^\s+[-+~]? ?\d+ (unchanged|created|updated|deleted|changed)/.test(line))
    stage.quote(line.trim());
}

function createdIn(output: string): string {
  return /\+ (\d+) created/.exec(output)?.[1] ?? "no";
}

function hours(milliseconds: number): string {
  return `${(milliseconds / HOUR_MS).toFixed(1)} h`;
}
