import { performance } from "node:perf_hooks";
import { appSecretName } from "../../contract/names";
import { Sealed } from "../../contract/sealed";
import { createInProcessClient } from "../../local/secrets-manager";
import type { CallPoint } from "../../test/lambda/stand/faults";
import { SHOP, StoreStand } from "../../test/lambda/stand/store-stand";
import { APP, HOUR, MINUTE, PREFIX } from "../../test/simulation/stage";
import { type Spread, spreadOf } from "../spread";
import { type RotationEvent, templateHandler } from "./template";

/** A way to renew a token, on the same model of Secrets Manager and the same imitation of Shopify. */
export interface Way {
  readonly title: string;
  /** The calls of one renewal on a warm function, in order. */
  readonly calls: readonly CallPoint[];
  /** Processor time of one renewal, the model's included, in milliseconds. */
  readonly cpuMs: Spread;
  /** Wall time of one renewal when each call takes its time, in milliseconds. */
  readonly wallMs: Spread;
}

export interface Delays {
  readonly awsMs: number;
  readonly shopifyMs: number;
}

interface Stage {
  readonly world: StoreStand;
  /** How long after the last renewal; a warm function remembers an app's credential for some minutes. */
  readonly afterMs: number;
  readonly renew: () => Promise<void>;
}

const WAYS: readonly {
  readonly title: string;
  readonly set: (delays: Delays) => Promise<Stage>;
}[] = [
  { title: "AWS's generic template, filled in", set: setTemplate },
  {
    title: "client credentials, four rotation steps, in a burst",
    set: (d) => setRotation(d, MINUTE),
  },
  {
    title: "client credentials, four rotation steps, the first in hours",
    set: (d) => setRotation(d, 8 * HOUR),
  },
  {
    title: "client credentials, renewed by the sweep",
    set: (d) => setDirect("client-credentials", d),
  },
  { title: "one-hour pair, renewed by the sweep", set: (d) => setDirect("offline-expiring", d) },
];

const NO_DELAY: Delays = { awsMs: 0, shopifyMs: 0 };

/** Measures every way; the ways take turns. */
export async function measureRotations(rounds: number, delays: Delays): Promise<Way[]> {
  const quick = await Promise.all(WAYS.map(({ set }) => set(NO_DELAY)));
  const slow = await Promise.all(WAYS.map(({ set }) => set(delays)));
  const cpu: number[][] = WAYS.map(() => []);
  const wall: number[][] = WAYS.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const index of WAYS.keys()) {
      cpu[index]?.push(await cpuOf(quick[index]));
      if (round < rounds / 4) wall[index]?.push(await wallOf(slow[index]));
    }
  }
  return WAYS.map(({ title }, index) => ({
    title,
    calls: quick[index]?.world.calls ?? [],
    // The first fifth is the compiler's.
    cpuMs: spreadOf((cpu[index] ?? []).slice(Math.floor(rounds / 5))),
    wallMs: spreadOf(wall[index] ?? []),
  }));
}

async function cpuOf(stage: Stage | undefined): Promise<number> {
  const before = process.cpuUsage();
  await once(stage);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function wallOf(stage: Stage | undefined): Promise<number> {
  const startedAt = performance.now();
  await once(stage);
  return performance.now() - startedAt;
}

async function once(stage: Stage | undefined): Promise<void> {
  if (stage === undefined) return;
  stage.world.clock.now += stage.afterMs;
  stage.world.calls.length = 0;
  stage.world.lines.length = 0;
  await stage.renew();
  if (stage.world.failures.length > 0) throw new Error("a renewal of the bench failed");
}

async function setRotation(delays: Delays, afterMs: number): Promise<Stage> {
  const world = await worldOf("client-credentials", delays);
  await world.scheduleRotation();
  return { world, afterMs, renew: () => world.rotateNow() };
}

async function setDirect(
  kind: "client-credentials" | "offline-expiring",
  delays: Delays,
): Promise<Stage> {
  const world = await worldOf(kind, delays);
  const afterMs = kind === "offline-expiring" ? 31 * MINUTE : 8 * HOUR;
  return { world, afterMs, renew: () => world.renew() };
}

async function setTemplate(delays: Delays): Promise<Stage> {
  const world = await worldOf("client-credentials", delays);
  const client = createInProcessClient(world.model);
  const note = async (point: Omit<CallPoint, "index">) => {
    const call = { ...point, index: world.calls.length, input: {} };
    world.calls.push(call);
    await world.before(call);
  };
  const ask = async (path: string, body: object, token = "") => {
    const reply = await world.shopify.handle({
      method: "POST",
      host: SHOP,
      path,
      headers: { "content-type": "application/json", "x-shopify-access-token": token },
      body: JSON.stringify(body),
    });
    if (reply.drop === true) throw new Error("Shopify does not answer");
    return reply;
  };
  const to = {
    appSecretId: appSecretName(PREFIX, APP),
    async send(command: object) {
      const operation = command.constructor.name.replace(/Command$/, "");
      await note({ target: "secrets-manager", operation });
      return client.send(command as { readonly input: object });
    },
    async grant({ clientId, clientSecret }: { clientId: string; clientSecret: string }) {
      await note({ target: "shopify", operation: "/admin/oauth/access_token" });
      const form = {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: "client_credentials",
      };
      const { body } = await ask("/admin/oauth/access_token", form);
      return Sealed.of((JSON.parse(body) as { access_token: string }).access_token).unseal();
    },
    async works(token: string) {
      const path = "/admin/api/2026-10/graphql.json";
      await note({ target: "shopify", operation: path });
      const { status } = await ask(path, { query: "{ shop { name } }" }, token);
      return status === 200;
    },
  };
  world.rotationStep = (event) => templateHandler(event as RotationEvent, to);
  await world.scheduleRotation();
  return { world, afterMs: 8 * HOUR, renew: () => world.rotateNow() };
}

async function worldOf(
  kind: "client-credentials" | "offline-expiring",
  { awsMs, shopifyMs }: Delays,
): Promise<StoreStand> {
  const world = await StoreStand.create({ kind });
  if (awsMs + shopifyMs > 0) {
    world.before = ({ target }) =>
      new Promise((resolve) => setTimeout(resolve, target === "shopify" ? shopifyMs : awsMs));
  }
  return world;
}
