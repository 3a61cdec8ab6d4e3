import { createHmac, hkdfSync } from "node:crypto";
import { APP, CLIENT_ID, FIRST_SECRET, HOUR, MINUTE } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";

const SECOND_SECRET = "shpss_second_client_secret";
const SECOND = 1_000;

/** The app has a second client secret in config. */
async function changed(previous?: string): Promise<InstallStand> {
  const install = await InstallStand.create();
  await install.install();
  install.world.clock.now += 25 * MINUTE;
  const { control } = install.world.shopify;
  control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  await install.world.putAppSecret(SECOND_SECRET, previous);
  return install;
}

/** A callback of which everything is forged by whoever holds a client secret: ticket, state and signature. */
async function forgedBy(secret: string, install: InstallStand): Promise<string> {
  const state = "A".repeat(43);
  const seconds = Math.floor(install.world.clock.now / SECOND);
  const end = seconds + 600;
  const key = Buffer.from(hkdfSync("sha256", secret, "", "shopify-secrets/install/state/v1", 32));
  const bound = JSON.stringify([install.world.arn, STORE, SHOP, APP, state, end]);
  const seal = createHmac("sha256", key).update(bound).digest("base64url");
  const cookie = `__Host-install-${state.slice(0, 12)}=v1.${STORE}.${end}.${state}.${seal}`;
  const query = `code=attacker&shop=${SHOP}&state=${state}&timestamp=${seconds}`;
  const hmac = createHmac("sha256", secret).update(query).digest("hex");
  const { body } = await install.callback(`${query}&hmac=${hmac}`, [cookie]);
  return /Reference: (\w+)/.exec(body)?.[1] ?? "believed";
}

async function webhookBy(secret: string, install: InstallStand): Promise<number> {
  // Past the minute for which the function keeps what it knows.
  install.world.clock.now += 2 * MINUTE;
  return (await install.deliver("app/scopes_update", { myshopify_domain: SHOP }, { secret }))
    .statusCode;
}

describe("a client secret that was changed and revoked", () => {
  test("signs nothing any more a day after the change", async () => {
    const install = await changed();
    const { world } = install;
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    world.clock.now += 24 * HOUR + MINUTE;
    expect(await webhookBy(FIRST_SECRET, install)).toBe(401);
    const exchanges = install.exchanges;
    expect(await forgedBy(FIRST_SECRET, install)).toBe("install_state_invalid");
    expect(install.exchanges).toBe(exchanges);
    expect(await webhookBy(SECOND_SECRET, install)).toBe(200);
  });

  test("signs for a day, because Shopify signs with the oldest one until it is revoked", async () => {
    const install = await changed();
    install.world.clock.now += 23 * HOUR;
    expect(await webhookBy(FIRST_SECRET, install)).toBe(200);
  });

  test("signs for as long as config names it, and not a request longer", async () => {
    const install = await changed(FIRST_SECRET);
    install.world.clock.now += 30 * 24 * HOUR;
    expect(await webhookBy(FIRST_SECRET, install)).toBe(200);
    await install.world.putAppSecret(SECOND_SECRET);
    expect(await webhookBy(FIRST_SECRET, install)).toBe(401);
    expect(await forgedBy(FIRST_SECRET, install)).toBe("install_state_invalid");
    expect(await webhookBy(SECOND_SECRET, install)).toBe(200);
  });

  test("is no other app's: an unrelated one never counted", async () => {
    const install = await changed();
    expect(await webhookBy("shpss_never_ours", install)).toBe(401);
    expect(await forgedBy("shpss_never_ours", install)).toBe("install_state_invalid");
  });
});

describe("what a flood of forged requests asks of AWS", () => {
  /** The calls of one operation that a hundred requests make, within ten seconds. */
  async function askedBy(
    install: InstallStand,
    request: () => Promise<unknown>,
  ): Promise<Record<string, number>> {
    const asked: Record<string, number> = {};
    const { model } = install.world;
    const handle = model.handle.bind(model);
    model.handle = async (operation, input) => {
      asked[operation] = (asked[operation] ?? 0) + 1;
      return await handle(operation, input);
    };
    for (let time = 0; time < 100; time += 1) {
      await request();
      install.world.clock.now += 100;
    }
    model.handle = handle;
    return asked;
  }

  test.each([
    ["callbacks", 2, async (install: InstallStand) => void (await forgedBy("shpss_no", install))],
    ["links", 1, async (install: InstallStand) => void (await install.open())],
    [
      "webhooks",
      1,
      async (install: InstallStand) =>
        void (await install.deliver("app/uninstalled", {}, { secret: "shpss_no" })),
    ],
  ])("%s: client secrets are read %i times", async (_route, times, request) => {
    const install = await InstallStand.create();
    install.world.clock.now += 25 * HOUR;
    const asked = await askedBy(install, async () => await request(install));
    expect(asked["GetSecretValue"]).toBe(times);
  });
});
