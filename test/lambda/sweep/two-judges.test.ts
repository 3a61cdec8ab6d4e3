import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { AppKey, SecretArn, ShopDomain, VersionId } from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import { ERROR_CODES } from "../../../contract/errors";
import { KINDS } from "../../../contract/kinds";
import { conditionOf } from "../../../contract/store/condition";
import { INSTALLING, secretFactsOf } from "../../../contract/store/secret-facts";
import {
  encodeStatus,
  parseStatus,
  STORE_STATES,
  type StatusChange,
} from "../../../contract/store/status";
import { type StoreView, storesIn, storeViewOf } from "../../../contract/store/view";
import { DAY_MS, type EpochMs, epochMs, later, MINUTE_MS } from "../../../contract/time";
import {
  noteOutcome,
  restedAt,
  type StoreOutcome,
  tagsToWrite,
} from "../../../lambda/sweep/outcome";

const PREFIX = "shopify/test";
const NOW = epochMs(Date.UTC(2026, 10, 28, 8));
const [CURRENT, PENDING, NEXT] = ["c", "d", "e"].map((letter) => letter.repeat(32)) as [
  VersionId,
  VersionId,
  VersionId,
];
const ARN = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${PREFIX}/stores/acme/token-AbCdEf`;

const past = fc
  .integer({ min: -48 * 60, max: 0 })
  .map((minutes) => later(NOW, minutes * MINUTE_MS));
const end = fc
  .integer({ min: -120, max: 24 * 60 })
  .map((minutes) => later(NOW, minutes * MINUTE_MS));
const code = fc.constantFrom("" as const, ...ERROR_CODES);
const version = fc.constantFrom(CURRENT, PENDING);

const status: fc.Arbitrary<StatusChange> = fc.record(
  {
    state: fc.constantFrom(...STORE_STATES),
    lastSuccessAt: past,
    lastErrorCode: code,
    lastErrorAt: past,
    expiresAt: fc.oneof(end, fc.constant("never" as const)),
    refreshExpiresAt: fc.oneof(
      fc.constant("never" as const),
      fc.integer({ min: 0, max: 90 }).map((days) => later(NOW, days * DAY_MS)),
    ),
    missingScopes: fc.constantFrom([], ["read_orders"]),
    version,
    pendingSeen: fc.record({ at: past, version }, { noNullPrototype: true }),
    refused: fc.record(
      {
        code: fc.constantFrom(...ERROR_CODES),
        sights: fc.integer({ min: 1, max: 4 }),
        first: past,
        last: past,
      },
      { noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const secret = fc.record({
  kind: fc.constantFrom(...KINDS),
  app: fc.constantFrom(undefined, "erp" as AppKey),
  status,
  labels: fc.constantFrom<Record<string, string[]>>(
    {},
    { [CURRENT]: ["AWSCURRENT"] },
    { [CURRENT]: ["AWSCURRENT"], [PENDING]: ["AWSPENDING"] },
    { [CURRENT]: ["AWSCURRENT", "AWSPENDING"], [PENDING]: [INSTALLING] },
  ),
  rotates: fc.boolean(),
  isDeclared: fc.constantFrom(true, true, true, false),
  ageMs: fc.constantFrom(MINUTE_MS, DAY_MS),
});

type Secret = typeof secret extends fc.Arbitrary<infer S> ? S : never;

function viewOf(given: Secret): StoreView {
  const { kind, app } = given;
  const shop = "acme.myshopify.com" as ShopDomain;
  const declaration = { kind, app, shop, scopes: [], apiVersion: DEFAULT_API_VERSION };
  const facts = secretFactsOf({
    Name: `${PREFIX}/stores/acme/token`,
    Description: given.isDeclared ? encodeDeclaration(declaration) : "mine",
    VersionIdsToStages: given.labels,
    RotationEnabled: given.rotates,
    CreatedDate: new Date(NOW - given.ageMs),
    Tags: Object.entries(encodeStatus(given.status)).map(([Key, Value]) => ({ Key, Value })),
  });
  const [view] = storesIn([{ secretArn: ARN as SecretArn, facts }], PREFIX);
  if (view === undefined) throw new Error("the secret is no store");
  return view;
}

const finding: fc.Arbitrary<(store: StoreView) => StoreOutcome> = fc.oneof(
  fc.constant(restedAt),
  fc.record({ code, learns: fc.boolean(), expiry: end }).map(({ code, learns, expiry }) => () => ({
    action: "checked" as const,
    code,
    expiry,
    ...(learns ? { learnt: { version: CURRENT, expiresAt: expiry } } : {}),
  })),
  fc.constantFrom(...ERROR_CODES).map((code) => () => ({
    action: "failed" as const,
    code,
    expiry: undefined,
  })),
  fc.record({ code, expiry: end }).map(({ code, expiry }) => () => ({
    action: "renewed" as const,
    code,
    expiry,
    missingScopes: [],
    written: {
      state: "ok" as const,
      lastSuccessAt: NOW,
      lastErrorCode: "" as const,
      version: NEXT,
      expiresAt: expiry,
      refreshExpiresAt: "never" as const,
    },
  })),
);

/** The same secret as anybody else reads it, once the sweep has written its tags. */
function asStored({ secretArn, facts }: StoreView, current: VersionId | undefined): StoreView {
  const others = [...facts.versions].filter(([, stages]) => !stages.includes("AWSCURRENT"));
  const versions =
    current === NEXT ? new Map([...others, [NEXT, ["AWSCURRENT"]] as const]) : facts.versions;
  return storeViewOf({ secretArn, facts: { ...facts, versions } }, PREFIX);
}

const tagged = (view: StoreView, tags: Readonly<Record<string, string>>): StoreView => ({
  ...view,
  facts: { ...view.facts, tags: new Map([...view.facts.tags, ...Object.entries(tags)]) },
});

/** What the sweep counts and tells of a store, and what `status` says of it from its tags, is one judgement. */
test("the sweep and status say the same of a store, whatever its tags and whatever was found", () => {
  fc.assert(
    fc.property(secret, finding, (given, find) => {
      const listed = viewOf(given);
      const found = find(listed);
      const told = noteOutcome(listed, found, NOW);
      const swept = conditionOf(told.view, NOW);
      const written = { ...encodeStatus(found.written ?? {}), ...tagsToWrite(told, swept.state) };
      const stored = asStored(tagged(listed, written), told.view.current);
      // And a pass that leaves it alone finds nothing to write, but for a version that is seen pending.
      const again = noteOutcome(stored, restedAt(stored), NOW);
      const resting = conditionOf(again.view, NOW);
      const left = Object.keys(tagsToWrite(again, resting.state));
      return (
        isDeepStrictEqual(conditionOf(stored, NOW), swept) &&
        isDeepStrictEqual(resting, swept) &&
        left.every((name) => name === "shopify-secrets:pending-seen")
      );
    }),
    { numRuns: 5_000 },
  );
});

test("what is written of a status is what is read of it", () => {
  fc.assert(
    fc.property(status, (change) => {
      const read = parseStatus(new Map(Object.entries(encodeStatus(change))));
      const orAbsent = (at: EpochMs | "never" | undefined) => (at === "never" ? undefined : at);
      return isDeepStrictEqual(read, {
        state: change.state,
        lastSuccessAt: change.lastSuccessAt,
        lastErrorCode: change.lastErrorCode ?? "",
        lastErrorAt: orAbsent(change.lastErrorAt),
        expiresAt: change.expiresAt ?? "unknown",
        refreshExpiresAt: orAbsent(change.refreshExpiresAt),
        missingScopes: change.missingScopes,
        version: change.version ?? "",
        pendingSeen: change.pendingSeen,
        migrating: "",
        approving: undefined,
        refused: change.refused,
        noticed: undefined,
      });
    }),
  );
});
