import {
  type Arranged,
  answered,
  approve,
  arrange,
  askForToken,
  CLIENT_ID,
  codeOf,
  DAY,
  FIRST_SECRET,
  type Fields,
  HOUR,
  jsonOf,
  migrationOf,
  mint,
  SECOND_SECRET,
  SHOP,
  statusWith,
  tokenFor,
  tryRefresh,
} from "./arrange";

const acquireStatic = (world: Arranged, fields: Fields = {}) =>
  tokenFor(world, { code: codeOf(world), ...fields });

describe("the code grant", () => {
  test.each([
    ["nothing", {}],
    ["0", { expiring: "0" }],
    ["0 as a number", { expiring: 0 }],
  ])(
    "expiring %s: a token without an end, without expires_in and without a refresh token",
    async (_name, fields: Fields) => {
      const world = arrange();
      const reply = await acquireStatic(world, fields);
      expect(Object.keys(reply)).toEqual(["access_token", "scope"]);
      world.advance(3_650 * DAY);
      expect(await statusWith(world, reply.access_token)).toBe(200);
    },
  );

  test.each([["1"], [1], [true]])("expiring %p: a pair", async (expiring) => {
    const reply = await acquireStatic(arrange(), { expiring });
    expect(reply).toMatchObject({ expires_in: 3_600, refresh_token_expires_in: 7_776_000 });
  });

  test("a code works once", async () => {
    const world = arrange();
    const code = codeOf(world);
    await tokenFor(world, { code });
    const again = await askForToken(world, { code });
    expect([answered(again).status, jsonOf(again)]).toEqual([
      400,
      {
        error: "invalid_request",
        error_description: "The authorization code was not found or was already used",
      },
    ]);
  });

  test("a code is spent by a lost reply", async () => {
    const world = arrange();
    const code = codeOf(world);
    world.shopify.control.break({
      on: "token-endpoint",
      answer: "drop",
      when: "after-effect",
      times: 1,
    });
    await askForToken(world, { code });
    expect(answered(await askForToken(world, { code })).status).toBe(400);
  });

  test("a code lives ten minutes", async () => {
    const world = arrange();
    const [early, late] = [codeOf(world), codeOf(world)];
    world.advance(600_000 - 1);
    expect(answered(await askForToken(world, { code: early })).status).toBe(200);
    world.advance(1);
    expect(answered(await askForToken(world, { code: late })).status).toBe(400);
  });

  test("a code of one app is nothing to another", async () => {
    const world = arrange();
    world.shopify.control.addApp({ clientId: "other", clientSecret: "s" });
    const reply = await askForToken(world, {
      code: codeOf(world),
      client_id: "other",
      client_secret: "s",
    });
    expect(answered(reply).status).toBe(400);
  });

  test("it serves stores of other organizations", async () => {
    const world = arrange();
    world.shopify.control.changeShop({ shop: SHOP, organization: "agency-client" });
    await acquireStatic(world);
  });
});

describe("re-authorizing a non-expiring token", () => {
  test("gives the same token, with the scopes approved last", async () => {
    const world = arrange();
    const first = await acquireStatic(world);
    const { code = "" } = approve(world, { scope: "read_orders" });
    expect(await tokenFor(world, { code })).toEqual({
      access_token: first.access_token,
      scope: "read_orders",
    });
  });

  test.each([
    ["same-token", true],
    ["new-token", false],
  ] as const)("reauthorizeWithOtherSecret %s", async (position, isSame) => {
    const world = arrange({ switches: { reauthorizeWithOtherSecret: position } });
    const first = await acquireStatic(world);
    const second = await acquireStatic(world, { client_secret: SECOND_SECRET });
    expect(second.access_token === first.access_token).toBe(isSame);
  });

  test("gives a new token once the old one is dead", async () => {
    const world = arrange();
    const first = await acquireStatic(world);
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    const second = await acquireStatic(world, { client_secret: SECOND_SECRET });
    expect(await statusWith(world, first.access_token)).toBe(401);
    expect(await statusWith(world, second.access_token)).toBe(200);
  });
});

describe("migration to an expiring token", () => {
  test("gives a pair; the old token dies at once", async () => {
    const world = arrange();
    const old = await acquireStatic(world);
    const pair = await tokenFor(world, migrationOf(old.access_token));
    expect(pair).toMatchObject({
      expires_in: 3_600,
      refresh_token: expect.stringMatching(/^shprt_/),
    });
    expect(await statusWith(world, old.access_token)).toBe(401);
    expect(await statusWith(world, pair.access_token)).toBe(200);
    expect(answered(await tryRefresh(world, pair.refresh_token)).status).toBe(200);
  });

  test.each([
    ["remaining", 1_800],
    ["original", 3_600],
  ] as const)(
    "migrationReplayLife %s: the same call gives the same pair for seven days",
    async (position, seconds) => {
      const world = arrange({ switches: { migrationReplayLife: position } });
      const old = await acquireStatic(world);
      const pair = await tokenFor(world, migrationOf(old.access_token));
      world.advance(HOUR / 2);
      const replay = await tokenFor(world, migrationOf(old.access_token));
      expect([replay.access_token, replay.refresh_token]).toEqual([
        pair.access_token,
        pair.refresh_token,
      ]);
      expect(replay.expires_in).toBe(seconds);
      world.advance(7 * DAY - HOUR / 2 - 1);
      expect((await tokenFor(world, migrationOf(old.access_token))).refresh_token).toBe(
        pair.refresh_token,
      );
      world.advance(1);
      expect(jsonOf(await askForToken(world, migrationOf(old.access_token)))["error"]).toBe(
        "invalid_subject_token",
      );
    },
  );

  test("a lost reply is recovered by the same call", async () => {
    const world = arrange();
    const old = await acquireStatic(world);
    world.shopify.control.break({
      on: "token-endpoint",
      answer: 520,
      when: "after-effect",
      times: 1,
    });
    expect(answered(await askForToken(world, migrationOf(old.access_token))).status).toBe(520);
    const pair = await tokenFor(world, migrationOf(old.access_token));
    expect(await statusWith(world, pair.access_token)).toBe(200);
  });

  const refusalOf = async (world: Arranged, subject: string) => {
    const reply = await askForToken(world, migrationOf(subject));
    return [answered(reply).status, jsonOf(reply)["error"]];
  };

  test.each([
    ["that is unknown", async () => "shpca_nobody"],
    [
      "pasted from an admin-created app",
      async ({ shopify }: Arranged) =>
        shopify.control.issueToken({ clientId: CLIENT_ID, shop: SHOP, kind: "custom-app" })
          .accessToken,
    ],
    [
      "that expires",
      async ({ shopify }: Arranged) =>
        shopify.control.issuePair({ clientId: CLIENT_ID, shop: SHOP }).accessToken,
    ],
    ["of client credentials", async (world: Arranged) => (await mint(world)).access_token],
    [
      "that was revoked",
      async (world: Arranged) => {
        const { access_token: accessToken } = await acquireStatic(world);
        world.shopify.control.revokeToken({ accessToken });
        return accessToken;
      },
    ],
  ])(
    "is refused for a token %s",
    async (_name, subjectIn: (world: Arranged) => Promise<string>) => {
      const world = arrange();
      expect(await refusalOf(world, await subjectIn(world))).toEqual([
        400,
        "invalid_subject_token",
      ]);
    },
  );

  test("is not replayed after an uninstall", async () => {
    const world = arrange();
    const old = await acquireStatic(world);
    await tokenFor(world, migrationOf(old.access_token));
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    expect(await refusalOf(world, old.access_token)).toEqual([400, "invalid_subject_token"]);
  });

  test.each([
    ["expiring=0", { expiring: "0" }],
    [
      "another subject type",
      { subject_token_type: "urn:ietf:params:oauth:token-type:access_token" },
    ],
    [
      "another requested type",
      { requested_token_type: "urn:shopify:params:oauth:token-type:online-access-token" },
    ],
  ])("%s is refused and leaves the token alive", async (_name, fields) => {
    const world = arrange();
    const old = await acquireStatic(world);
    const reply = await askForToken(world, { ...migrationOf(old.access_token), ...fields });
    expect([answered(reply).status, jsonOf(reply)["error"]]).toEqual([400, "invalid_request"]);
    expect(await statusWith(world, old.access_token)).toBe(200);
  });
});
