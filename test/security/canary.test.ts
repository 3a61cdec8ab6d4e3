import { createHash } from "node:crypto";
import type { SecretArn } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { createInProcessClient } from "../../local/secrets-manager";
import { createTokenReader } from "../../reader";
import { operatorOfFleet } from "../cli/fleet";
import type { Fault } from "../lambda/stand/faults";
import { FleetStand } from "../lambda/stand/fleet-stand";
import { InstallStand } from "../lambda/stand/install-stand";
import {
  enrolled,
  FIRST,
  PUBLIC,
  paste,
  SECOND,
  STORE as SIGNED_STORE,
  signingStore,
  watchAssertions,
} from "../lambda/stand/signing-store";
import { STORE, StoreStand } from "../lambda/stand/store-stand";
import { CLIENT_ID, FIRST_SECRET, HOUR, MINUTE, HOUR as SWEEP_HOUR } from "../simulation/stage";
import { Watch } from "./collected";

/** The faults that differ in what they leave behind. */
const FAULTS: readonly Fault[] = [
  "fails_before",
  "fails_after",
  "throttled",
  "times_out",
  "answers_garbage",
  "killed_after",
];

let watch: Watch;

beforeEach(() => {
  watch = new Watch();
});

/** What a world of functions let out: lines, results and failures. */
function collect(where: string, world: StoreStand): void {
  watch.leave(`log of ${where}`, world.lines.join("\n"));
  for (const failure of world.failures) watch.leaveFailure(`failure of ${where}`, failure);
}

async function outcomeOf(where: string, work: Promise<unknown>): Promise<void> {
  try {
    watch.leave(`result of ${where}`, await work);
  } catch (error) {
    watch.leaveFailure(`failure of ${where}`, error);
  }
}

async function listed(where: string, world: { readonly model: StoreStand["model"] }) {
  const secrets = await world.model.handle("ListSecrets", { MaxResults: 100 });
  watch.leave(`descriptions and tags after ${where}`, secrets);
}

function expectNothing(atLeast: { readonly secrets: number; readonly leftings: number }): void {
  expect(watch.canaries.size).toBeGreaterThanOrEqual(atLeast.secrets);
  expect(watch.leftings).toBeGreaterThanOrEqual(atLeast.leftings);
  expect(watch.found()).toEqual([]);
}

/** The work of the functions on one store, in each of which any call can go wrong. */
const WORK: Readonly<Record<string, () => Promise<[StoreStand, () => Promise<unknown>]>>> = {
  "an enrolment": async () => {
    const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
    return [world, () => world.enrol()];
  },
  "an enrolment of a pasted token": async () => {
    const world = await StoreStand.create({ kind: "custom-app", hasValue: false });
    const accessToken = world.issueToken();
    watch.canaries.add("pasted token", accessToken);
    return [world, () => world.enrol({ accessToken: Sealed.of(accessToken) })];
  },
  "a rotation": async () => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    await world.scheduleRotation();
    world.clock.now += 8 * HOUR;
    return [world, () => world.rotateNow()];
  },
  "a renewal of a pair": async () => {
    const world = await StoreStand.create({ kind: "offline-expiring" });
    world.clock.now += 31 * MINUTE;
    return [world, () => world.renew()];
  },
};

describe.each(Object.entries(WORK))("%s", (name, stage) => {
  test("lets no secret out, whichever call goes wrong in whichever way", async () => {
    const [probe, act] = await stage();
    probe.calls.length = 0;
    await outcomeOf(name, act());
    const calls = probe.calls.length;
    expect(calls).toBeGreaterThanOrEqual(4);
    collect(name, probe);
    await listed(name, probe);
    for (const fault of FAULTS) {
      for (let index = 0; index < calls; index += 1) {
        const [world, work] = await stage();
        const from = world.calls.length;
        world.plan = (point) => (point.index === from + index ? fault : undefined);
        await outcomeOf(name, work());
        collect(name, world);
        await listed(name, world);
      }
    }
    expectNothing({ secrets: 2, leftings: calls * FAULTS.length });
  });

  test("lets no secret out when AWS's own error repeats what it was sent", async () => {
    const [world, work] = await stage();
    const from = world.calls.length;
    world.before = async ({ index, target }) => {
      if (index === from + 1 && target !== "shopify") throw echo(FIRST_SECRET);
    };
    await outcomeOf(name, work());
    collect(name, world);
    expectNothing({ secrets: 1, leftings: 1 });
  });
});

describe("an app that signs", () => {
  /** What the key gets a store, in each of which any call can go wrong: the sweep's renewal, and the proof of a next key. */
  const SIGNED: Readonly<Record<string, (world: FleetStand) => Promise<unknown>>> = {
    "a renewal": (world) => world.sweep(),
    "a proof": (world) => world.act({ action: "prove", store: SIGNED_STORE, key: SECOND }),
  };

  async function stage(): Promise<FleetStand> {
    const world = await signingStore(PUBLIC);
    paste(world);
    paste(world, SECOND);
    await world.putSigningApp([FIRST, SECOND]);
    await enrolled(world);
    world.clock.now += 35 * MINUTE;
    return world;
  }

  function collectSigned(where: string, world: FleetStand): void {
    watch.leave(`log of ${where}`, world.lines.join("\n"));
    watch.leave(`notices of ${where}`, world.notices);
    watch.leave(`metrics of ${where}`, world.metrics);
  }

  test.each(Object.entries(SIGNED))(
    "shows no assertion and no signature, whichever call of %s goes wrong in whichever way",
    async (name, act) => {
      const probe = await stage();
      const before = probe.calls.length;
      await outcomeOf(name, act(probe));
      const calls = probe.calls.slice(before);
      expect(calls.map(({ operation }) => operation)).toContain("Sign");
      collectSigned(name, probe);
      for (const fault of FAULTS) {
        for (let index = 0; index < calls.length; index += 1) {
          const world = await stage();
          const from = world.calls.length;
          world.plan = (point) => (point.index === from + index ? fault : undefined);
          await outcomeOf(name, act(world));
          collectSigned(name, world);
          await listed(name, world);
        }
      }
      expect(watch.canaries.names).toContain("client_assertion");
      expectNothing({ secrets: 2 * FAULTS.length, leftings: calls.length * FAULTS.length });
    },
  );

  test("shows none where Shopify's refusal repeats it", async () => {
    const world = await stage();
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: "first" });
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: "second" });
    const seen = watchAssertions(world);
    await outcomeOf("a refused renewal", world.sweep());
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const assertion of seen) {
      const repeated = { error: "invalid_client", error_description: `wrong: ${assertion}` };
      const body = Sealed.of(JSON.stringify(repeated));
      world.stray = () => ({ status: 401, headers: {}, body });
      world.clock.now += 10 * MINUTE;
      await outcomeOf("a renewal whose refusal repeats", world.sweep());
    }
    collectSigned("a refused renewal", world);
    expectNothing({ secrets: 3, leftings: 5 });
  });
});

test("an error that nobody foresaw shows its class", () => {
  const SECRET = "shpat_unforeseen0123456789abcdef";
  watch.canaries.add("secret of the error", SECRET);
  for (const error of [
    new TypeError(`cannot read ${SECRET}`, { cause: new Error(SECRET) }),
    Object.assign(new Error(SECRET), { request: { headers: { token: SECRET } } }),
    new AggregateError([new Error(SECRET)], SECRET),
    SECRET,
    { [SECRET]: SECRET },
  ]) {
    watch.leaveFailure("an unforeseen failure", error);
  }
  expectNothing({ secrets: 1, leftings: 10 });
});

/** An error as the AWS SDK makes it, which quotes the request. */
function echo(secret: string): Error {
  const error = new Error(`1 validation error detected: Value '${secret}' at 'secretString'`, {
    cause: { request: { body: secret } },
  });
  return Object.assign(error, { name: "ValidationException", $response: { body: secret } });
}

test("refusals of Shopify that repeat the client secret stay at home", async () => {
  const REPEATED = "shpss_0123456789abcdef0123456789abcdef";
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.putAppSecret(REPEATED);
  world.clock.now += 8 * HOUR;
  const { shopify } = world;
  for (const status of [400, 401, 403, 500]) {
    for (const body of [
      JSON.stringify({ error: REPEATED, error_description: `wrong: ${REPEATED}` }),
      `<title>400 - Oauth error ${REPEATED}</title>`,
    ]) {
      const headers = {
        location: `https://x/?${REPEATED}`,
        "x-request-id": `a ${REPEATED}`,
      };
      const answering = jest.spyOn(shopify, "handle").mockResolvedValue({ status, headers, body });
      await outcomeOf("a refused mint", world.renew());
      await outcomeOf("a refused enrolment", world.enrol());
      answering.mockRestore();
    }
  }
  collect("a refused mint", world);
  expectNothing({ secrets: 2, leftings: 16 });
});

test("the rotation token of Secrets Manager goes back to it, and nowhere else", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  world.clock.now += 8 * HOUR;
  const RotationToken = "rotation-token-0123456789abcdef";
  watch.canaries.add("rotation token", RotationToken);
  await world.rotateNow();
  for (const event of world.deliveries) {
    await outcomeOf("a rotation with a token", world.rotationStep({ ...event, RotationToken }));
    await outcomeOf("a broken event", world.rotationStep({ ...event, RotationToken, Step: "x" }));
  }
  expect(world.deliveries.length).toBeGreaterThanOrEqual(4);
  collect("a rotation with a token", world);
  expectNothing({ secrets: 3, leftings: 8 });
});

test("an installation: the code, the state, the pair and the webhooks", async () => {
  const install = await InstallStand.create();
  const visit = await install.begin();
  const rawQuery = install.approve(visit);
  const query = new URLSearchParams(rawQuery);
  for (const name of ["code", "state", "hmac"]) {
    watch.canaries.add(`${name} of the callback`, query.get(name) ?? undefined);
  }
  watch.canaries.add("ticket", visit.cookie.split(".").at(-1));
  const replies = [
    await install.callback(rawQuery.replace("hmac=", "hmac=0"), [visit.cookie]),
    await install.callback(rawQuery, []),
    await install.callback(rawQuery, [visit.cookie]),
    await install.callback(rawQuery, [visit.cookie]),
  ];
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([400, 400, 200, 200]);
  const customer = "customer-0123456789abcdef@example.com";
  watch.canaries.add("webhook body", customer);
  const body = { myshopify_domain: "acme.myshopify.com", email: customer };
  for (const topic of ["app/uninstalled", "app/scopes_update", "customers/redact"]) {
    replies.push(await install.deliver(topic, body));
    replies.push(await install.deliver(topic, body, { secret: "a-wrong-client-secret-0" }));
  }
  for (const { body: page, statusCode } of replies) watch.leave("a page", `${statusCode} ${page}`);
  collect("an installation", install.world);
  await listed("an installation", install.world);
  expectNothing({ secrets: 6, leftings: 12 });
});

test("the sweep: its results, its metrics, its notices, and a migration", async () => {
  const world = await FleetStand.create();
  await world.add("cc", { kind: "client-credentials" });
  await world.add("static", { kind: "custom-app" });
  await world.add("hourly", { kind: "offline-expiring" });
  await world.add("moving", { kind: "offline-expiring", holds: "offline" });
  await world.add("dead", { kind: "offline" });
  const dead = (await world.currentOf("dead")).record.accessToken.unseal();
  world.shopify.control.uninstall({ clientId: "erp-client", shop: "dead.myshopify.com" });
  watch.canaries.add("dead token", dead);
  await outcomeOf("a sweep", world.sweep());
  world.clock.now += SWEEP_HOUR;
  await outcomeOf("a sweep", world.sweep());
  await outcomeOf("a migration", world.act({ action: "migrate", store: "moving" as typeof STORE }));
  for (const stage of ["AWSCURRENT", "AWSPREVIOUS"] as const) {
    await outcomeOf("a check", world.act({ action: "check", stores: [], stage }));
  }
  world.plan = ({ target }) => (target === "shopify" ? "fails_before" : undefined);
  world.clock.now += SWEEP_HOUR;
  await outcomeOf("a sweep in an outage", world.sweep());
  watch.leave("log of the sweep", world.lines.join("\n"));
  watch.leave("metrics", world.metrics);
  watch.leave("notices", world.notices);
  expect(world.metrics.length).toBeGreaterThanOrEqual(3);
  expect(world.notices.length).toBeGreaterThanOrEqual(1);
  await listed("a sweep", world);
  expectNothing({ secrets: 6, leftings: 10 });
});

test("the operator's command shows no token, but to the program that it starts", async () => {
  const operator = await operatorOfFleet();
  const PASTED = "shpat_pasted0123456789abcdef";
  /** A client secret without a head, as old ones are. */
  const HEADLESS = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
  watch.canaries.add("pasted token", PASTED);
  watch.canaries.add("pasted client secret", HEADLESS);
  operator.input = PASTED;
  operator.consent = "yes";
  operator.answer = () => ({ stores: [], outcome: "written", checked: "ok", scope: "read_orders" });
  const typed = [
    "status",
    "status --json",
    "status acme",
    "check",
    "check --json",
    "put heritage",
    "put heritage --json",
    `put heritage ${PASTED}`,
    `put heritage --token=${PASTED}`,
    "rotate acme",
    "rollback acme",
    "restore acme",
    "unstick acme",
    "install-link one-hour",
    "migrate partner",
    "exec acme -- node app.js",
    "doctor",
    "nonsense",
    ...[PASTED, HEADLESS].flatMap((secret) => [
      secret,
      `put ${secret}`,
      `rotate ${secret}`,
      `rotate --app ${secret}`,
      `rotate acme --wait ${secret}`,
      `exec acme --min-life ${secret} -- true`,
      `status --${secret}`,
      `install-link ${secret}`,
    ]),
  ];
  for (const words of typed)
    watch.leave(`shopify-secrets ${words.split(" ")[0]?.slice(0, 12)}`, await operator.type(words));
  expect(operator.children).toHaveLength(1);
  expect(watch.canaries.findIn(JSON.stringify(operator.children[0]))).not.toEqual([]);
  expect(watch.canaries.findIn(JSON.stringify(operator.invocations))).not.toEqual([]);
  expectNothing({ secrets: 3, leftings: typed.length });
});

test("the reader: its events, its errors, itself", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  const events: unknown[] = [];
  const client = createInProcessClient(world.model) as never;
  const reader = createTokenReader({
    client,
    prefix: "shopify/test",
    clock: { now: () => world.clock.now as never },
    onEvent: (event) => events.push(event),
  });
  watch.leave("a token as it is printed", await reader.token(STORE));
  await outcomeOf("a store that is not there", reader.token("nobody"));
  for (const broken of [
    "",
    "shpat_0123456789abcdefbare",
    '{"access_token":"shpat_0123456789abcdefhalf"',
  ]) {
    watch.canaries.add("broken value", broken);
    await putRaw(world, world.arn, broken);
    world.clock.now += HOUR;
    await outcomeOf("a broken value", reader.token(STORE));
  }
  watch.leave("the reader", reader);
  watch.leave("the reader's events", events);
  reader.close();
  expect(events.length).toBeGreaterThanOrEqual(3);
  expectNothing({ secrets: 4, leftings: 7 });
});

async function putRaw(world: StoreStand, SecretId: SecretArn, value: string): Promise<void> {
  const ClientRequestToken = world.model.newToken();
  const SecretString = value === "" ? "{}" : value;
  await world.model.handle("PutSecretValue", { SecretId, ClientRequestToken, SecretString });
}

test("the watch finds what it is there for: a secret in a log, a result, a cause, and a plain hash", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  const token = (await world.current())?.record.accessToken.unseal() ?? "";
  const plants: readonly [string, unknown][] = [
    ["a log", JSON.stringify({ level: "info", token })],
    ["a result", { outcome: "written", why: token }],
    ["a cause", new Error("failed", { cause: { headers: { "x-shopify-access-token": token } } })],
    ["a fingerprint", { fingerprint: createHash("sha256").update(token).digest("base64") }],
  ];
  for (const [where, what] of plants) watch.leave(where, what);
  const places = watch.found().map((found) => found.split(" in ").at(-1));
  expect([...new Set(places)]).toEqual(plants.map(([where]) => where));
});
