import { DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { changesIn, DeclaredStack } from "./declared-stack";
import { historyOf } from "./secret-history";

const { heritage } = DEV_STORES;
const STORE = { kind: heritage.kind, shop: heritage.shop };
const CONFIG = {
  recoveryWindowDays: 0,
  accessTokens: { heritage: heritage.accessToken },
  stores: { heritage: STORE },
};

/** What people do to a stack over the years, on the real engine. */
describe("a stack that lives on", () => {
  let world: World;
  let stack: DeclaredStack;
  let arn: string;

  beforeAll(async () => {
    world = await beginWorld("2026-12-02T10:05:00Z");
    stack = new DeclaredStack(world);
    stack.declare(CONFIG);
    await stack.must(stack.engine.run(["stack", "init"]));
    await stack.must(stack.up());
    arn = (await stack.stores())["heritage"]?.secretArn ?? "";
  });

  afterAll(() => world?.stop());

  test("is not deployed under a changed prefix: nothing is touched, and the line to set keeps everything", async () => {
    const before = await historyOf(world, arn);
    stack.declare({ ...CONFIG, prefix: "shopify/dev2" });
    for (const run of [await stack.preview(), await stack.up()]) {
      expect(run.exitCode).not.toBe(0);
      expect(run.output).toContain("pulumi config set shopify-secrets:prefix shopify/dev");
      expect(changesIn(run.output)).toEqual([]);
    }
    expect(await historyOf(world, arn)).toEqual(before);
    stack.declare({ ...CONFIG, prefix: "shopify/dev" });
    await stack.must(stack.preview("--expect-no-changes"));
  });

  test("moves on purpose: the store is enrolled anew under the other name, and the old secret goes", async () => {
    stack.declare({ ...CONFIG, prefix: "shopify/dev2", abandonPrefix: "shopify/dev" });
    await stack.must(stack.up());
    const { heritage: moved } = await stack.stores();
    expect(moved?.secretName).toBe("shopify/dev2/stores/heritage/token");
    await expect(world.secrets.handle("DescribeSecret", { SecretId: arn })).rejects.toThrow();
    stack.declare({ ...CONFIG, prefix: "shopify/dev2" });
    await stack.must(stack.preview("--expect-no-changes"));
  });
});
