import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import type { ShopDomain, StoreKey } from "../../../contract/brands";
import { LISTED } from "../../../contract/names";
import type { Reply } from "../../../lambda/install/reply";
import { createInProcessClient } from "../../../local/secrets-manager";
import { APP, HOUR } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";
import { OpenStand } from "./open-stand";

/** Ten pages of ListSecrets; of a list of 100,000 stores a thousand would be read. */
const STORES_OF_LIST = 1_000;

/** What one request may read of ListSecrets, however long the list is: what is declared, and what bears its shop. */
const MOST_PAGES = 3;

interface Beside {
  readonly install: InstallStand;
  /** The pages of ListSecrets that were read since it was asked for the last time. */
  pagesRead(): number;
}

async function besideAList(install: InstallStand): Promise<Beside> {
  install.hasList = true;
  const numbers = Array.from({ length: STORES_OF_LIST }, (_, at) => at);
  for (const at of numbers) await listStore(install, `listed-${at}`);
  let pages = 0;
  install.clientOf = () => {
    const client = createInProcessClient(install.world.model);
    return {
      send: async (command: never) => {
        if ((command as object) instanceof ListSecretsCommand) pages += 1;
        return await client.send(command);
      },
    } as never;
  };
  const pagesRead = () => {
    const read = pages;
    pages = 0;
    return read;
  };
  return { install, pagesRead };
}

async function listStore(install: InstallStand, key: string, shop = `${key}.myshopify.com`) {
  const given = { kind: "offline-expiring", shop: shop as ShopDomain, app: APP } as const;
  await install.declareStore(key as StoreKey, given, LISTED);
}

const uninstalled = async (install: InstallStand, shop: string): Promise<Reply> =>
  await install.deliver("app/uninstalled", { myshopify_domain: shop }, { shop });

test("a store of config is heard beside a list, however long that is", async () => {
  const { install, pagesRead } = await besideAList(await InstallStand.create());
  expect((await uninstalled(install, SHOP)).statusCode).toBe(200);
  expect(install.line("webhook.handled")).toBeDefined();
  expect(pagesRead()).toBeLessThanOrEqual(MOST_PAGES);
});

test("a store of the list is heard, and its merchant finds it by its shop", async () => {
  const { install, pagesRead } = await besideAList(await InstallStand.create());
  await listStore(install, "grain", SHOP);
  await install.world.model.handle("DeleteSecret", { SecretId: install.world.arn });
  expect((await uninstalled(install, SHOP)).statusCode).toBe(200);
  expect(install.line("webhook.handled")).toMatchObject({
    secret_arn: expect.stringMatching(/grain/),
  });
  const { reply } = await install.openApp();
  expect([reply.statusCode, install.line("install.begun")?.["store"]]).toEqual([302, "grain"]);
  expect((await install.open("grain")).reply.statusCode).toBe(302);
  expect(pagesRead()).toBeLessThanOrEqual(2 * MOST_PAGES);
});

test("a merchant comes to an open app beside a list, also within the hour in which it was made", async () => {
  const stand = await OpenStand.create();
  const { pagesRead } = await besideAList(stand.install);
  const shop = stand.openShop("wholegrain");
  expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
  expect(pagesRead()).toBeLessThanOrEqual(2 * MOST_PAGES);
});

test("a store that a list of an older version made, without the tag of its shop, is heard all the same", async () => {
  const { install } = await besideAList(await InstallStand.create());
  await listStore(install, "grain", "grain.myshopify.com");
  const SecretId = "shopify/test/stores/grain/token";
  await install.world.model.handle("UntagResource", { SecretId, TagKeys: ["shopify-listed-shop"] });
  expect((await uninstalled(install, "grain.myshopify.com")).statusCode).toBe(200);
  expect(install.line("webhook.handled")).toMatchObject({
    secret_arn: expect.stringMatching(/grain/),
  });
});

test("a merchant who came by himself, and was declared under another key since, gets the declared store", async () => {
  const stand = await OpenStand.create();
  const shop = stand.openShop("wholegrain");
  await stand.come(shop);
  const declared = { kind: "offline-expiring", shop, app: APP } as const;
  await stand.install.declareStore("grain" as StoreKey, declared);
  stand.clock.now += 2 * HOUR;
  await stand.arrive(shop);
  expect(stand.install.line("install.begun")).toMatchObject({ store: "grain" });
});

test("a merchant of a declared store who left, which nobody heard, and is back approves at once, whatever its key", async () => {
  const stand = await OpenStand.create();
  const shop = stand.openShop("wholegrain");
  await stand.install.declareStore("grain" as StoreKey, {
    kind: "offline-expiring",
    shop,
    app: APP,
  });
  expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
  stand.uninstall(shop);
  stand.clock.now += HOUR / 2;
  expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
  expect([stand.keys, await stand.works("grain", shop)]).toEqual([[STORE, "grain"], true]);
});
