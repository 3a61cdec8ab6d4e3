import { CodedError } from "../../../contract/errors";
import { Sealed } from "../../../contract/sealed";
import { checkEvenDead, checkToken } from "../../../lambda/engine/check-token";
import type { EngineDeps } from "../../../lambda/engine/deps";
import { storeOf } from "../../../lambda/engine/store";
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
  const deps: EngineDeps = { ...world.deps(), send };
  const facts = await deps.secrets.describe(world.arn);
  const store = storeOf(world.arn, facts, { prefix: PREFIX, allowed: ["client-credentials"] });
  return { world, deps, store };
}

test("a token that works tells its scopes", async () => {
  const { world, deps, store } = await stage(async () => works("2026-10"));
  expect(await checkToken(store, TOKEN, deps)).toEqual({
    checked: "ok",
    scopes: ["read_products"],
  });
  expect(world.lines).toEqual([]);
});

test.each([
  ["2026-07", "2026-07"],
  ["<b>2026</b>", "unknown"],
  ["a".repeat(21), "unknown"],
])("another API version that answers (%s) is said to be %s", async (answering, answered) => {
  const { world, deps, store } = await stage(async () => works(answering));
  await checkToken(store, TOKEN, deps);
  expect(world.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "warn", event: "shopify.api_version_moved", wanted: "2026-10", answered },
  ]);
});

test("an answer that names no API version is no reason to complain", async () => {
  const { world, deps, store } = await stage(async () => works());
  await checkToken(store, TOKEN, deps);
  expect(world.lines).toEqual([]);
});

test("a dead token is named by its store, or is an answer like any other", async () => {
  const { deps, store } = await stage(async () => refuses(401));
  await expect(checkToken(store, TOKEN, deps)).rejects.toMatchObject({
    code: "token_dead",
    facts: { store: STORE, shop: SHOP, httpStatus: 401 },
  });
  const nameless = { ...store, key: undefined };
  const facts = await checkToken(nameless, TOKEN, deps).catch((error: CodedError) => error.facts);
  expect(facts).toEqual({ shop: SHOP, httpStatus: 401 });
  expect(await checkEvenDead(store, TOKEN, deps)).toEqual({
    checked: "token_dead",
    scopes: undefined,
  });
});

test("an answer that says nothing of the token is said, and condemns nothing", async () => {
  const { world, deps, store } = await stage(async () => refuses(423));
  const verdict = { checked: "shop_locked", scopes: undefined };
  expect(await checkToken(store, TOKEN, deps)).toEqual(verdict);
  expect(await checkEvenDead(store, TOKEN, deps)).toEqual(verdict);
  expect(world.lines.join()).toContain('"event":"shopify.check_inconclusive","code":"shop_locked"');
});

test.each([
  ["a mistake of our own", new TypeError("x")],
  ["time that ran out", new CodedError("out_of_time")],
])("%s is no answer", async (_what, failure) => {
  const { deps, store } = await stage(async () => {
    throw failure;
  });
  await expect(checkToken(store, TOKEN, deps)).rejects.toBe(failure);
  await expect(checkEvenDead(store, TOKEN, deps)).rejects.toBe(failure);
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
    const { deps, store } = await stage(send);
    expect(await checkToken(store, TOKEN, deps)).toMatchObject({ checked: "ok" });
    expect(asked()).toBe(2);
  });

  test("that comes twice is the token's death", async () => {
    const { send, asked } = inTurn(401);
    const { deps, store } = await stage(send);
    await expect(checkToken(store, TOKEN, deps)).rejects.toMatchObject({ code: "token_dead" });
    expect(asked()).toBe(2);
  });

  test("is no answer where no time is left for another look", async () => {
    const { send } = inTurn(401);
    const { deps, store } = await stage(send);
    const deadline = { ...deps.deadline, remainingMs: () => 900 };
    await expect(checkToken(store, TOKEN, { ...deps, deadline })).rejects.toMatchObject({
      code: "out_of_time",
    });
  });
});
