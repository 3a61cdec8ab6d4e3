import { later } from "../../contract/time";
import { HOUR_MS, MINUTE_MS, NOW, Operator, type StoreGiven } from "./arrange";

const WELL: StoreGiven = {
  key: "acme",
  kind: "client-credentials",
  app: "fulfilment",
  expiresAt: later(NOW, 18 * HOUR_MS),
};
const AWAITING: StoreGiven = {
  key: "new",
  kind: "offline-expiring",
  app: "catalog",
  hasValue: false,
  state: "awaiting_merchant",
};
const LOST: StoreGiven = {
  ...AWAITING,
  key: "lost",
  hasValue: true,
  expiresAt: later(NOW, 30 * MINUTE_MS),
  error: { code: "code_exchange_lost", at: NOW },
};
const DEAD: StoreGiven = {
  key: "dead",
  kind: "offline",
  state: "dead",
  error: { code: "token_dead", at: NOW },
};
const NARROW: StoreGiven = {
  key: "narrow",
  kind: "offline",
  missingScopes: "write_products",
  lastSuccessAt: NOW,
  error: { code: "scope_missing", at: NOW },
};

interface Case {
  readonly stores: readonly StoreGiven[];
  readonly option: string;
  readonly code: number;
}

const CASES: Readonly<Record<string, Case>> = {
  "a merchant who has yet to approve": { stores: [WELL, AWAITING], option: "", code: 0 },
  "the same, when asked": { stores: [AWAITING], option: "--fail-on awaiting_merchant", code: 1 },
  "the same with hyphens": { stores: [AWAITING], option: "--fail-on awaiting-merchant", code: 1 },
  "the same, when anything counts": { stores: [AWAITING], option: "--fail-on any", code: 1 },
  "an approval that was lost": { stores: [WELL, LOST], option: "", code: 1 },
  "a dead store": { stores: [WELL, DEAD], option: "", code: 1 },
  "a dead store, when nothing counts": { stores: [DEAD], option: "--fail-on none", code: 0 },
  "a missing scope": { stores: [NARROW], option: "", code: 1 },
  "only dead ones count": { stores: [NARROW], option: "--fail-on dead,failing", code: 0 },
  "a dead one among others": { stores: [NARROW, DEAD], option: "--fail-on dead,failing", code: 1 },
  "all well": { stores: [WELL], option: "--fail-on any", code: 0 },
};

describe.each(Object.entries(CASES))("%s", (_what, { stores, option, code: expected }) => {
  const answerOf = ({ key, kind, state = "ok", error }: StoreGiven) => ({
    store: key,
    kind,
    state,
    code: error?.code ?? "",
  });

  test.each(["status", "check"])(`%s ${option} ends with ${expected}`, async (verb) => {
    const operator = new Operator();
    for (const store of stores) await operator.addStore(store);
    operator.answer = () => ({ stores: stores.map(answerOf) });
    const { code, out } = await operator.type(`${verb} ${option}`);
    expect(code).toBe(expected);
    for (const { key } of stores) expect(out).toContain(key);
  });
});

test("a silent sweep counts, unless it was not asked for", async () => {
  const operator = new Operator();
  await operator.addStore(WELL);
  operator.clock.at = later(NOW, HOUR_MS);
  expect((await operator.type("status")).code).toBe(1);
  expect((await operator.type("status --fail-on dead")).code).toBe(0);
  expect((await operator.type("status --fail-on silent")).code).toBe(1);
});

test("what is no state is told before anything is asked", async () => {
  const operator = new Operator();
  operator.mayConnect = false;
  const { err, code } = await operator.type("status --fail-on purple");
  expect(code).toBe(2);
  expect(err).toContain("Next: give any, none, or some of awaiting_token,awaiting_merchant");
});
