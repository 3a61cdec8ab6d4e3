import { CodedError, enrolmentAdviceOf } from "../../../contract/errors";
import { LISTED, SECRET_TAGS } from "../../../contract/names";
import { Sealed } from "../../../contract/sealed";
import { conditionOf } from "../../../contract/store/condition";
import { type SecretReply, secretFactsOf } from "../../../contract/store/secret-facts";
import { storeViewOf } from "../../../contract/store/view";
import { epochMs } from "../../../contract/time";
import { CLIENT_ID, HOUR, PREFIX } from "../../simulation/stage";
import { SHOP, StoreStand } from "../stand/store-stand";

/** How the store is, as every part of the product judges it from its secret alone. */
async function conditionIn(world: StoreStand) {
  const reply = (await world.model.handle("DescribeSecret", {
    SecretId: world.arn,
  })) as SecretReply;
  const view = storeViewOf({ secretArn: world.arn, facts: secretFactsOf(reply) }, PREFIX);
  return conditionOf(view, epochMs(world.clock.now));
}

describe("a first enrolment that failed", () => {
  test("says why from the first minute, and what is left to do", async () => {
    const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    await expect(world.enrol()).rejects.toMatchObject({ code: "app_not_installed" });
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "failing",
      "shopify-secrets:last-error-code": "app_not_installed",
    });
    const condition = await conditionIn(world);
    expect(condition).toMatchObject({ state: "failing", code: "app_not_installed" });
    expect(condition.next).toMatch(/^install and release .*pulumi up --continue-on-error/);
  });

  test("of a static store does not ask for a token that config holds already", async () => {
    const world = await StoreStand.create({ kind: "custom-app", hasValue: false });
    const accessToken = Sealed.of("shpat_dead");
    await expect(world.enrol({ accessToken })).rejects.toMatchObject({ code: "token_dead" });
    const condition = await conditionIn(world);
    expect(condition).toMatchObject({ state: "failing", code: "token_dead" });
    expect(condition.next).toContain("correct a static token");
  });

  test("also when the token was refused before anything was asked", async () => {
    const world = await StoreStand.create({ kind: "custom-app", hasValue: false });
    const accessToken = Sealed.of("shpss_a-client-secret");
    await expect(world.enrol({ accessToken })).rejects.toMatchObject({
      code: "token_is_client_secret",
    });
    expect(await conditionIn(world)).toMatchObject({ code: "token_is_client_secret" });
  });

  test("of a listed store is the list's to mend, and no line of config is named", async () => {
    const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
    const Tags = [{ Key: SECRET_TAGS.origin, Value: LISTED }];
    await world.model.handle("TagResource", { SecretId: world.arn, Tags });
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    const error: unknown = await world.enrol().catch((thrown: unknown) => thrown);
    if (!(error instanceof CodedError)) throw error;
    expect(enrolmentAdviceOf(error.code, error.facts).next).toMatch(
      /^install and release the app on the store, then shopify-secrets apply;/,
    );
    expect((await conditionIn(world)).next).toContain("then shopify-secrets apply;");
  });

  test("is forgotten once an enrolment succeeds", async () => {
    const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    await expect(world.enrol()).rejects.toThrow();
    world.shopify.control.install({ clientId: CLIENT_ID, shop: SHOP });
    await world.enrol();
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("is the operator's to read, when it was a put", async () => {
    const world = await StoreStand.create({ kind: "custom-app", hasValue: false });
    const put = { accessToken: Sealed.of("shpat_mistyped"), tokenSource: "operator" } as const;
    await expect(world.enrol(put)).rejects.toMatchObject({ code: "token_dead" });
    expect(await conditionIn(world)).toMatchObject({
      state: "awaiting_token",
      code: "token_required",
    });
  });
});

test("a later enrolment that failed says nothing of the token that lives", async () => {
  const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
  await world.enrol();
  world.clock.now += HOUR;
  await world.putAppSecret("shpss_wrong");
  await expect(world.enrol()).rejects.toMatchObject({ code: "client_secret_rejected" });
  expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
});
