import { encodeAppCredential } from "../../../contract/app-credential";
import type { AppKey } from "../../../contract/brands";
import { appSecretName } from "../../../contract/names";
import { Sealed } from "../../../contract/sealed";
import { readApp } from "../../../lambda/engine/app-secret";
import { APP, CLIENT_ID, FIRST_SECRET, PREFIX } from "../../simulation/stage";
import type { StoreStand } from "../stand/store-stand";
import { asked, dueStore } from "./due-store";

const SECOND_SECRET = "shpss_second_client_secret";

/** Somebody writes the app secret by hand. */
async function writeAppSecret(world: StoreStand, SecretString: string): Promise<void> {
  await world.model.handle("PutSecretValue", {
    SecretId: appSecretName(PREFIX, APP),
    ClientRequestToken: world.model.newToken(),
    SecretString,
  });
}

const credential = ({ app = APP as string, clientId = CLIENT_ID, clientSecret = FIRST_SECRET }) =>
  encodeAppCredential({
    app: app as AppKey,
    clientId,
    clientSecret: Sealed.of(clientSecret),
    previousClientSecret: undefined,
  });

test("an app secret that names another app is not used", async () => {
  const world = await dueStore();
  await writeAppSecret(world, credential({ app: "shop" }));
  await expect(world.renew()).rejects.toMatchObject({
    code: "app_secret_malformed",
    facts: { app: APP, field: "app" },
  });
  expect(asked(world)).toBe(0);
});

test("an app secret that is none is named by its app", async () => {
  const world = await dueStore();
  await writeAppSecret(world, "pasted by hand");
  await expect(world.renew()).rejects.toMatchObject({ code: "app_secret_malformed" });
  expect(asked(world)).toBe(0);
});

test("an app secret without a value is read a few times, and named by its app", async () => {
  const world = await dueStore();
  const deps = world.deps();
  let reads = 0;
  const readStage = async () => {
    reads += 1;
    return undefined;
  };
  await expect(
    readApp(APP, { ...deps, secrets: { ...deps.secrets, readStage } }),
  ).rejects.toMatchObject({ code: "app_secret_malformed", facts: { app: APP } });
  expect(reads).toBe(4);
});

test("the client secret before, of another client ID, is left alone", async () => {
  const world = await dueStore();
  await writeAppSecret(world, credential({ clientId: "another-client" }));
  await writeAppSecret(world, credential({ clientSecret: "shpss_mistyped" }));
  await expect(world.renew()).rejects.toMatchObject({ code: "client_secret_rejected" });
  expect(asked(world)).toBe(1);
  expect(world.lines.join()).not.toContain("shopify.previous_client_secret");
});

test("a client secret that is replaced while it is presented counts as replaced, not as previous", async () => {
  const world = await dueStore();
  const { control } = world.shopify;
  control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
  world.before = async ({ operation }) => {
    if (!operation.endsWith("/access_token")) return;
    world.before = async () => undefined;
    await world.putAppSecret(SECOND_SECRET);
  };
  await world.renew();
  expect(asked(world)).toBe(2);
  expect((await world.current())?.record.appSecretVersion).toBe(world.appSecretVersion);
  expect(world.lines.join()).not.toContain("shopify.previous_client_secret");
});
