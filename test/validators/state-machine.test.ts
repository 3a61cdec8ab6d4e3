import { encodeMachine } from "../../infra/list-machine/definition";

/** AWS's rules of the Amazon States Language, as others wrote them down (npm: asl-validator). */
const validate = require("asl-validator") as (definition: object) => {
  readonly isValid: boolean;
  readonly errors: readonly object[];
};

const PARTS = {
  partition: "aws",
  applyArn: "arn:aws:lambda:us-east-1:000000000000:function:shopify-test-apply",
  sweepArn: "arn:aws:lambda:us-east-1:000000000000:function:shopify-test-sweep",
  enrolArn: "arn:aws:lambda:us-east-1:000000000000:function:shopify-test-enrol",
  bucket: "shopify-test-us-east-1-000000000000",
  concurrency: 20,
  toleratedFailures: 20,
};

interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Record<string, unknown>>>;
}

function machine(): States {
  return JSON.parse(encodeMachine(PARTS)) as States;
}

test("the state machine of a list is one that AWS's rules allow", () => {
  expect(validate(machine()).errors).toEqual([]);
});

test.each<[string, (states: States) => void]>([
  [
    "a state that leads nowhere",
    ({ States }) => Object.assign(States["Plan"] ?? {}, { Next: "No" }),
  ],
  [
    "a state that nothing leads to",
    ({ States }) => Object.assign(States, { Lost: { Type: "Succeed" } }),
  ],
  ["a state of no type", ({ States }) => Object.assign(States["Done"] ?? {}, { Type: "End" })],
  ["a task without a resource", ({ States }) => void delete States["Plan"]?.["Resource"]],
])("a planted mistake is found: %s", (_what, spoil) => {
  const spoilt = machine();
  spoil(spoilt);
  expect(validate(spoilt).isValid).toBe(false);
});

test("in other partitions the services are called by that partition's names", () => {
  const text = encodeMachine({ ...PARTS, partition: "aws-us-gov" });
  expect(text).not.toMatch(/arn:aws:states/);
  expect(text.match(/arn:aws-us-gov:states:::/g)?.length).toBeGreaterThan(3);
});

/** Of a store's child: Step Functions ends an express execution after so many seconds. */
const CHILD_SECONDS = 300;

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}

function longestWait({ IntervalSeconds, MaxAttempts, BackoffRate, ...rest }: Retrier): number {
  const waits = Array.from({ length: MaxAttempts }, (_, at) =>
    Math.min(IntervalSeconds * BackoffRate ** at, rest.MaxDelaySeconds ?? Number.MAX_VALUE),
  );
  return waits.reduce((sum, one) => sum + one, 0);
}

/** The children of the list's map, and those of the waves' map. */
const CHILDREN: Readonly<Record<string, () => States>> = {
  "a listed store": () => childOf(machine().States["Stores"]),
  "a store in a wave": () => {
    const waves = childOf(machine().States["Waves"]);
    return childOf(waves.States["Wave"]);
  },
};

function childOf(map: unknown): States {
  return (map as { readonly ItemProcessor: States }).ItemProcessor;
}

test.each(Object.entries(CHILDREN))(
  "the child of %s lives for as long as a function sleeps and every call is tried again, and comes to its note",
  (_whose, child) => {
    const tasks = Object.values(child().States).filter(({ Type }) => Type === "Task");
    expect(tasks.length).toBeGreaterThan(1);
    const retriers = tasks.flatMap(({ Retry }) => Retry as Retrier[]);
    const isAsleep = ({ ErrorEquals }: Retrier) =>
      ErrorEquals.includes("Lambda.ResourceNotReadyException");
    const sleeps = retriers.filter(isAsleep).map(longestWait);
    // The longest that a function was seen to take to wake.
    expect(Math.min(...sleeps)).toBeGreaterThan(106);
    const troubles = retriers.filter((retrier) => !isAsleep(retrier)).map(longestWait);
    const all = Math.max(...sleeps) + troubles.reduce((sum, one) => sum + one, 0);
    expect(all).toBeLessThan(CHILD_SECONDS - 30);
  },
);

test("what fails in a store is written down before it is counted", () => {
  const map = machine().States["Stores"] as unknown as { ItemProcessor: States };
  const { States: states } = map.ItemProcessor;
  const tasks = Object.entries(states).filter(
    ([name, { Type }]) => Type === "Task" && name !== "Note",
  );
  for (const [, { Catch }] of tasks) {
    expect(Catch).toEqual([{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Note" }]);
  }
  expect(states["Note"]).toMatchObject({ Next: "Failed" });
});

test("a role that is seconds old is waited for by the first call, for about two minutes", () => {
  const retriers = machine().States["Plan"]?.["Retry"] as Retrier[];
  // What Step Functions calls the refusal, as awslabs/aws-deployment-framework#460 shows it; the first that matches is taken.
  const first = retriers.find(({ ErrorEquals }) =>
    ErrorEquals.includes("Lambda.AWSLambdaException"),
  );
  expect(first).toBe(retriers[0]);
  const waited = first === undefined ? 0 : longestWait(first);
  expect(waited).toBeGreaterThan(90);
  expect(waited).toBeLessThan(150);
});
