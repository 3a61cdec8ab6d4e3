import { STATUS_TAGS } from "../../contract/store/status";
import { isoOf, later } from "../../contract/time";
import { ago, DAY_MS, HOUR_MS, MINUTE_MS, NOW, Operator, type StoreGiven } from "./arrange";

/** Stores of all kinds: some well, the others each wrong in a way of its own. */
const STORES: readonly StoreGiven[] = [
  {
    key: "acme",
    kind: "client-credentials",
    app: "fulfilment",
    expiresAt: later(NOW, 18 * HOUR_MS),
    lastSuccessAt: ago(6 * HOUR_MS),
  },
  {
    key: "acme-canada",
    kind: "client-credentials",
    app: "fulfilment",
    expiresAt: later(NOW, 5 * HOUR_MS + 20 * MINUTE_MS),
    lastSuccessAt: ago(19 * HOUR_MS),
    error: { code: "client_secret_rejected", at: ago(40 * MINUTE_MS) },
    state: "failing",
  },
  {
    key: "heritage",
    kind: "custom-app",
    lastSuccessAt: ago(11 * HOUR_MS),
  },
  {
    key: "partner",
    kind: "offline",
    app: "catalog",
    state: "dead",
    lastSuccessAt: ago(3 * DAY_MS),
    error: { code: "token_dead", at: ago(2 * HOUR_MS) },
  },
  {
    key: "one-hour",
    kind: "offline-expiring",
    app: "catalog",
    expiresAt: later(NOW, 42 * MINUTE_MS),
    lastSuccessAt: ago(18 * MINUTE_MS),
    tags: { [STATUS_TAGS.refreshExpiresAt]: isoOf(later(NOW, 89 * DAY_MS)) },
  },
  {
    key: "one-hour-with-a-name-that-is-very-long-indeed",
    kind: "offline-expiring",
    app: "catalog",
    expiresAt: later(NOW, 25 * MINUTE_MS),
    lastSuccessAt: ago(35 * MINUTE_MS),
    error: { code: "shopify_unreachable", at: ago(4 * MINUTE_MS) },
  },
  {
    key: "ending",
    kind: "offline-expiring",
    app: "catalog",
    expiresAt: later(NOW, 50 * MINUTE_MS),
    lastSuccessAt: ago(10 * MINUTE_MS),
    tags: { [STATUS_TAGS.refreshExpiresAt]: isoOf(later(NOW, 9 * DAY_MS)) },
  },
  {
    key: "narrow",
    kind: "offline",
    app: "catalog",
    missingScopes: "write_products",
    lastSuccessAt: ago(HOUR_MS),
    error: { code: "scope_missing", at: ago(HOUR_MS) },
  },
  {
    key: "new-merchant",
    kind: "offline-expiring",
    app: "catalog",
    hasValue: false,
    state: "awaiting_merchant",
  },
];

/** An operator before that fleet. */
export async function operatorOfFleet(): Promise<Operator> {
  const operator = new Operator();
  for (const store of STORES) await operator.addStore(store);
  for (const key of ["acme", "acme-canada"]) await operator.schedule(key);
  return operator;
}
