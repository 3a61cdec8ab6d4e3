import { readdirSync } from "node:fs";

import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { DAY_MS } from "../../contract/time";
import { type Application, startApplication } from "../../local/demo/applications";
import { createReaderUser } from "../../local/demo/reader-user";
import { readRecord } from "../../local/demo/records";
import { clientConfigOf } from "../../local/demo/root-client";
import { DevStack, type StoreOutput } from "../../local/demo/stack";
import { goThroughRotations, type RotationSeen } from "../../local/demo/two-days";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import { isAlive } from "../../local/world/process-tree";
import type { World } from "../../local/world/world";
import { beginWorld } from "./begin-world";
import { childrenOf } from "./children";
import { runAsRole } from "./run-as-role";

/** The main job, from nothing to nothing, on the real engine. The tests of this file build on each other. */
describe("pulumi up, rotate, read", () => {
  let world: World;
  let stack: DevStack;
  let stores: Readonly<Record<string, StoreOutput>>;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    stack = new DevStack(world);
    await stack.init();
  });

  afterAll(async () => {
    await world?.stop();
  });

  test("up provisions three stores, one of each kind, each with a record that works", async () => {
    const run = await stack.up();
    expect(run.output).toMatch(/\+ \d+ created/);
    expect(run.output.match(/^ *warning: .*/gm)).toEqual([
      expect.stringContaining("using pulumi-resource-aws from $PATH"), // the stand-in, which is wanted here
    ]);
    expect(run.exitCode).toBe(0);
    stores = await stack.stores();
    const kinds = Object.entries(stores).map(([key, store]) => [key, store.kind]);
    expect(kinds).toEqual([
      ["acme", "client-credentials"],
      ["heritage", "custom-app"],
      ["partner", "offline"],
    ]);
    for (const store of Object.values(stores)) {
      const { record } = await readRecord(world, store.secretArn);
      expect(record).toMatchObject({ kind: store.kind, shop: store.shop, checked: "ok" });
      expect(lifeOf(world, record.accessToken.unseal()).death).toBeNull();
    }
  });

  test("the rotate function's role is refused outside its prefix, in AWS's own words", async () => {
    const client = new SecretsManagerClient(clientConfigOf(world));
    const outside = await client.send(
      new CreateSecretCommand({ Name: "shopify/other/stores/acme/token", SecretString: "{}" }),
    );
    const own = await runAsRole(world, "rotate", stores["acme"]?.secretArn ?? "");
    const foreign = await runAsRole(world, "rotate", outside.ARN ?? "");
    expect(own).toBe("allowed");
    expect(foreign).toMatch(
      /^AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/shopify-dev-rotate\S* is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:\S+other\S+ because no identity-based policy allows the secretsmanager:GetSecretValue action$/,
    );
    client.destroy();
  });

  test("a reader reads its store and no app secret", async () => {
    const policy = stores["acme"]?.readerPolicy ?? "";
    const credentials = await createReaderUser(world, "reader-of-acme", [policy]);
    const client = new SecretsManagerClient({ ...clientConfigOf(world), credentials });
    const read = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));
    await expect(read(stores["acme"]?.secretArn ?? "")).resolves.toMatchObject({
      Name: "shopify/dev/stores/acme/token",
    });
    for (const secret of [
      stores["partner"]?.secretArn ?? "",
      "shopify/dev/apps/fulfilment/credential",
    ]) {
      await expect(read(secret)).rejects.toMatchObject({ name: "AccessDeniedException" });
    }
    client.destroy();
  });

  test("two days of rotations pass under four applications, and no call is refused", async () => {
    const policies = Object.values(stores).map((store) => store.readerPolicy);
    const credentials = await createReaderUser(world, "applications", policies);
    const applications = Array.from({ length: 4 }, (_, index) =>
      startApplication(world, { name: `application-${index}`, stores, credentials }),
    );
    try {
      const rotations = await rotateFor(world, stores, applications);
      const counted = await Promise.all(applications.map((one) => one.finish()));
      expect(rotations.length).toBeGreaterThanOrEqual(5);
      expect(Math.min(...rotations.map((seen) => seen.fewestCallsAMinute))).toBeGreaterThanOrEqual(
        20,
      );
      expect(rotations.filter((seen) => seen.oldTokenSecondsLeft <= 0)).toEqual([]);
      expect(counted.reduce((sum, one) => sum + one.refused, 0)).toBe(0);
      const calls = world.shopify.imitation.control.countCalls({});
      expect(calls).toMatchObject({ refused: 0, withDeadToken: 0 });
      expect(calls.distinctTokens).toBe(rotations.length + 3);
    } finally {
      for (const application of applications) application.kill();
    }
  });

  test("after the rotations Pulumi sees no change", async () => {
    const { exitCode, output } = await stack.engine.run([
      "preview",
      "--refresh",
      "--expect-no-changes",
    ]);
    expect(output).toMatch(/\d+ unchanged/);
    expect(exitCode).toBe(0);
  });

  test("a wrong client secret fails up with its code and the next command, and the live token stays", async () => {
    const before = await readRecord(world, stores["acme"]?.secretArn ?? "");
    await stack.setSecret("shopify-secrets:clientSecrets.fulfilment", "shpss_not-the-right-one");
    const run = await stack.up();
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toContain(
      "client_secret_rejected: Shopify refuses the client secret of app fulfilment",
    );
    expect(run.output).toContain(
      "pulumi config set --secret --path 'shopify-secrets:clientSecrets.fulfilment'",
    );
    expect(run.output).not.toContain("shpss_not-the-right-one");
    const after = await readRecord(world, stores["acme"]?.secretArn ?? "");
    expect(after.versionId).toBe(before.versionId);
  });

  test("the right one mends it", async () => {
    await stack.setSecret(
      "shopify-secrets:clientSecrets.fulfilment",
      DEV_APPS.fulfilment.clientSecret,
    );
    expect((await stack.up()).exitCode).toBe(0);
  });

  test("destroy leaves no secret of the stack", async () => {
    expect((await stack.destroy()).exitCode).toBe(0);
    const names = [...world.secrets.state.secrets.values()].map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("shopify/dev/"))).toEqual([]);
  });
});

test("a world that stops leaves no process, no folder and no port", async () => {
  const strangers = new Set(childrenOf(process.pid));
  const world = await beginWorld("2026-11-23T09:35:00Z");
  const other = await beginWorld("2026-11-23T09:35:00Z");
  expect(world.front.url).not.toBe(other.front.url);
  const children = childrenOf(process.pid).filter((id) => !strangers.has(id));
  expect(children.length).toBeGreaterThanOrEqual(2);
  await Promise.all([world.stop(), other.stop()]);
  expect(children.filter(isAlive)).toEqual([]);
  expect(() => readdirSync(world.folder)).toThrow(/ENOENT/);
  await expect(fetch(world.front.url)).rejects.toThrow();
});

function lifeOf(world: World, accessToken: string) {
  return world.shopify.imitation.control.tokenLife({ accessToken });
}

function rotateFor(
  world: World,
  stores: Readonly<Record<string, StoreOutput>>,
  applications: readonly Application[],
): Promise<RotationSeen[]> {
  return goThroughRotations(world, stores["acme"]?.secretArn ?? "", {
    spanMs: 2 * DAY_MS,
    failure: () => applications.map((one) => one.failure()).find((why) => why !== undefined),
  });
}
