import fc from "fast-check";
import { createWorld, token, type World } from "./world";

/** One step of a random history of one secret. */
type Move =
  | {
      readonly kind: "put";
      readonly version: number;
      readonly stages: readonly string[] | undefined;
    }
  | { readonly kind: "update"; readonly version: number }
  | {
      readonly kind: "stage";
      readonly label: string;
      readonly from: number | undefined;
      readonly to: number | undefined;
    }
  | {
      readonly kind: "rotate";
      readonly version: number;
      readonly fails: boolean;
      readonly now: boolean;
    }
  | { readonly kind: "cancel" }
  | { readonly kind: "wait"; readonly minutes: number };

const version = fc.integer({ min: 1, max: 6 });
const label = fc.constantFrom("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "custom");
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constant("put" as const),
    version,
    stages: fc.option(fc.uniqueArray(label, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("update" as const), version }),
  fc.record({
    kind: fc.constant("stage" as const),
    label,
    from: fc.option(version, { nil: undefined }),
    to: fc.option(version, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("rotate" as const),
    version,
    fails: fc.boolean(),
    now: fc.boolean(),
  }),
  fc.constant({ kind: "cancel" as const }),
  fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 1_500 }) }),
);
const switches = fc.record({
  firstValueBecomesCurrent: fc.boolean(),
  clearPendingAfterFinish: fc.boolean(),
  retryAfterLabelLost: fc.boolean(),
  missedReads: fc.integer({ min: 0, max: 1 }),
});

const requests = {
  put: (move: Move & { kind: "put" }) => [
    "PutSecretValue",
    {
      SecretId: "s",
      ClientRequestToken: token(move.version),
      SecretString: valueFor(move.version),
      ...(move.stages ? { VersionStages: move.stages } : {}),
    },
  ],
  update: (move: Move & { kind: "update" }) => [
    "UpdateSecret",
    {
      SecretId: "s",
      ClientRequestToken: token(move.version),
      SecretString: valueFor(move.version),
    },
  ],
  stage: (move: Move & { kind: "stage" }) => [
    "UpdateSecretVersionStage",
    {
      SecretId: "s",
      VersionStage: move.label,
      ...(move.from === undefined ? {} : { RemoveFromVersionId: token(move.from) }),
      ...(move.to === undefined ? {} : { MoveToVersionId: token(move.to) }),
    },
  ],
} as const;

const valueFor = (number: number): string => `value ${number}`;

/** Does one step; AWS's refusals are part of a history. */
async function perform(world: World, move: Move): Promise<void> {
  switch (move.kind) {
    case "put":
    case "update":
    case "stage": {
      const [operation, input] = requests[move.kind](move as never);
      await world.call(operation as string, input as object).catch(() => undefined);
      return;
    }
    case "rotate":
      world.lambda.run = async ({ Step, SecretId, ClientRequestToken }) => {
        if (Step === "createSecret") {
          await world.call("PutSecretValue", {
            SecretId,
            ClientRequestToken,
            SecretString: valueFor(Number(ClientRequestToken.slice(-12))),
            VersionStages: ["AWSPENDING"],
          });
        }
        if (move.fails) throw new Error("no");
        if (Step === "finishSecret") {
          const holder = Object.entries(await world.labels()).find(([, stages]) =>
            stages.includes("AWSCURRENT"),
          )?.[0];
          await world.call("UpdateSecretVersionStage", {
            SecretId,
            VersionStage: "AWSCURRENT",
            MoveToVersionId: ClientRequestToken,
            RemoveFromVersionId: holder,
          });
        }
      };
      await world
        .call("RotateSecret", {
          SecretId: "s",
          ClientRequestToken: token(move.version),
          RotationLambdaARN: "f",
          RotationRules: { ScheduleExpression: "rate(8 hours)" },
          RotateImmediately: move.now,
        })
        .catch(() => undefined);
      return world.model.settled();
    case "cancel":
      await world.call("CancelRotateSecret", { SecretId: "s" }).catch(() => undefined);
      return;
    case "wait":
      world.clock.now += move.minutes * 60_000;
      return world.model.runDue();
    default:
      return move satisfies never;
  }
}

type Labels = Readonly<Record<string, readonly string[]>>;

const holderOf = (labels: Labels, name: string): string | undefined =>
  Object.keys(labels).find((id) => labels[id]?.includes(name));

/** Values of all listed versions, by ID. */
async function valuesOf(world: World): Promise<ReadonlyMap<string, unknown>> {
  const { Versions } = await world.call("ListSecretVersionIds", {
    SecretId: "s",
    IncludeDeprecated: true,
  });
  const values = new Map<string, unknown>();
  for (const { VersionId } of Versions as { VersionId: string }[]) {
    const read = { SecretId: "s", VersionId };
    const first = await world.call("GetSecretValue", read).catch(() => undefined);
    values.set(VersionId, (first ?? (await world.call("GetSecretValue", read)))["SecretString"]);
  }
  return values;
}

async function afterEachMove(
  history: readonly Move[],
  options: object,
  check: (seen: {
    readonly move: Move;
    readonly before: Labels;
    readonly after: Labels;
    readonly world: World;
  }) => Promise<void> | void,
): Promise<void> {
  const world = createWorld({ ...options, retryDelaysMs: [60_000] });
  await world.call("CreateSecret", { Name: "s", ClientRequestToken: token(99) });
  for (const move of history) {
    const before = await world.labels();
    await perform(world, move);
    await check({ move, before, after: await world.labels(), world });
  }
}

const histories = fc.array(moves, { minLength: 1, maxLength: 14 });
const runs = { numRuns: 100 };

describe("whatever happens to a secret", () => {
  test("a label is on one version at most", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, (history, options) =>
        afterEachMove(history, options, ({ after }) => {
          const labels = Object.values(after).flat();
          expect(new Set(labels).size).toBe(labels.length);
        }),
      ),
      runs,
    );
  });

  test("a version never changes its value, and is never without one where it is listed", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, async (history, options) => {
        const known = new Map<string, unknown>();
        await afterEachMove(history, options, async ({ world }) => {
          for (const [id, value] of await valuesOf(world)) {
            expect(typeof value).toBe("string");
            expect(known.get(id) ?? value).toBe(value);
            known.set(id, value);
          }
        });
      }),
      runs,
    );
  });

  test("AWSCURRENT never goes away, and its holder has a value", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, (history, options) =>
        afterEachMove(history, options, async ({ before, after, world }) => {
          const current = holderOf(after, "AWSCURRENT");
          if (holderOf(before, "AWSCURRENT") !== undefined) expect(current).toBeDefined();
          if (current !== undefined) expect((await valuesOf(world)).has(current)).toBe(true);
        }),
      ),
      runs,
    );
  });

  test("a single move of AWSCURRENT leaves AWSPREVIOUS on the last holder", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, (history, options) =>
        afterEachMove(history, options, ({ move, before, after }) => {
          const [old, current] = [holderOf(before, "AWSCURRENT"), holderOf(after, "AWSCURRENT")];
          if (old === undefined || old === current || move.kind === "wait") return;
          const asked = move.kind === "put" && move.stages?.includes("AWSPREVIOUS");
          if (!asked) expect(holderOf(after, "AWSPREVIOUS")).toBe(old);
        }),
      ),
      runs,
    );
  });

  test("a registered version without a label is gone", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, (history, options) =>
        afterEachMove(history, options, async ({ after, world }) => {
          const listed = await valuesOf(world);
          const valueless = Object.keys(after).filter((id) => !listed.has(id));
          for (const id of valueless) expect(after[id]).toEqual(["AWSPENDING"]);
        }),
      ),
      runs,
    );
  });

  test("every move of AWSCURRENT is announced, in order", async () => {
    await fc.assert(
      fc.asyncProperty(histories, switches, (history, options) =>
        afterEachMove(history, options, ({ before, after, world }) => {
          const current = holderOf(after, "AWSCURRENT");
          if (current === holderOf(before, "AWSCURRENT")) return;
          expect(world.updates.at(-1)).toMatchObject({
            versionId: current,
            labelUpdated: "AWSCURRENT",
            name: "s",
          });
        }),
      ),
      runs,
    );
  });
});
