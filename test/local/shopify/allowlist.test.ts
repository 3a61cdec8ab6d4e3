import { Sealed } from "../../../contract/sealed";
import { judgeCheckReply } from "../../../lambda/shopify/check";
import { FORBIDDEN, forbiddenAnswer } from "../../../local/shopify/rules/admin-refusals";
import { answered, arrange, CLIENT_ID, REDIRECT_URI, SHOP } from "./arrange";

const HOME = "198.51.100.9";
const AUTHORIZE = `/admin/oauth/authorize?${new URLSearchParams({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, state: "st" })}`;

/** What the Admin API answers a call from an address, in its own words. */
async function answerTo(address: string, list: Record<string, string[]>): Promise<string> {
  const world = arrange();
  const { control } = world.shopify;
  const owner = { clientId: CLIENT_ID, shop: SHOP };
  const { accessToken } = control.issueToken({ ...owner, kind: "offline" });
  control.changeApp({ clientId: CLIENT_ID, ...list });
  control.placeAddress({ address: HOME, network: "AS3320", country: "DE" });
  control.placeAddress({ address: "203.0.113.9", network: "AS16509", country: "IE" });
  const reply = await world.send({
    path: "/admin/api/2026-10/shop.json",
    headers: { "x-shopify-access-token": accessToken },
    remoteAddress: address,
  });
  const { status, body } = answered(reply);
  return status === 200 ? "passes" : body;
}

const AWS_IN_AMERICA = { allowedNetworks: ["AS16509"], allowedCountries: ["US"] };

describe("an app's allowlist", () => {
  test.each([
    ["an address that is listed", "203.0.113.7", { allowedAddresses: ["203.0.113.7"] }],
    ["an address within a range", "203.0.113.7", { allowedAddresses: ["203.0.113.0/24"] }],
    ["an address of IPv6", "2001:db8::7", { allowedAddresses: ["2001:db8::/32"] }],
    ["a network in its country", "192.0.2.1", AWS_IN_AMERICA],
    ["one of two ways", "203.0.113.7", { ...AWS_IN_AMERICA, allowedAddresses: ["203.0.113.7"] }],
    ["anybody without a list", HOME, {}],
  ])("lets pass %s", async (_what, address, list) => {
    expect(await answerTo(address, list)).toBe("passes");
  });

  test.each([
    ["another address", HOME, { allowedAddresses: ["203.0.113.0/24"] }, "address-not-allowed"],
    ["anybody where it is empty", "192.0.2.1", { allowedAddresses: [] }, "address-not-allowed"],
    ["another network", HOME, AWS_IN_AMERICA, "network-not-allowed"],
    ["the network in another country", "203.0.113.9", AWS_IN_AMERICA, "country-not-allowed"],
  ] as const)("refuses %s", async (...[, address, list, cause]) => {
    expect(await answerTo(address, list as never)).toContain(FORBIDDEN[cause].slice(6, 40));
  });

  test.each(["address-not-allowed", "network-not-allowed", "country-not-allowed"] as const)(
    "the product reads %s as an address that is not allowed",
    (cause) => {
      const { status, body } = forbiddenAnswer(cause);
      const verdict = judgeCheckReply({ status, headers: {}, body: Sealed.of(body) } as never);
      expect(verdict).toMatchObject({ good: false, error: { code: "ip_not_allowed" } });
    },
  );
});

describe("a new install of an app without an allowlist", () => {
  const STORE = "client.myshopify.com";
  async function page(options: Parameters<typeof arrange>[0], change: object, at: object) {
    const world = arrange(options);
    world.shopify.control.addShop({ shop: STORE, organization: "org-client", ...at });
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public", ...change });
    return answered(await world.send({ host: STORE, path: AUTHORIZE }));
  }

  test("is blocked since 20 November 2026", async () => {
    expect(await page({}, {}, {})).toMatchObject({
      status: 400,
      body: expect.stringContaining("app_blocked"),
    });
  });

  test.each([
    ["the app has one", {}, { allowedNetworks: ["AS16509"], allowedCountries: ["US"] }, {}],
    ["the switch says that it works", { switches: { installWithoutAllowlist: "allowed" } }, {}, {}],
    [
      "it is an app of the own organization",
      {},
      { distribution: "custom" },
      { organization: "org-1" },
    ],
  ] as const)("but not where %s", async (...[, options, change, at]) => {
    expect((await page(options, change, at)).status).toBe(200);
  });
});
