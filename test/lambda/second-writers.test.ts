import { CLIENT_ID, FIRST_SECRET, type LambdaWorld } from "./world/lambda-world";
import { quietly, runScenario, SCENARIOS, type Scenario } from "./world/scenarios";

const SECOND_SECRET = "shpss_second_client_secret";

/** Somebody else who writes while a renewal is at work. */
interface Writer {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly writes: (world: LambdaWorld) => Promise<void>;
  /** What is done when all is quiet again. */
  readonly atLast?: (world: LambdaWorld) => Promise<void>;
}

const BOTH = ["client-credentials", "offline-expiring"];

const WRITERS: readonly Writer[] = [
  { name: "an acquisition", kinds: BOTH, writes: (world) => world.acquire() },
  { name: "another renewal", kinds: BOTH, writes: (world) => quietly(world.renew()) },
  {
    name: "a new client secret, whose predecessor is revoked once the tokens are pinned to it",
    kinds: BOTH,
    writes: newClientSecret,
    atLast: revokeOldIfPinned,
  },
  {
    name: "a new client secret and the enrolment that follows it",
    kinds: BOTH,
    writes: async (world) => {
      await newClientSecret(world);
      await quietly(world.enrol({ appSecretVersion: world.appSecretVersion }));
    },
    atLast: revokeOldIfPinned,
  },
  {
    name: "a mistyped client secret",
    kinds: BOTH,
    writes: (world) => world.putAppSecret("shpss_mistyped"),
  },
  {
    name: "an operator's rollback",
    kinds: ["client-credentials"],
    writes: async (world) => {
      const to = await holderOf(world, "AWSPREVIOUS");
      if (to === undefined) return;
      await world.model.handle("UpdateSecretVersionStage", {
        SecretId: world.arn,
        VersionStage: "AWSCURRENT",
        MoveToVersionId: to,
        RemoveFromVersionId: await holderOf(world, "AWSCURRENT"),
      });
    },
  },
  {
    name: "an operator who takes the pending label away",
    kinds: ["client-credentials"],
    writes: async (world) => {
      const RemoveFromVersionId = await holderOf(world, "AWSPENDING");
      if (RemoveFromVersionId === undefined) return;
      await world.model.handle("UpdateSecretVersionStage", {
        SecretId: world.arn,
        VersionStage: "AWSPENDING",
        RemoveFromVersionId,
      });
    },
  },
];

async function newClientSecret(world: LambdaWorld): Promise<void> {
  const clientSecret = SECOND_SECRET;
  world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret });
  await world.putAppSecret(clientSecret);
}

async function revokeOldIfPinned(world: LambdaWorld): Promise<void> {
  const pinnedTo = (await world.current())?.record.appSecretVersion;
  if (pinnedTo !== world.appSecretVersion) return;
  const clientSecret = FIRST_SECRET;
  world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret });
}

async function holderOf(world: LambdaWorld, stage: string): Promise<string | undefined> {
  const labels = Object.entries(await world.labels());
  return labels.find(([, stages]) => stages.includes(stage))?.[0];
}

const writersOf = ({ options }: Scenario): readonly Writer[] =>
  WRITERS.filter(({ kinds }) => kinds.includes(options.kind));

describe.each(SCENARIOS)("$name", (scenario) => {
  test.each(writersOf(scenario))("survives $name between any two calls", async (writer) => {
    const { writes, atLast } = writer;
    const { calls } = await runScenario(scenario);
    const outcomes: string[] = [];
    for (const [at, operation] of calls.entries()) {
      const before = { at, does: writes };
      const { broken } = await runScenario(scenario, atLast ? { before, atLast } : { before });
      outcomes.push(...broken.map((what) => `before call ${at} (${operation}): ${what}`));
    }
    expect(outcomes).toEqual([]);
  });

  test.each(writersOf(scenario))(
    "survives being killed at any call, and then $name",
    async (by) => {
      const { writes, atLast } = by;
      const { calls } = await runScenario(scenario);
      const outcomes: string[] = [];
      for (const [at, operation] of calls.entries()) {
        for (const fault of ["killed_before", "killed_after"] as const) {
          const { broken } = await runScenario(scenario, {
            strikes: [{ at, fault }],
            afterwards: writes,
            ...(atLast ? { atLast } : {}),
          });
          outcomes.push(...broken.map((what) => `${fault} at call ${at} (${operation}): ${what}`));
        }
      }
      expect(outcomes).toEqual([]);
    },
  );
});
