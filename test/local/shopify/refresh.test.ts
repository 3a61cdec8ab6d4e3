import {
  type Arranged,
  answered,
  approve,
  arrange,
  CLIENT_ID,
  CREDENTIALS,
  codeOf,
  DAY,
  FIRST_SECRET,
  HOUR,
  jsonOf,
  refresh,
  SECOND_SECRET,
  SHOP,
  statusWith,
  tokenFor,
  tryRefresh,
} from "./arrange";

const acquire = (world: Arranged) => tokenFor(world, { code: codeOf(world), expiring: 1 });
const statusOfRefresh = async (world: Arranged, token: string) =>
  answered(await tryRefresh(world, token)).status;

test("a refresh gives a whole new pair: an hour, 90 days, and the scope", async () => {
  const world = arrange();
  const first = await acquire(world);
  const second = await refresh(world, first.refresh_token);
  expect(second).toEqual({
    access_token: expect.stringMatching(/^shpua_/),
    scope: "write_products,read_orders",
    expires_in: 3_600,
    refresh_token: expect.stringMatching(/^shprt_/),
    refresh_token_expires_in: 7_776_000,
  });
  expect(second.access_token).not.toBe(first.access_token);
  expect(second.refresh_token).not.toBe(first.refresh_token);
});

test("the older access token lives to its own expiry, also after a refresh", async () => {
  const world = arrange();
  const first = await acquire(world);
  world.advance(HOUR / 2);
  const second = await refresh(world, first.refresh_token);
  world.advance(HOUR / 2 - 1);
  expect(await statusWith(world, first.access_token)).toBe(200);
  world.advance(1);
  expect(await statusWith(world, first.access_token)).toBe(401);
  expect(await statusWith(world, second.access_token)).toBe(200);
});

describe("a presented refresh token stays usable", () => {
  test("after a lost reply, as often as it is needed", async () => {
    const world = arrange();
    const first = await acquire(world);
    world.shopify.control.break({
      on: "token-endpoint",
      answer: "drop",
      when: "after-effect",
      times: 2,
    });
    expect(await tryRefresh(world, first.refresh_token)).toMatchObject({ drop: true });
    expect(await tryRefresh(world, first.refresh_token)).toMatchObject({ drop: true });
    const second = await refresh(world, first.refresh_token);
    expect(await statusWith(world, second.access_token)).toBe(200);
  });

  test("until its replacement is presented", async () => {
    const world = arrange();
    const first = await acquire(world);
    const second = await refresh(world, first.refresh_token);
    expect(await statusOfRefresh(world, first.refresh_token)).toBe(200);
    await refresh(world, second.refresh_token);
    expect(await statusOfRefresh(world, first.refresh_token)).toBe(401);
    expect(await statusOfRefresh(world, second.refresh_token)).toBe(200);
  });

  test("until the app acquires another token", async () => {
    const world = arrange();
    const first = await acquire(world);
    const replacement = await refresh(world, first.refresh_token);
    await acquire(world);
    expect(await statusOfRefresh(world, first.refresh_token)).toBe(401);
    expect(await statusOfRefresh(world, replacement.refresh_token)).toBe(401);
    expect(await statusWith(world, replacement.access_token)).toBe(200);
  });

  test("until 30 days after its first use", async () => {
    const world = arrange();
    const first = await acquire(world);
    world.advance(10 * DAY);
    await refresh(world, first.refresh_token);
    world.advance(20 * DAY);
    await refresh(world, first.refresh_token);
    world.advance(10 * DAY - 1);
    expect(await statusOfRefresh(world, first.refresh_token)).toBe(200);
    world.advance(1);
    expect(await statusOfRefresh(world, first.refresh_token)).toBe(401);
  });

  test("until the end of its 90 days, used or not", async () => {
    const world = arrange();
    const unused = await acquire(world);
    world.advance(90 * DAY - 1);
    expect(await statusOfRefresh(world, unused.refresh_token)).toBe(200);
    world.advance(1);
    expect(await statusOfRefresh(world, unused.refresh_token)).toBe(401);
  });
});

describe("refreshReplay and overtakenReplacement", () => {
  const replayed = async (world: Arranged) => {
    const first = await acquire(world);
    const one = await refresh(world, first.refresh_token);
    world.advance(60_000);
    const two = await refresh(world, first.refresh_token);
    return { one, two };
  };

  test("new-pair and alive: either replacement works, and presenting one ends the other", async () => {
    const world = arrange();
    const { one, two } = await replayed(world);
    expect(two.refresh_token).not.toBe(one.refresh_token);
    expect(await statusOfRefresh(world, one.refresh_token)).toBe(200);
    expect(await statusOfRefresh(world, two.refresh_token)).toBe(401);
  });

  test("overtakenReplacement dead: only the last replacement works", async () => {
    const world = arrange({ switches: { overtakenReplacement: "dead" } });
    const { one, two } = await replayed(world);
    expect(await statusOfRefresh(world, one.refresh_token)).toBe(401);
    expect(await statusOfRefresh(world, two.refresh_token)).toBe(200);
  });

  test("same-pair: the replay reports what is left of the same pair", async () => {
    const world = arrange({ switches: { refreshReplay: "same-pair" } });
    const { one, two } = await replayed(world);
    expect(two).toEqual({ ...one, expires_in: 3_540, refresh_token_expires_in: 7_776_000 - 60 });
  });

  test("same-pair, after the hour: the same refresh token with an access token that lives", async () => {
    const world = arrange({ switches: { refreshReplay: "same-pair" } });
    const first = await acquire(world);
    const one = await refresh(world, first.refresh_token);
    world.advance(2 * HOUR);
    const two = await refresh(world, first.refresh_token);
    expect(two.refresh_token).toBe(one.refresh_token);
    expect(await statusWith(world, one.access_token)).toBe(401);
    expect(await statusWith(world, two.access_token)).toBe(200);
  });

  test("same-pair-as-it-was, after the hour: the same pair, whose access token has ended", async () => {
    const world = arrange({ switches: { refreshReplay: "same-pair-as-it-was" } });
    const first = await acquire(world);
    const one = await refresh(world, first.refresh_token);
    world.advance(2 * HOUR);
    const two = await refresh(world, first.refresh_token);
    expect(two.refresh_token).toBe(one.refresh_token);
    expect(two.access_token).toBe(one.access_token);
    expect(await statusWith(world, two.access_token)).toBe(401);
    expect(await statusOfRefresh(world, two.refresh_token)).toBe(200);
  });
});

describe("client secrets", () => {
  test("a refresh with the newer secret pins the pair to it, so the older may be revoked", async () => {
    const world = arrange();
    const first = await acquire(world);
    const second = await refresh(world, first.refresh_token, { client_secret: SECOND_SECRET });
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    expect(await statusWith(world, first.access_token)).toBe(401);
    expect(await statusWith(world, second.access_token)).toBe(200);
    await refresh(world, second.refresh_token, { client_secret: SECOND_SECRET });
  });

  test("revoking the secret first loses the chain", async () => {
    const world = arrange();
    const first = await acquire(world);
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    const reply = await tryRefresh(world, first.refresh_token, { client_secret: SECOND_SECRET });
    expect([answered(reply).status, jsonOf(reply)["error"]]).toEqual([401, "invalid_request"]);
  });
});

test("a refresh token of one app is nothing to another, nor to another shop", async () => {
  const world = arrange();
  const { refresh_token } = await acquire(world);
  world.shopify.control.addApp({ clientId: "other", clientSecret: "s" });
  world.shopify.control.addShop({ shop: "other.myshopify.com" });
  const foreign = await tryRefresh(world, refresh_token, {
    client_id: "other",
    client_secret: "s",
  });
  expect(answered(foreign).status).toBe(401);
  const elsewhere = await world.send({
    method: "POST",
    host: "other.myshopify.com",
    path: "/admin/oauth/access_token",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...CREDENTIALS, grant_type: "refresh_token", refresh_token }),
  });
  expect(answered(elsewhere).status).toBe(401);
  expect(await statusOfRefresh(world, refresh_token)).toBe(200);
});

test("after an uninstall a refresh fails for ever, and a reinstall starts anew", async () => {
  const world = arrange();
  const first = await acquire(world);
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  expect(await statusOfRefresh(world, first.refresh_token)).toBe(401);
  expect(await statusWith(world, first.access_token)).toBe(401);
  const second = await acquire(world);
  expect(await statusOfRefresh(world, first.refresh_token)).toBe(401);
  expect(await statusWith(world, second.access_token)).toBe(200);
});

test("a refresh grants what the installation holds by now", async () => {
  const world = arrange();
  const first = await acquire(world);
  approve(world, { scope: "read_orders" });
  expect((await refresh(world, first.refresh_token)).scope).toBe("read_orders");
});
