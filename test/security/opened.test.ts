import { Sealed } from "../../contract/sealed";
import { AppSecret } from "../../infra/components/app-secret";
import { parseFleet } from "../../infra/config/parse-fleet";
import { reading } from "../infra/config/at";
import { ofType, recordResources } from "../infra/recorded";
import { asked, dueStore } from "../lambda/engine/due-store";
import { FIRST_SECRET } from "../simulation/stage";

/** How often a seal was opened over something that has this text in it. */
async function opened(text: string, run: () => unknown): Promise<number> {
  const unseal = jest.spyOn(Sealed.prototype, "unseal");
  try {
    await run();
    return unseal.mock.results.filter(({ value }) => String(value).includes(text)).length;
  } finally {
    unseal.mockRestore();
  }
}

describe("the walk of a client secret", () => {
  test("from config to its app secret opens it twice: it is held against the client ID, and the value is written", async () => {
    const secret = "shpss_canary-client-secret";
    const config = {
      apps: { fulfilment: { clientId: "client-id" } },
      clientSecrets: { fulfilment: secret },
    };
    const times = await opened(secret, async () => {
      const { fleet } = parseFleet(config, reading("shopify/test"));
      const [app] = fleet.apps;
      if (app === undefined) throw new Error("config has an app");
      const recorded = await recordResources(() => {
        new AppSecret(app.app, { ...app, prefix: "shopify/test", kmsKeyArn: "key" });
      });
      expect(ofType(recorded, "aws:secretsmanager/secretVersion:SecretVersion")).toHaveLength(1);
    });
    expect(times).toBe(2);
  });

  test("from its app secret to Shopify opens it twice: where the value is read, and where the request is sent", async () => {
    const world = await dueStore();
    expect(await opened(FIRST_SECRET, () => world.renew())).toBe(2);
    expect(asked(world)).toBe(1);
  });
});
