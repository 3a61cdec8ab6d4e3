import { CodedError } from "../../../contract/errors";
import { Sealed } from "../../../contract/sealed";
import type { EngineParts } from "../../../lambda/engine/parts";
import { storeOf } from "../../../lambda/engine/store";
import { tryToken, verdictOn } from "../../../lambda/engine/trial";
import type { ShopifyReply } from "../../../lambda/shopify/exchange";
import { PREFIX } from "../../simulation/stage";
import { SHOP, STORE, StoreStand } from "../stand/store-stand";

const TOKEN = Sealed.of("shpat_token");

const works = (apiVersion?: string): ShopifyReply => ({
  status: 200,
  headers: apiVersion === undefined ? {} : { "x-shopify-api-version": apiVersion },
  body: Sealed.of(
    JSON.stringify({
      data: {
        currentAppInstallation: { accessScopes: [{ handle: "read_products" }] },
        shop: { myshopifyDomain: SHOP },
      },
    }),
  ),
});
const refuses = (status: number): ShopifyReply => ({ status, headers: {}, body: Sealed.of("") });

async function stage(send: () => Promise<ShopifyReply>) {
  const world = await StoreStand.create({ kind: "client-credentials" });
  const parts: EngineParts = { ...world.parts(), send };
  const facts = await parts.secrets.describe(world.arn);
  const store = storeOf(world.arn, facts, { prefix: PREFIX, allowed: ["client-credentials"] });
  return { world, parts, store };
}

test("a token that works tells its scopes", async () => {
  const { world, parts, store } = await stage(async () => works("2026-10"));
  expect(await tryToken(store, TOKEN, parts)).toEqual({ checked: "ok", scopes: ["read_products"] });
  expect(world.lines).toEqual([]);
});

test.each([
  ["2026-07", "2026-07"],
  ["<b>2026</b>", "unknown"],
  ["a".repeat(21), "unknown"],
])("another API version that answers (%s) is said to be %s", async (answering, answered) => {
  const { world, parts, store } = await stage(async () => works(answering));
  await tryToken(store, TOKEN, parts);
  expect(world.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "warn", event: "shopify.api_version_moved", wanted: "2026-10", answered },
  ]);
});

test("an answer that names no API version is no reason to complain", async () => {
  const { world, parts, store } = await stage(async () => works());
  await tryToken(store, TOKEN, parts);
  expect(world.lines).toEqual([]);
});

test("a dead token is named by its store, or is an answer like any other", async () => {
  const { parts, store } = await stage(async () => refuses(401));
  await expect(tryToken(store, TOKEN, parts)).rejects.toMatchObject({
    code: "token_dead",
    facts: { store: STORE, shop: SHOP, httpStatus: 401 },
  });
  const nameless = { ...store, key: undefined };
  const facts = await tryToken(nameless, TOKEN, parts).catch((error: CodedError) => error.facts);
  expect(facts).toEqual({ shop: SHOP, httpStatus: 401 });
  expect(await verdictOn(store, TOKEN, parts)).toEqual({
    checked: "token_dead",
    scopes: undefined,
  });
});

test("an answer that says nothing of the token is said, and condemns nothing", async () => {
  const { world, parts, store } = await stage(async () => refuses(423));
  const verdict = { checked: "shop_locked", scopes: undefined };
  expect(await tryToken(store, TOKEN, parts)).toEqual(verdict);
  expect(await verdictOn(store, TOKEN, parts)).toEqual(verdict);
  expect(world.lines.join()).toContain('"event":"shopify.check_inconclusive","code":"shop_locked"');
});

test.each([
  ["a mistake of our own", new TypeError("x")],
  ["time that ran out", new CodedError("out_of_time")],
])("%s is no answer", async (_what, failure) => {
  const { parts, store } = await stage(async () => {
    throw failure;
  });
  await expect(tryToken(store, TOKEN, parts)).rejects.toBe(failure);
  await expect(verdictOn(store, TOKEN, parts)).rejects.toBe(failure);
});

describe("a 401", () => {
  const inTurn = (...statuses: number[]) => {
    let asked = 0;
    const send = async () => {
      const status = statuses[Math.min(asked, statuses.length - 1)] ?? 200;
      asked += 1;
      return status === 200 ? works("2026-10") : refuses(status);
    };
    return { send, asked: () => asked };
  };

  test("is asked about once more, and a stray one condemns nothing", async () => {
    const { send, asked } = inTurn(401, 200);
    const { parts, store } = await stage(send);
    expect(await tryToken(store, TOKEN, parts)).toMatchObject({ checked: "ok" });
    expect(asked()).toBe(2);
  });

  test("that comes twice is the token's death", async () => {
    const { send, asked } = inTurn(401);
    const { parts, store } = await stage(send);
    await expect(tryToken(store, TOKEN, parts)).rejects.toMatchObject({ code: "token_dead" });
    expect(asked()).toBe(2);
  });

  test("is no answer where no time is left for another look", async () => {
    const { send } = inTurn(401);
    const { parts, store } = await stage(send);
    const deadline = { ...parts.deadline, remainingMs: () => 900 };
    await expect(tryToken(store, TOKEN, { ...parts, deadline })).rejects.toMatchObject({
      code: "out_of_time",
    });
  });
});
