import { APP, CLIENT_ID } from "../../simulation/stage";
import { SHOP } from "../stand/store-stand";
import { asked, dueStore } from "./due-store";

const SECOND_SECRET = "shpss_second_client_secret";

test("only a refused client secret makes the previous one be presented", async () => {
  const world = await dueStore();
  world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  await world.putAppSecret(SECOND_SECRET);
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  await expect(world.renew()).rejects.toMatchObject({ code: "app_not_installed" });
  expect(asked(world)).toBe(1);
  expect(world.lines.join()).not.toContain("shopify.previous_client_secret");
});

test("a refusal names the app and the shop that it is about", async () => {
  const world = await dueStore();
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  await expect(world.renew()).rejects.toMatchObject({ facts: { app: APP, shop: SHOP } });
});

test("a token with all wanted scopes and a life of its own is warned of in no line", async () => {
  const world = await dueStore();
  await world.renew();
  const lines = world.lines.join();
  expect(lines).not.toContain("shopify.scope_missing");
  expect(lines).not.toContain("shopify.lifetime_assumed");
});
