import type { ShopDomain, StoreKey } from "../../contract/brands";
import { installLinkOf } from "../../contract/install";
import { isOfPrefix } from "../../contract/names";
import { FleetStand } from "../lambda/stand/fleet-stand";
import { InstallStand, OWN_PAGE } from "../lambda/stand/install-stand";
import { APP, PREFIX } from "../simulation/stage";

const OTHER_SHOP = "other.myshopify.com" as ShopDomain;

describe("a stack whose prefix lies within another's", () => {
  test("is none of the outer stack's to check, to sweep or to count", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "custom-app" });
    await world.add("theirs", { kind: "custom-app", prefix: `${PREFIX}/eu`, holds: "none" });
    world.calls.length = 0;
    const checked = await world.act({ action: "check", stores: [], stage: "AWSCURRENT" });
    expect(checked).toMatchObject({ stores: [{ store: "acme" }] });
    expect((checked as { stores: unknown[] }).stores).toHaveLength(1);
    await world.act({ action: "sweep" });
    const theirs = world.calls.filter((call) => JSON.stringify(call).includes("theirs"));
    expect(theirs).toEqual([]);
  });

  test.each([
    ["shop", "shop/stores/acme/token", true],
    ["shop", "shop/apps/erp/credential", true],
    ["shop", "shop/a-name-of-its-own", true],
    ["shop", "shop/eu/stores/acme/token", false],
    ["shop", "shop/eu/apps/erp/credential", false],
    ["shop", "shop-eu/stores/acme/token", false],
    ["shop/eu", "shop/eu/stores/acme/token", true],
    ["shop/eu", "shop/stores/acme/token", false],
  ])("of %s: %s, %s", (prefix, name, isIts) => {
    expect(isOfPrefix(prefix, name)).toBe(isIts);
  });
});

describe("somebody who tries links", () => {
  test("gets one page for stores that need no approval and for names that are none", async () => {
    const install = await InstallStand.create();
    const { declareStore } = install;
    const declare = declareStore.bind(install);
    await declare("static" as StoreKey, { kind: "custom-app", shop: OTHER_SHOP });
    await declare("own" as StoreKey, { kind: "client-credentials", shop: OTHER_SHOP, app: APP });
    await declare("bare" as StoreKey, { kind: "offline", shop: OTHER_SHOP });
    const nobody = await install.request("GET /install/{store}", { store: "nobody" });
    for (const store of ["static", "own", "bare", "ACME", "../apps/erp/credential"]) {
      expect(await install.request("GET /install/{store}", { store })).toEqual(nobody);
      const pressed = { store, headers: OWN_PAGE };
      expect(await install.request("POST /install/{store}", pressed)).toEqual(nobody);
    }
    expect(install.line("install.refused")).toMatchObject({ code: "store_not_declared" });
  });
});

describe("a browser that opens one link after another", () => {
  test("never carries more than API Gateway takes, and the last links still work", async () => {
    const install = await InstallStand.create();
    const jar = new Map<string, string>();
    let last = "";
    for (let opened = 0; opened < 120; opened += 1) {
      install.world.clock.now += 1_000;
      const cookies = [...jar].map(([name, value]) => `${name}=${value}`);
      const reply = await install.request("GET /install/{store}", { store: "acme", cookies });
      for (const set of reply.cookies) {
        const [pair = "", ...attributes] = set.split("; ");
        const [name = "", value = ""] = pair.split("=");
        if (attributes.includes("Max-Age=0")) jar.delete(name);
        else jar.set(name, value);
      }
      last = reply.headers["location"] ?? "";
    }
    const header = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    expect(header.length).toBeLessThan(2_500);
    const query = install.approve({ location: last });
    const reply = await install.callback(
      query,
      [...jar].map(([name, value]) => `${name}=${value}`),
    );
    expect(reply.statusCode).toBe(200);
  });

  test("loses no cookie that is not ours, nor one of a name that could end a header", async () => {
    const install = await InstallStand.create();
    const cookies = [
      ...Array.from({ length: 30 }, (_, at) => `__Host-install-${String(at).padStart(12, "x")}=v`),
      "session=theirs",
      "__Host-install-a\r\nset-cookie: x=y",
    ];
    const reply = await install.request("GET /install/{store}", { store: "acme", cookies });
    const cleared = reply.cookies.filter((cookie) => cookie.includes("Max-Age=0"));
    expect(cleared).toHaveLength(21);
    expect(reply.cookies.join("")).not.toMatch(/theirs|[\r\n]/);
  });
});

test("a base URL's slashes are taken off whatever stands before them", () => {
  const url = `https://x.example${"/".repeat(5)}`;
  expect(installLinkOf(url, "acme" as StoreKey)).toBe("https://x.example/install/acme");
});
