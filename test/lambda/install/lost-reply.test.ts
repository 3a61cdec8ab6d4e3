import { MINUTE } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { chainOf, isChainAlive } from "./chain";

describe("a reply of the code exchange that is lost", () => {
  test.each([
    ["dropped", "drop", "after-effect"],
    ["replaced by a 520", 520, "after-effect"],
    ["never made", 503, "before-effect"],
  ] as const)("because it is %s: approve again", async (_how, answer, when) => {
    const install = await InstallStand.create();
    await install.install();
    const before = await chainOf(install);
    install.world.clock.now += 25 * MINUTE;
    const exchanges = install.exchanges;
    install.world.shopify.control.break({ on: "token-endpoint", answer, when, times: 1 });
    const reply = await install.install();
    expect(reply.statusCode).toBe(502);
    expect(reply.body).toContain("Please approve again");
    expect(reply.body).toContain('href="/install/acme"');
    expect(install.exchanges - exchanges).toBe(1);
    expect(install.line("install.failed")).toMatchObject({
      code: "code_exchange_lost",
      store: "acme",
    });
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "awaiting_merchant",
      "shopify-secrets:last-error-code": "code_exchange_lost",
    });
    const { record, versionId } = await chainOf(install);
    expect(versionId).toBe(before.versionId);
    expect(install.world.isAlive(record.accessToken.unseal())).toBe(true);
    expect((await install.install()).statusCode).toBe(200);
    expect(await isChainAlive(install)).toBe(true);
    expect(await install.world.tags()).toMatchObject({ "shopify-secrets:state": "ok" });
  });

  test("leaves a store of kind offline, whose token lives on, in its state", async () => {
    const install = await InstallStand.create({ kind: "offline" });
    await install.install();
    install.world.clock.now += 25 * MINUTE;
    install.world.shopify.control.break({ on: "token-endpoint", answer: "drop", times: 1 });
    expect((await install.install()).statusCode).toBe(502);
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "code_exchange_lost",
    });
  });

  test("is not risked while the key does not work", async () => {
    const install = await InstallStand.create();
    install.world.refuse = ({ target }) => target === "kms";
    expect((await install.install()).statusCode).toBe(502);
    expect(install.exchanges).toBe(0);
  });

  test.each([1, 3, 5])("does not come of %i refused writes", async (times) => {
    const install = await InstallStand.create();
    let left = times;
    install.world.plan = ({ operation }) => {
      if (operation !== "PutSecretValue" || left === 0) return undefined;
      left -= 1;
      return left % 2 === 0 ? "fails_before" : "fails_after";
    };
    expect((await install.install()).statusCode).toBe(200);
    expect(left).toBe(0);
    expect(await isChainAlive(install)).toBe(true);
  });

  test("comes of writes that are refused until the time is over", async () => {
    const install = await InstallStand.create();
    install.world.plan = ({ operation }) =>
      operation === "PutSecretValue" ? "throttled" : undefined;
    const reply = await install.install();
    expect(reply.statusCode).toBe(502);
    expect(reply.body).toContain("code_exchange_lost");
    expect(await install.world.current()).toBeUndefined();
  });
});
