import fc from "fast-check";
import type { SecretArn, StoreKey } from "../../../contract/brands";
import { encodeDeclaration, parseDeclaration } from "../../../contract/declaration";
import { CodedError } from "../../../contract/errors";
import {
  costOfPlan,
  countsOf,
  type ListPlan,
  planList,
  tagChanges,
  tagsOf,
} from "../../../contract/listed/list-plan";
import { encodeWork, listedStoreOf, parseWork } from "../../../contract/listed/list-work";
import {
  encodeListedStore,
  encodeListHead,
  type ListedStore,
  type ListHead,
  parseStoreList,
} from "../../../contract/listed/listed-store";
import { SECRET_TAGS, storeSecretName } from "../../../contract/names";
import { rotationScheduleOf } from "../../../contract/schedule";
import type { ListedSecret, SecretFacts } from "../../../contract/store/secret-facts";
import { STATUS_TAGS } from "../../../contract/store/status";
import type { EpochMs } from "../../../contract/time";

const PREFIX = "shopify/test";
const HEAD: ListHead = {
  prefix: PREFIX,
  tags: { team: "orders" },
  recoveryWindowDays: 7,
  retireAtMost: 10,
};
const VERSION = "0123456789abcdef0123456789abcdef";

function listed(key: string, change: Partial<ListedStore> = {}): ListedStore {
  const declaration = encodeDeclaration(
    parseDeclaration(
      JSON.stringify({
        v: 1,
        kind: "client-credentials",
        shop: `${key}.myshopify.com`,
        app: "erp",
        scopes: "",
        api: "2026-10",
      }),
    ),
  );
  return { store: key as StoreKey, declaration, rotationHours: 8, clientId: "erp-id", ...change };
}

/** The secret of a store that is as the list wants it. */
function secretOf(store: ListedStore, change: Partial<SecretFacts> = {}): ListedSecret {
  const name = storeSecretName(PREFIX, store.store);
  const { rotationHours } = store;
  const rotation =
    rotationHours === undefined ? undefined : rotationScheduleOf(store.store, rotationHours);
  return {
    secretArn: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-abcdef` as SecretArn,
    facts: {
      name,
      description: store.declaration,
      versions: new Map([[VERSION as never, ["AWSCURRENT"]]]),
      kmsKeyId: undefined,
      rotationEnabled: rotation !== undefined,
      rotationRule: rotation?.expression,
      nextRotationAt: undefined,
      createdAt: 0 as EpochMs,
      deletedAt: undefined,
      tags: new Map([
        ...Object.entries(tagsOf(store, HEAD)),
        ["shopify-secrets:state", "ok"],
        ["aws:cloudformation:stack-name", "x"],
      ]),
      ...change,
    },
  };
}

const plan = (stores: readonly ListedStore[], there: readonly ListedSecret[], most?: number) =>
  planList({ head: HEAD, stores }, there, most);

const deedsOf = ({ tasks }: ListPlan) => tasks.map(({ store, deed }) => `${deed} ${store}`);

describe("a list against what is there", () => {
  const ACME = listed("acme");

  test("that is the same has no work", () => {
    expect(plan([ACME], [secretOf(ACME)])).toEqual({
      tasks: [],
      same: 1,
      left: [],
      there: 1,
      refusal: undefined,
    });
  });

  test("with tags that somebody else puts on it, or that left the stack's, has no work", () => {
    const tags = new Map([...secretOf(ACME).facts.tags, ["cost-center", "42"]]);
    expect(plan([ACME], [secretOf(ACME, { tags })])).toMatchObject({ tasks: [], same: 1 });
  });

  /** A secret with another origin; undefined: none, as one of config. */
  function inOtherHands(secret: ListedSecret, origin?: string): ListedSecret {
    const tags = new Map(secret.facts.tags);
    if (origin === undefined) tags.delete(SECRET_TAGS.origin);
    else tags.set(SECRET_TAGS.origin, origin);
    return { ...secret, facts: { ...secret.facts, tags } };
  }

  test.each(["installed-by-merchant", undefined])(
    "names no second secret for an app and shop that have one under another key (%s)",
    (origin) => {
      const there = inOtherHands(secretOf(listed("wholegrain")), origin);
      const grain = { ...listed("grain"), declaration: listed("wholegrain").declaration };
      const { tasks, left } = plan([grain], [there]);
      expect(tasks).toEqual([]);
      expect(left).toEqual([
        { store: "grain", secretArn: there.secretArn, why: "store_has_twin", twin: "wholegrain" },
      ]);
      // Nor does one come back beside it.
      const waiting = secretOf(grain, { deletedAt: 1 as EpochMs });
      expect(plan([grain], [there, waiting])).toMatchObject({ tasks: [], left });
    },
  );

  test("one that is deleted, of another app, or the list's own is no twin", () => {
    const grain = { ...listed("grain"), declaration: listed("wholegrain").declaration };
    const own = secretOf(listed("wholegrain"));
    const deleted = inOtherHands(secretOf(listed("wholegrain"), { deletedAt: 1 as EpochMs }));
    const other = inOtherHands(secretOf(listed("wholegrain")));
    const facts = { ...other.facts, description: other.facts.description?.replace("erp", "pos") };
    for (const there of [own, deleted, { ...other, facts }]) {
      expect(deedsOf(plan([grain], [there]))).toContain("create grain");
    }
  });

  test("what config let go of, and waits for its deletion, is not said to stand there", () => {
    const there = inOtherHands(secretOf(ACME, { deletedAt: 1 as EpochMs }));
    expect(plan([ACME], [there])).toMatchObject({
      tasks: [],
      left: [{ store: "acme", why: "store_awaits_deletion" }],
    });
  });

  test.each<[string, Partial<SecretFacts>, string]>([
    ["another declaration", { description: "{}" }, "change acme: declaration"],
    [
      "another tag",
      { tags: secretOf(listed("acme", { clientId: "old" })).facts.tags },
      "change acme: tags",
    ],
    ["another schedule", { rotationRule: "cron(0 1 * * ? *)" }, "change acme: schedule"],
    ["no schedule", { rotationEnabled: false }, "change acme: schedule"],
    ["a deletion under way", { deletedAt: 1 as EpochMs }, "restore acme: "],
    [
      "a value of another shop, whose enrolment came to no end",
      {
        tags: new Map([
          ...secretOf(ACME).facts.tags,
          [STATUS_TAGS.lastErrorCode, "declaration_mismatch"],
        ]),
      },
      "finish acme: ",
    ],
    ["no value, failing", { versions: new Map(), rotationEnabled: false }, "finish acme: "],
  ])("with %s has work", (_what, facts, work) => {
    const { tasks } = plan([ACME], [secretOf(ACME, facts)]);
    expect(tasks.map(({ deed, store, changes }) => `${deed} ${store}: ${changes.join()}`)).toEqual([
      work,
    ]);
  });

  test("a store that waits for its merchant, or its token, is left to wait", () => {
    const pasted = encodeDeclaration({
      ...parseDeclaration(ACME.declaration),
      kind: "custom-app",
      app: undefined,
    });
    const store = listed("acme", { declaration: pasted, rotationHours: undefined });
    const tags = new Map([
      ...secretOf(store).facts.tags,
      ["shopify-secrets:state", "awaiting_token"],
    ]);
    const waiting = secretOf(store, { versions: new Map(), tags });
    expect(plan([store], [waiting]).tasks).toEqual([]);
    // What an app can get by itself is waited for by nobody, unless something is said to be missing.
    const killed = secretOf(ACME, { versions: new Map(), rotationEnabled: false, tags });
    const ofAcme = new Map([...tags, ...Object.entries(tagsOf(ACME, HEAD))]);
    expect(deedsOf(plan([ACME], [secretOf(ACME, { ...killed.facts, tags: ofAcme })]))).toEqual([
      "finish acme",
    ]);
  });

  test("what is not of the list is neither changed nor retired", () => {
    const tags = new Map(
      [...secretOf(ACME).facts.tags].filter(([key]) => key !== SECRET_TAGS.origin),
    );
    const declared = secretOf(ACME, { tags });
    const installed = secretOf(listed("other"), {
      tags: new Map([...tags, [SECRET_TAGS.origin, "installed"]]),
    });
    const found = plan([ACME], [declared, installed]);
    expect(found).toMatchObject({ tasks: [], same: 0, there: 0, refusal: undefined });
    expect(found.left.map(({ store }) => store)).toEqual(["acme"]);
  });

  test("a store that would abandon its pair is left alone", () => {
    const pasted = encodeDeclaration({
      ...parseDeclaration(ACME.declaration),
      kind: "custom-app",
      app: undefined,
    });
    const tags = new Map([
      ...secretOf(ACME).facts.tags,
      ["shopify-secrets:refresh-expires-at", "2027-01-01T00:00:00Z"],
    ]);
    const found = plan([listed("acme", { declaration: pasted })], [secretOf(ACME, { tags })]);
    expect(found).toMatchObject({ tasks: [], left: [{ store: "acme", why: "pair_abandoned" }] });
  });

  test.each([
    [10, 1, undefined],
    [10, 2, { retired: 2, there: 10, atMost: 10 }],
    [100, 10, undefined],
    [100, 11, { retired: 11, there: 100, atMost: 10 }],
    [1, 1, undefined],
  ])("of %i stores %i may leave, or the run is refused", (there, retired, refusal) => {
    const stores = Array.from({ length: there }, (_, at) => listed(`store-${at}`));
    const found = plan(
      stores.slice(retired),
      stores.map((store) => secretOf(store)),
    );
    expect(found.refusal).toEqual(refusal);
    expect(countsOf(found).retire).toBe(retired);
    expect(
      plan(
        stores.slice(retired),
        stores.map((store) => secretOf(store)),
        100,
      ).refusal,
    ).toBe(undefined);
  });

  test("costs what its secrets cost", () => {
    const [one, two, three] = [listed("one"), listed("two"), listed("three")];
    const found = plan([two, three], [secretOf(one), secretOf(two)]);
    expect(costOfPlan(found)).toEqual({ now: 0.8, after: 0.8 });
    expect(costOfPlan(plan([two, three], []))).toEqual({ now: 0, after: 0.8 });
  });
});

const KEYS = ["one", "two", "three", "four", "five", "six"] as const;
const anyStore = fc.record({
  hours: fc.constantFrom(undefined, 4, 8, 12) as fc.Arbitrary<ListedStore["rotationHours"]>,
  clientId: fc.constantFrom(undefined, "one", "two"),
});
const anyList = fc.dictionary(fc.constantFrom(...KEYS), anyStore, { noNullPrototype: true });
const anyThere = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.record({
    store: anyStore,
    isDeleted: fc.boolean(),
    hasValue: fc.boolean(),
    isOfList: fc.boolean(),
  }),
  { noNullPrototype: true },
);

function storesOf(
  list: Record<string, { hours: ListedStore["rotationHours"]; clientId: string | undefined }>,
) {
  return Object.entries(list).map(([key, { hours, clientId }]) =>
    listed(key, { rotationHours: hours, clientId }),
  );
}

describe("whatever the list and whatever is there", () => {
  test("each store is in one place, and nothing else is touched", () => {
    fc.assert(
      fc.property(anyList, anyThere, (list, there) => {
        const stores = storesOf(list);
        const secrets = thereOf(there);
        const found = plan(stores, secrets, 100);
        const own = found.tasks.filter(({ deed }) => deed !== "retire");
        expect(own.length + found.same + found.left.length).toBe(stores.length);
        const ofList = Object.entries(there).filter(([, { isOfList }]) => isOfList);
        const retired = found.tasks.filter(({ deed }) => deed === "retire");
        expect(retired.map(({ store }) => store as string).sort()).toEqual(
          ofList
            .filter(([key, { isDeleted }]) => !isDeleted && !(key in list))
            .map(([key]) => key)
            .sort(),
        );
        for (const { store } of found.left) expect(there[store]?.isOfList).toBe(false);
      }),
    );
  });

  test("once it is carried out, there is nothing left to do", () => {
    fc.assert(
      fc.property(anyList, anyThere, (list, there) => {
        const stores = storesOf(list);
        const secrets = thereOf(there);
        const { tasks } = plan(stores, secrets, 100);
        const after = new Map(secrets.map((secret) => [secret.facts.name, secret]));
        for (const { deed, secretName, wanted } of tasks) {
          if (wanted === undefined) after.delete(secretName);
          else if (deed !== "retire") after.set(secretName, secretOf(wanted));
        }
        expect(plan(stores, [...after.values()], 0)).toMatchObject({
          tasks: [],
          refusal: undefined,
        });
      }),
    );
  });

  test("tags are set until they are as wanted, and of the others only our own are dropped", () => {
    const own = ["shopify-client-id", "shopify-origin", "shopify-listed-shop"];
    const foreign = ["cost-center", "aws:x", "shopify-secrets:state"];
    const tagsAmong = (...keys: string[]) => fc.dictionary(fc.constantFrom(...keys), fc.string());
    fc.assert(
      fc.property(
        tagsAmong("team", ...own),
        tagsAmong(...own),
        tagsAmong(...foreign),
        (wanted, others, foreignTags) => {
          const found = { ...others, ...foreignTags };
          const { set, dropped } = tagChanges(wanted, new Map(Object.entries(found)));
          const after: Record<string, string> = { ...found, ...set };
          for (const tag of dropped) delete after[tag];
          expect(after).toEqual({ ...foreignTags, ...wanted });
        },
      ),
    );
  });

  test("work goes over the wire and back", () => {
    fc.assert(
      fc.property(anyList, (list) => {
        const stores = storesOf(list);
        for (const task of plan(stores, []).tasks) {
          const work = parseWork(JSON.parse(encodeWork(task, { head: HEAD, etag: "an-etag" })));
          expect(listedStoreOf(work)).toEqual(task.wanted);
          expect(work).toMatchObject({
            deed: task.deed,
            listEtag: "an-etag",
            secretName: task.secretName,
            tags: HEAD.tags,
          });
        }
        const text = [encodeListHead(HEAD), ...stores.map(encodeListedStore)].join("\n");
        expect(parseStoreList(`${text}\n`)).toEqual({ head: HEAD, stores });
      }),
    );
  });
});

function thereOf(
  there: Record<
    string,
    {
      store: { hours: ListedStore["rotationHours"]; clientId: string | undefined };
      isDeleted: boolean;
      hasValue: boolean;
      isOfList: boolean;
    }
  >,
): ListedSecret[] {
  return Object.entries(there).map(([key, { store, isDeleted, hasValue, isOfList }]) => {
    const secret = secretOf(listed(key, { rotationHours: store.hours, clientId: store.clientId }));
    const tags = new Map(secret.facts.tags);
    if (!isOfList) tags.delete(SECRET_TAGS.origin);
    const facts = {
      ...secret.facts,
      tags,
      deletedAt: isDeleted ? (1 as EpochMs) : undefined,
      ...(hasValue ? {} : { versions: new Map() }),
    };
    return { ...secret, facts };
  });
}

test("a list that was spoilt is refused by its line", () => {
  const lines = [encodeListHead(HEAD), encodeListedStore(listed("acme"))];
  for (const [at, spoilt] of ["", "{", '{"v":2}', "[]"].entries()) {
    expect(() => parseStoreList([spoilt === "" ? "null" : spoilt, lines[1]].join("\n"))).toThrow(
      CodedError,
    );
    expect(() =>
      parseStoreList([lines[0], lines[1], `{"store":"Spoilt-${at}"}`].join("\n")),
    ).toThrow(/list_malformed.*line 3/);
  }
});
