import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import {
  DescribeSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import type { ErrorCode } from "../../../contract/errors";
import { encodeRecord } from "../../../contract/record";
import { DAY_MS, HOUR_MS, later, MINUTE_MS } from "../../../contract/time";
import { encodeActingPolicy, encodeLookingPolicy } from "../../../infra/policies/operator";
import { type watchStack as Watch, watchStack } from "../../../local/alarms/world-alarms";
import type { ApiDoor } from "../../../local/aws/api-door";
import { approveBy, openInstallDoor } from "../../../local/demo/approval";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { DeclaredStack } from "../infra/declared-stack";
import { letListsArrive } from "../let-lists-arrive";
import { until } from "../until";
import { type Person, personWith } from "./command";
import { type Mailbox, openMailbox } from "./mailbox";
import {
  APPS,
  declarationOf,
  fillFleet,
  installationOf,
  issueStatic,
  STORES,
  storeNamed,
} from "./thirty-stores";

const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};
const TOPIC = "arn:aws:sns:us-east-1:000000000000:shopify-dev-notices";
const SWEEP_ROLE = "arn:aws:iam::000000000000:role/shopify-dev-sweep-us-east-1";
const NEW_SECRETS = {
  returns: "shpss_local-world-returns-second-client-secret",
  fulfilment: "shpss_local-world-fulfilment-second-client-secret",
} as const;

/** What people have to be told of each broken store: its code, whose it is, and what is next. */
const NINE: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  "returns-1": ["client_secret_rejected", "platform-engineer", "clientSecrets.returns"],
  "hourly-1": ["app_uninstalled", "merchant", "shopify-secrets install-link hourly-1"],
  "minted-1": ["shop_frozen", "merchant", "ask the merchant"],
  "endless-1": ["scope_missing", "merchant", "let the merchant approve"],
  "custom-1": ["token_dead", "operator", "shopify-secrets put custom-1"],
  "minted-2": ["rotation_stuck", "operator", "shopify-secrets unstick minted-2"],
  "minted-3": ["key_denied", "platform-engineer", "shopify-secrets doctor"],
  "hourly-2": ["shopify_unreachable", "shopify", "nothing to do"],
  "hourly-3": ["refresh_token_ending", "merchant", "shopify-secrets rotate hourly-3"],
};
const BROKEN = Object.keys(NINE).sort();
const WELL = Object.keys(STORES).filter((name) => !BROKEN.includes(name));

interface Told {
  readonly store: string;
  readonly state: string;
  readonly needs_person: boolean;
  readonly code: string | null;
  readonly owner?: string;
  readonly next?: string;
}

/**
 * The time until 07:30, 15:30 or 23:30, in milliseconds.
 *
 * Rotation windows lie at fixed hours. From there none of a broken store opens before it is repaired; else its failed
 * rotations, which Secrets Manager tries again for a while, are errors of the function too, and their alarm fires.
 */
function untilHalfPastSeven(now: number): number {
  const period = 8 * HOUR_MS;
  return (7.5 * HOUR_MS - (now % period) + period) % period;
}

/** Thirty stores, nine of them broken in nine ways, IAM enforced. The tests build on each other. */
describe("an operator and thirty stores", () => {
  let world: World;
  let stack: DeclaredStack;
  let door: ApiDoor;
  let root: SecretsManagerClient;
  let looker: Person;
  let operator: Person;
  let mailbox: Mailbox;
  let watch: ReturnType<typeof Watch>;
  let stores: Readonly<Record<string, StoreOutput>>;
  let accessTokens: Record<string, string>;
  let ownKeyId: string | undefined;
  const outages: number[] = [];

  const control = () => world.shopify.imitation.control;
  const arnOf = (name: string) => stores[name]?.secretArn ?? "";

  beforeAll(async () => {
    world = await beginWorld("2026-12-31T07:30:00Z");
    world.clock.advance(untilHalfPastSeven(world.clock.now()));
    accessTokens = fillFleet(world);
    stack = new DeclaredStack(world);
    stack.declare(declarationOf(accessTokens));
    await stack.must(stack.engine.run(["stack", "init"]));
    await stack.must(stack.up());
    stores = await stack.stores();
    root = new SecretsManagerClient(clientConfigOf(world));
    letListsArrive(world);
    looker = await personWith(world, "looker", [encodeLookingPolicy(FLEET)]);
    operator = await personWith(world, "operator", [encodeActingPolicy(FLEET)]);
    mailbox = await openMailbox(world, TOPIC);
    watch = watchStack(clientConfigOf(world), FLEET.prefix);
    door = await openInstallDoor(world, await installBaseUrl(), APPS.catalog.clientId);
  });

  afterAll(async () => {
    watch?.close();
    root?.destroy();
    await mailbox?.close();
    await door?.close();
    await world?.stop();
  });

  const installBaseUrl = () => stack.must(stack.engine.run(["stack", "output", "installBaseUrl"]));

  async function approve(link: string): Promise<void> {
    expect(await approveBy(link, door, world)).toBe(200);
  }

  async function linkFor(name: string): Promise<string> {
    const { out, code } = await looker(`install-link ${name}`);
    expect(code).toBe(0);
    expect(new URL(out.trim()).pathname).toBe(`/install/${name}`);
    return out.trim();
  }

  async function status(): Promise<Map<string, Told>> {
    const { out } = await looker("status --json");
    const { stores: told } = JSON.parse(out) as { stores: Told[] };
    return new Map(told.map((one) => [one.store, one]));
  }

  async function checked(): Promise<Map<string, { state: string; code: string | null }>> {
    const { out } = await operator("check --json");
    const { stores: told } = JSON.parse(out) as {
      stores: { store: string; state: string; code: string | null }[];
    };
    return new Map(told.map((one) => [one.store, one]));
  }

  /** The newest line of the fleet's metrics in the sweep's own log. */
  async function metrics(): Promise<Record<string, unknown>> {
    const logs = new CloudWatchLogsClient(clientConfigOf(world));
    const logGroupName = "/aws/lambda/shopify-dev-sweep";
    const lines: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
      for (const { message = "" } of page.events ?? []) lines.push(...message.split("\n"));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    logs.destroy();
    const newest = lines.filter((line) => line.includes('"SweepHeartbeat"')).at(-1);
    return JSON.parse(newest ?? "{}") as Record<string, unknown>;
  }

  /** The notices about a store, by their subjects. */
  const noticesOf = (name: string) =>
    mailbox.mails.map(({ subject }) => subject).filter((subject) => subject.includes(` ${name}: `));

  test("a store that awaits its merchant is well once he opened the printed link", async () => {
    for (const [name, { kind }] of Object.entries(STORES)) {
      if (kind === "offline-expiring") await approve(await linkFor(name));
    }
    // The first whole quarter of an hour with a sweep in it ends by then.
    await world.driver.advance(31 * MINUTE_MS);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual([]);
    expect(mailbox.mails).toEqual([]);
    const { out, code } = await looker("status");
    expect(out).toContain("30 stores of shopify/dev: all well; sweep: last pass ");
    expect(code).toBe(0);
  });

  test("nine stores break in nine ways", async () => {
    // How old the pairs are by now is a matter of how long this machine took: these are six minutes old, so that 50
    // minutes on, less than a quarter of their life is left at the sweep's last pass, and they have not ended.
    expect((await operator("rotate hourly-2 hourly-3")).code).toBe(0);
    await world.driver.advance(6 * MINUTE_MS);
    const { clientId } = APPS.returns;
    control().addClientSecret({ clientId, clientSecret: NEW_SECRETS.returns });
    control().revokeClientSecret({ clientId, clientSecret: APPS.returns.clientSecret });
    control().uninstall(installationOf("hourly-1"));
    control().changeShop({ shop: storeNamed("minted-1").shop, state: "frozen" });
    control().changeScopes({ ...installationOf("endless-1"), scopes: ["read_orders"] });
    control().revokeToken({ accessToken: accessTokens["custom-1"] ?? "" });
    await stickPending("minted-2");
    await lockAway("minted-3");
    outages.push(control().break({ shop: storeNamed("hourly-2").shop, answer: 503 }).planId);
    await endSoon("hourly-3");
    // The on-call engineer looks, and then the sweep has its time.
    await operator("check");
    await world.driver.advance(50 * MINUTE_MS);
    await watch.evaluate(world.clock.now());
  });

  /** A version that nobody finishes, and that the sweep is forbidden to drop. */
  async function stickPending(name: string): Promise<void> {
    const SecretId = arnOf(name);
    const VersionStages = ["AWSPENDING"];
    await root.send(new PutSecretValueCommand({ SecretId, SecretString: "{}", VersionStages }));
    const forbidden = {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "secretsmanager:UpdateSecretVersionStage",
      Resource: "*",
      Condition: { ArnEquals: { "aws:PrincipalArn": SWEEP_ROLE } },
    };
    const ResourcePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [forbidden] });
    await root.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  }

  /** The secret's key is now one that the stack's functions may not use. */
  async function lockAway(name: string): Promise<void> {
    const SecretId = arnOf(name);
    ownKeyId = (await root.send(new DescribeSecretCommand({ SecretId }))).KmsKeyId;
    const kms = new KMSClient(clientConfigOf(world));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    kms.destroy();
    await root.send(new UpdateSecretCommand({ SecretId, KmsKeyId: KeyMetadata?.Arn }));
  }

  /** A refresh token that was not replaced for eleven weeks, and a token endpoint that is not there. */
  async function endSoon(name: string): Promise<void> {
    const { record } = await readRecord(world, arnOf(name));
    const refreshTokenExpiresAt = later(world.clock.now(), 9 * DAY_MS);
    const SecretString = encodeRecord({ ...record, refreshTokenExpiresAt });
    await root.send(new PutSecretValueCommand({ SecretId: arnOf(name), SecretString }));
    const { shop } = storeNamed(name);
    const plan = { shop, on: "token-endpoint", answer: 503 } as const;
    outages.push(control().break(plan).planId);
  }

  test("status tells the nine apart by code, owner and next command, and the others are well", async () => {
    const told = await status();
    const shown = BROKEN.map((name) => {
      const { code, owner, next = "", needs_person } = told.get(name) as Told;
      const [, , wanted = ""] = NINE[name] ?? [];
      return [name, code, owner, next.includes(wanted) ? wanted : next, needs_person];
    });
    expect(shown).toEqual(BROKEN.map((name) => [name, ...(NINE[name] ?? []), true]));
    for (const name of WELL) {
      expect(told.get(name)).toMatchObject({ state: "ok", needs_person: false, code: null });
    }
    expect((await looker("status")).code).toBe(1);
  });

  test("check tells the same nine codes, and tries every other token with success", async () => {
    const found = await checked();
    expect(BROKEN.map((name) => [name, found.get(name)?.code])).toEqual(
      BROKEN.map((name) => [name, NINE[name]?.[0]]),
    );
    for (const name of WELL) expect(found.get(name)).toMatchObject({ state: "ok", code: null });
    expect((await operator("check")).code).toBe(1);
  });

  test("the metrics count them, and name no store", async () => {
    const line = await metrics();
    expect(line).toMatchObject({
      Prefix: FLEET.prefix,
      StoresOk: 22,
      StoresFailing: 5,
      StoresDead: 2,
      StoresUninstalled: 1,
      StoresAwaiting: 0,
      StaticTokensDead: 1,
      StoresWithMissingScopes: 1,
      TokensUnderQuarterLifeFailing: 3,
      SweepHeartbeat: 1,
    });
    expect(line["SecondsToSoonestRefreshEnd"]).toBeLessThan(9 * 86_400);
    for (const name of Object.keys(STORES)) expect(JSON.stringify(line)).not.toContain(name);
  });

  test("the alarms that fire are those of the nine, and no other", async () => {
    expect((await watch.firing()).sort()).toEqual([
      "refresh-token-near-end",
      "static-token-dead",
      "token-near-end",
    ]);
  });

  test("one notice for each of the nine came through SNS: code, owner, next command", async () => {
    for (const name of BROKEN) {
      const [code, owner, next = ""] = NINE[name] ?? [];
      const mails = mailbox.mails.filter(({ subject }) => subject.includes(` ${name}: `));
      // A pair that could not be renewed got worse once more: first it worked, and then it was failing.
      expect(mails).toHaveLength(name === "hourly-3" ? 2 : 1);
      for (const { subject } of mails) expect(subject).toMatch(new RegExp(` \\(${code}\\)$`));
      expect(mails[0]?.message).toContain(`Who can mend it: ${owner}`);
      expect(mails[0]?.message).toContain(next);
    }
    expect(mailbox.mails).toHaveLength(BROKEN.length + 1);
  });

  test("an hour on, nobody was told twice", async () => {
    await world.driver.advance(60 * MINUTE_MS);
    for (const name of BROKEN.filter((one) => !one.startsWith("hourly"))) {
      expect(noticesOf(name)).toHaveLength(1);
    }
    // Pairs that were failing ended in the meantime: that is worse, and told.
    expect(noticesOf("hourly-2")).toHaveLength(2);
    expect(mailbox.mails.filter(({ subject }) => !subject.includes("hourly"))).toHaveLength(6);
  });

  test("the printed next commands repair what an operator can repair", async () => {
    const told = await status();
    for (const planId of outages) control().mend({ planId });
    const token = issueStatic(world, "custom-1");
    expect(await follow(told.get("custom-1"), `${token}\n`)).toEqual([0]);
    expect(await follow(told.get("minted-2"))).toEqual([0, 0]);
    // Its token ended in the outage, of which status now speaks first: its notice told the command.
    expect(told.get("hourly-3")).toMatchObject({ state: "dead", code: "shopify_unreachable" });
    expect(await follow({ next: NINE["hourly-3"]?.[2] ?? "" })).toEqual([0]);
    await approve(await linkFor("hourly-1"));
    const after = await status();
    for (const name of ["custom-1", "minted-2", "hourly-3", "hourly-1"]) {
      expect(after.get(name)).toMatchObject({ state: "ok", needs_person: false });
    }
  });

  /** Types the commands of a next line one after the other, up to an "if that fails". */
  async function follow(told: Pick<Told, "next"> | undefined, input = ""): Promise<number[]> {
    const [first = ""] = (told?.next ?? "").split("; if that fails");
    const commands = first.match(/shopify-secrets [a-z-]+ [a-z0-9-]+/g) ?? [];
    const codes: number[] = [];
    for (const command of commands) {
      codes.push((await operator(command.replace("shopify-secrets ", ""), input)).code);
    }
    return codes;
  }

  test("what others repair is well again: merchant, key, client secret", async () => {
    control().changeShop({ shop: storeNamed("minted-1").shop, state: "open" });
    control().changeScopes({
      ...installationOf("endless-1"),
      scopes: ["read_orders", "write_products"],
    });
    const KmsKeyId = ownKeyId ?? "alias/aws/secretsmanager";
    await root.send(new UpdateSecretCommand({ SecretId: arnOf("minted-3"), KmsKeyId }));
    const { clientId } = APPS.fulfilment;
    control().addClientSecret({ clientId, clientSecret: NEW_SECRETS.fulfilment });
    const { "endless-2": _migrated, ...kept } = accessTokens;
    const kinds = { "endless-2": "offline-expiring" } as const;
    stack.declare(declarationOf(kept, { secrets: NEW_SECRETS, kinds }));
    await stack.must(stack.up());
    await operator("check");
    await world.driver.advance(21 * MINUTE_MS);
    const { out, code } = await looker("status");
    expect(out).toContain("30 stores of shopify/dev: all well");
    expect(code).toBe(0);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual([]);
    for (const name of BROKEN) {
      expect(noticesOf(name).at(-1)).toContain(`${name}: well again`);
    }
  });

  test("migrate turns a static token into a pair, once config permits it", async () => {
    const refused = await operator("migrate endless-3 --yes");
    expect(refused.err).toContain("config does not permit the migration");
    expect(refused.code).toBe(3);
    const asked = await operator("migrate endless-2");
    expect(asked.err).toContain("cannot be undone");
    expect(asked.code).toBe(2);
    const { out, code } = await operator("migrate endless-2 --yes");
    expect(out).toMatch(/^endless-2: migrated, good until .+; scopes: /);
    expect(code).toBe(0);
    expect((await readRecord(world, arnOf("endless-2"))).record.kind).toBe("offline-expiring");
  });

  test("rotate --app renews an app's stores and says when the old client secret may go", async () => {
    const { out, code } = await operator("rotate --app fulfilment");
    expect(out).toContain("12 of 12 renewed");
    expect(out).toContain("12 of 12 renewable stores use the newest client secret.");
    expect(out).toContain("It is safe to revoke the old client secret");
    expect(code).toBe(0);
    const { clientId, clientSecret } = APPS.fulfilment;
    control().revokeClientSecret({ clientId, clientSecret });
    const found = await checked();
    expect([...found.values()].filter(({ code: wrong }) => wrong !== null)).toEqual([]);
  });

  test("a schedule that somebody switched off is found, and the printed commands bring it back", async () => {
    await switchOffTheSweep();
    await world.driver.advance(61 * MINUTE_MS);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual(["sweep-silent"]);
    const diagnosis = await operator("doctor");
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.out).toMatch(/^BAD +sweep schedule +last pass 1h .*ago, and one is due/m);
    expect(diagnosis.out).toContain("aws scheduler get-schedule --name shopify-dev-sweep-schedule");
    expect(diagnosis.out).toContain("pulumi up --refresh --continue-on-error");
    expect((await looker("status")).out).toContain("The sweep is silent");
    await stack.must(stack.up("--refresh"));
    await world.driver.advance(31 * MINUTE_MS);
    await watch.evaluate(world.clock.now());
    expect(await watch.firing()).toEqual([]);
    expect((await operator("doctor")).code).toBe(0);
  });

  async function switchOffTheSweep(): Promise<void> {
    const scheduler = new SchedulerClient(clientConfigOf(world));
    const Name = "shopify-dev-sweep-schedule";
    const { ScheduleExpression, Target, FlexibleTimeWindow } = await scheduler.send(
      new GetScheduleCommand({ Name }),
    );
    const kept = { Name, ScheduleExpression, Target, FlexibleTimeWindow };
    await scheduler.send(new UpdateScheduleCommand({ ...kept, State: "DISABLED" }));
    scheduler.destroy();
  }

  test("rotate --app lists what would die with the old client secret", async () => {
    const { out, code } = await operator("rotate --app catalog");
    expect(out).toContain("Static, and dead with the client secret that they were issued under:");
    expect(out).toContain("endless-1, endless-3, endless-4, endless-5");
    expect(out).toContain("Do NOT revoke the old client secret yet.");
    expect(code).toBe(1);
  });

  test("a test notice reaches whoever subscribed, by an operator's own policy, with the word to prove it", async () => {
    const before = mailbox.mails.length;
    const { code, out } = await operator("notify --test --json");
    expect(code).toBe(0);
    const { word } = JSON.parse(out) as { word: string };
    await until(() => mailbox.mails.length > before);
    const mail = mailbox.mails.at(-1);
    expect(mail?.subject).toBe("[shopify-secrets] test: this is how you would hear of a store");
    expect(mail?.message).toContain(`The word that proves that you read this: ${word}`);
    expect((await looker("notify --test")).err).toContain("AWS refuses lambda:InvokeFunction");
  });
});
