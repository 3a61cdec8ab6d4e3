import { MANNERS, type Manner } from "./loopback-aws";
import * as stages from "./stages";

const STAGES = Object.entries(stages);
/** How many invocations wait for their time-outs at the same time. */
const AT_ONCE = 30;

/** How each ends when nothing is in its way, so that nothing is compared with a stage on which nothing happens. */
const GOOD_ENDS = {
  approval: { page: 200, isNew: true, works: true, state: "ok", code: "" },
  enrolment: { outcome: "written", checked: "ok", isNew: true, works: true, state: "ok" },
  rotation: { failures: [], isNew: true, works: true, state: "ok", code: "" },
  sweep: { renewed: 2, heartbeats: [1, 1], told: 2, globex: { works: false, state: "dead" } },
  webhook: { wasAnswered: true, state: "uninstalled", code: "app_uninstalled" },
};

interface Run {
  readonly end: object;
  readonly calls: readonly string[];
}

/** Plays a stage with one call disturbed; -1: none. */
async function play(create: (typeof STAGES)[number][1], at: number, manner: Manner): Promise<Run> {
  const { aws, act } = await create();
  aws.disturb = (index) => (index === at ? manner : undefined);
  try {
    const end = await act().catch((failure: unknown) => ({ failure: String(failure) }));
    return { end, calls: [...aws.calls] };
  } finally {
    await aws.close();
  }
}

/** Runs them all, some at a time. */
async function inGroups<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

describe.each(STAGES)("%s, with one call of AWS that hangs or is garbled", (name, create) => {
  test.each(MANNERS)("and %s, ends as if it had been answered, after another try", async (how) => {
    const { end, calls } = await play(create, -1, how);
    expect(end).toMatchObject(GOOD_ENDS[name as keyof typeof GOOD_ENDS]);
    const wrong: object[] = [];
    await inGroups([...calls.entries()], async ([index, call]) => {
      const run = await play(create, index, how);
      if (JSON.stringify(run.end) !== JSON.stringify(end)) wrong.push({ index, call, ...run });
    });
    expect(wrong).toEqual([]);
  });
});

/** What a sweep does to which a call is never answered, however often it is made. */
const SILENCES = {
  "SNS.Publish": { renewed: 2, told: 0 },
  "SecretsManager.TagResource": { renewed: 2, told: 2 },
  "KMS.Decrypt": { renewed: 1, told: 3 },
  "SecretsManager.PutSecretValue": { renewed: 0, told: 3 },
};

test("a sweep to which a call is never answered does everything else, and gives that call up", async () => {
  const sweeps = Object.entries(SILENCES).map(async ([silent, wanted]) => {
    const { aws, act } = await stages.sweep({ connectMs: 1_000, tryMs: 1_000, tries: 4 });
    aws.disturb = (_index, called) => (called === silent ? "answers nothing" : undefined);
    const { renewed, heartbeats, told } = (await act()) as Record<string, unknown>;
    await aws.close();
    expect({ silent, renewed, told, heartbeats }).toEqual({
      silent,
      ...wanted,
      heartbeats: [1, 1],
    });
    // Four tries each, and no more: it did not merely run out of the invocation's time.
    expect(aws.calls.filter((called) => called === silent).length % 4).toBe(0);
  });
  await Promise.all(sweeps);
});
