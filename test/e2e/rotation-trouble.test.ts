import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { STATUS_TAGS } from "../../contract/store/status";
import { epochMs, MINUTE_MS } from "../../contract/time";
import { readRecord } from "../../local/demo/records";
import { clientConfigOf } from "../../local/demo/root-client";
import { DevStack } from "../../local/demo/stack";
import type { World } from "../../local/world/world";
import { beginWorld } from "./begin-world";

/** Rotations by real functions while the imitation of Shopify is in trouble. The tests build on each other. */
describe("rotations under throttling and outage", () => {
  let world: World;
  let client: SecretsManagerClient;
  let secretArn: string;

  beforeAll(async () => {
    world = await beginWorld("2026-11-30T20:05:00Z");
    const stack = new DevStack(world);
    await stack.init();
    expect((await stack.up()).exitCode).toBe(0);
    secretArn = (await stack.stores())["acme"]?.secretArn ?? "";
    client = new SecretsManagerClient(clientConfigOf(world));
  });

  afterAll(async () => {
    client?.destroy();
    await world?.stop();
  });

  const control = () => world.shopify.imitation.control;
  const current = () => readRecord(world, secretArn);
  const isAlive = async () => {
    const accessToken = (await current()).record.accessToken.unseal();
    return control().tokenLife({ accessToken }).death === null;
  };
  const lastErrorCode = async () => {
    const { Tags } = await client.send(new DescribeSecretCommand({ SecretId: secretArn }));
    return Tags?.find(({ Key }) => Key === STATUS_TAGS.lastErrorCode)?.Value;
  };
  const toNextRotation = async () => {
    const due = world.secrets.nextDueAt();
    if (due === undefined) throw new Error("no rotation is planned");
    await world.driver.moveTo(epochMs(due));
  };

  test("a throttled token endpoint and an Admin API with hiccups are survived in one attempt", async () => {
    const before = await current();
    await world.driver.moveTo(epochMs((world.secrets.nextDueAt() ?? 0) - MINUTE_MS));
    control().throttle({ on: "token-endpoint", calls: 2, retryAfterSeconds: "0.2" });
    control().break({ on: "admin-api", answer: 520, times: 1 });
    await toNextRotation();
    const after = await current();
    expect(after.versionId).not.toBe(before.versionId);
    expect(after.record).toMatchObject({ parentVersion: before.versionId, checked: "ok" });
    expect(await isAlive()).toBe(true);
    expect(await lastErrorCode()).toBe("");
  });

  test("an outage fails cleanly, says so, and is mended by a retry of Secrets Manager", async () => {
    const before = await current();
    await world.driver.moveTo(epochMs((world.secrets.nextDueAt() ?? 0) - MINUTE_MS));
    control().break({ on: "token-endpoint", answer: 520 });
    await toNextRotation();
    expect((await current()).versionId).toBe(before.versionId);
    expect(await isAlive()).toBe(true);
    expect(await lastErrorCode()).toBe("shopify_unreachable");
    control().mend();
    await world.driver.advance(30 * MINUTE_MS);
    const after = await current();
    expect(after.record.parentVersion).toBe(before.versionId);
    expect(await isAlive()).toBe(true);
    expect(await lastErrorCode()).toBe("");
  });
});
