import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { encodeActingPolicy, encodeLookingPolicy } from "../../../infra/policies/operator";
import { type watchStack as Watch, watchStack } from "../../../local/alarms/world-alarms";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import { DevStack, type StoreOutput } from "../../../local/demo/stack";
import { DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { letListsArrive } from "../let-lists-arrive";
import { until } from "../until";
import { type Person, personWith, type Typed } from "./command";

const MINUTE = 60_000;
const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};

/** A person on call, with the two documented policies and IAM enforced. The tests build on each other. */
describe("the operator's command on a stack", () => {
  let world: World;
  let stores: Readonly<Record<string, StoreOutput>>;
  let looker: Person;
  let operator: Person;
  let root: SecretsManagerClient;
  let watch: ReturnType<typeof Watch>;

  const arnOf = (store: string) => stores[store]?.secretArn ?? "";
  const recordOf = (store: string) => readRecord(world, arnOf(store));

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    const stack = new DevStack(world);
    await stack.init();
    await stack.must(["config", "set", "shopify-secrets:alarms", "true"]);
    const up = await stack.up();
    if (up.exitCode !== 0) throw new Error(up.output);
    await world.secrets.settled(); // a new schedule still tests itself once
    stores = await stack.stores();
    looker = await personWith(world, "looker", [encodeLookingPolicy(FLEET)]);
    operator = await personWith(world, "operator", [encodeActingPolicy(FLEET)]);
    root = new SecretsManagerClient(clientConfigOf(world));
    watch = watchStack(clientConfigOf(world), FLEET.prefix);
  });

  afterAll(async () => {
    watch?.close();
    root?.destroy();
    await world?.stop();
  });

  test("status of a stack that was deployed just now waits until AWS lists it", async () => {
    const early = await looker("status");
    expect(early.err).toContain("a new store may not be listed for five minutes");
    expect(await looker("status acme --prefix shopify/dev")).toMatchObject({ code: 0 });
    world.front.forgetCalls();
    const asked = looker("status --prefix shopify/dev");
    await until(() => operationsOf(world).includes("ListSecrets"));
    letListsArrive(world);
    expect((await asked).out).toContain("3 stores of shopify/dev: all well");
  });

  test("status shows the stack to who may look, and reads no value", async () => {
    world.front.forgetCalls();
    const { out, err, code } = await looker("status");
    expect(err).toBe("");
    expect(out).toContain("3 stores of shopify/dev: all well");
    expect(out).toMatch(/^acme +client-credentials +ok +[2?]\/2/m);
    expect(code).toBe(0);
    expect(new Set(operationsOf(world))).toEqual(new Set(["DescribeSecret", "ListSecrets"]));
  });

  test("who may look may not act", async () => {
    const before = await recordOf("acme");
    const rotated = await looker("rotate acme");
    expect(rotated.out).toContain("AWS refuses secretsmanager:RotateSecret");
    expect(rotated.out).toContain("docs/operators.md");
    expect(rotated.code).toBe(1);
    const checked = await looker("check");
    expect(checked.err).toContain("AWS refuses lambda:InvokeFunction");
    expect(checked.code).toBe(3);
    expect((await recordOf("acme")).versionId).toBe(before.versionId);
  });

  test("rotate waits until the new token is current", async () => {
    const before = await recordOf("acme");
    const { out, code } = await operator("rotate acme");
    expect(out).toMatch(/^acme +client-credentials +renewed +\d+h/m);
    expect(code).toBe(0);
    const after = await recordOf("acme");
    expect(after.versionId).not.toBe(before.versionId);
    expect(after.record.parentVersion).toBe(before.versionId);
  });

  test("history tells who may look how the store came to its token", async () => {
    let told: Typed = { code: -1, out: "", err: "" };
    // A function's last lines come to the log a while after its answer.
    await until(async () => {
      told = await looker("history acme --json");
      return told.out.includes('"what": "renewed"');
    });
    const { out, err, code } = told;
    expect(err).toBe("");
    expect(code).toBe(0);
    const { happenings, versions } = JSON.parse(out);
    const whats = happenings.map(({ what }: { what: string }) => what);
    expect(whats).toContain("enrolled");
    expect(whats).not.toContain("by_hand");
    const current = (await recordOf("acme")).versionId;
    expect(happenings.at(-1)).toMatchObject({ what: "renewed", version_id: current });
    expect(versions.at(-1)).toMatchObject({ version_id: current, labels: ["AWSCURRENT"] });
  });

  test("check tries every token at Shopify", async () => {
    const { out, code } = await operator("check");
    expect(out.match(/ works$/gm)).toHaveLength(3);
    expect(code).toBe(0);
  });

  test("put stores a new static token, which stands in no output", async () => {
    const accessToken = "shpat_local-world-second-partner-token";
    const { shop, scopes } = DEV_STORES.partner;
    world.shopify.imitation.control.issueToken({
      clientId: "local-world-catalog-client-id",
      shop,
      kind: "offline",
      accessToken,
      scopes: [...scopes],
    });
    const { out, err, code } = await operator("put partner", `${accessToken}\n`);
    expect(out).toContain("partner: the access token is stored; it works at Shopify");
    expect(code).toBe(0);
    expect(out + err).not.toContain(accessToken);
    expect((await recordOf("partner")).record.accessToken.unseal()).toBe(accessToken);
  });

  test("put --from - stores a whole list, and says which of it Shopify refuses", async () => {
    const { heritage } = DEV_STORES;
    const before = await recordOf("partner");
    const list = `store,token\nheritage,${heritage.accessToken}\npartner,shpat_nobody-knows-this-one\n`;
    const { out, err, code } = await operator("put --from -", list);
    expect(out).toMatch(/^heritage +already stored +works$/m);
    expect(out).toMatch(/^partner +failed +token_dead$/m);
    expect(out).toContain("1 of 2 tokens stored");
    expect(code).toBe(1);
    expect(out + err).not.toContain("shpat_");
    expect((await recordOf("partner")).versionId).toBe(before.versionId);
  });

  test("status --fleet shows several stacks, and the one that is not there", async () => {
    const file = join(world.folder, "fleets.yaml");
    const prefix = "prefix: shopify/dev";
    writeFileSync(
      file,
      `here:\n  region: us-east-1\n  ${prefix}\nthere:\n  prefix: shopify/other\n`,
    );
    const { out, code } = await looker(`status --fleet ${file}`);
    expect(out).toMatch(/^here\n\nSTORE /);
    expect(out).toContain("3 stores of shopify/dev: all well");
    expect(out).toContain("there\n\ncannot be looked at: there are no stores under shopify/other");
    expect(out).toMatch(/2 fleets, 3 stores: all well; 1 fleet could not be looked at\n$/);
    expect(code).toBe(3);
  });

  test("a token that Shopify refuses is not stored", async () => {
    const before = await recordOf("partner");
    const { err, code } = await operator("put partner", "shpat_nobody-knows-this-one");
    expect(err).toContain("token_dead: Shopify answers 401");
    expect(err).toContain("Next: shopify-secrets put partner");
    expect(code).toBe(3);
    expect((await recordOf("partner")).versionId).toBe(before.versionId);
  });

  test("rollback brings the previous token back, once it worked at Shopify", async () => {
    const { out, code } = await operator("rollback partner");
    expect(out).toContain("is current again");
    expect(code).toBe(0);
    const { record } = await recordOf("partner");
    expect(record.accessToken.unseal()).toBe(DEV_STORES.partner.accessToken);
  });

  test("rollback refuses a token that is dead", async () => {
    const before = await recordOf("partner");
    const accessToken = "shpat_local-world-second-partner-token";
    world.shopify.imitation.control.revokeToken({ accessToken });
    const { err, code } = await operator("rollback partner");
    expect(err).toContain(
      "the previous access token of partner was not brought back: Shopify answers 401: the access token is dead. Next: shopify-secrets put partner",
    );
    expect(code).toBe(3);
    expect((await recordOf("partner")).versionId).toBe(before.versionId);
  });

  test("unstick takes the label of a stuck version", async () => {
    const SecretString = "{}";
    const VersionStages = ["AWSPENDING"];
    await root.send(
      new PutSecretValueCommand({ SecretId: arnOf("acme"), SecretString, VersionStages }),
    );
    const { out, code } = await operator("unstick acme");
    expect(out).toContain("is no longer pending. Next: shopify-secrets rotate acme");
    expect(code).toBe(0);
    expect((await operator("rotate acme")).code).toBe(0);
  });

  test("restore takes a deleted secret back", async () => {
    const SecretId = arnOf("partner");
    await root.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    expect((await looker("status")).out).toContain("2 stores");
    const { out, code } = await operator("restore partner");
    expect(out).toContain(`'shopify-secrets:stores.partner.adopt' '${SecretId}'`);
    expect(code).toBe(0);
    expect((await looker("status partner")).code).toBe(0);
  });

  test("exec takes the store's own reader policy, and hands the token to the child alone", async () => {
    const refused = await operator("exec acme -- env");
    expect(refused.err).toContain("AWS refuses secretsmanager:GetSecretValue");
    expect(refused.code).toBe(3);
    const { out: policy } = await operator("reader-policy acme");
    const policies = [encodeLookingPolicy(FLEET), policy];
    const reader = await personWith(world, "reader", policies);
    const { out, code } = await reader("exec acme --min-life 30m -- env");
    expect(code).toBe(0);
    const { record } = await recordOf("acme");
    expect(out).toContain(`SHOPIFY_ACCESS_TOKEN=${record.accessToken.unseal()}`);
    const tooSoon = await reader("exec acme --min-life 2d -- env");
    expect(tooSoon.err).toContain("no access token of kind client-credentials lives for 2d");
    expect(tooSoon.out).toBe("");
  });

  test("doctor finds the stack in order", async () => {
    const { out, code } = await operator("doctor");
    expect(out).not.toContain("BAD");
    expect(out).toContain("the functions reach it");
    expect(code).toBe(0);
  });

  test("a dead static token is told by check, status and alarm, and its next command mends it", async () => {
    await world.driver.advance(31 * MINUTE);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual([]);
    world.shopify.imitation.control.revokeToken({ accessToken: DEV_STORES.heritage.accessToken });
    const checked = await operator("check heritage");
    expect(checked.code).toBe(1);
    expect(checked.out).toMatch(/^heritage +custom-app +dead +token_dead$/m);
    const seen = await looker("status");
    expect(seen.code).toBe(1);
    expect(seen.out).toContain("token_dead (operator)");
    expect(seen.out).toContain("Next: shopify-secrets put heritage");
    await world.driver.advance(21 * MINUTE);
    const turns = await watch.evaluate(world.clock.now());
    expect(turns.map(({ alarm, to }) => [alarm.key, to])).toEqual([["static-token-dead", "ALARM"]]);
    await mendHeritage();
    await world.driver.advance(21 * MINUTE);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual([]);
    expect((await looker("status")).code).toBe(0);
  });

  async function mendHeritage(): Promise<void> {
    const { shop, scopes } = DEV_STORES.heritage;
    const accessToken = "shpat_local-world-second-heritage-token";
    world.shopify.imitation.control.issueToken({
      clientId: "local-world-undeclared-client-id",
      shop,
      kind: "custom-app",
      accessToken,
      scopes: [...scopes],
    });
    expect((await operator("put heritage", accessToken)).code).toBe(0);
  }
});

function operationsOf(world: World): string[] {
  return [...new Set(world.front.calls().map(({ operation }) => operation))];
}
