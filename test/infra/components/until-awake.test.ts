import { wake } from "../../../infra/components/until-awake";

const ASLEEP = new Error(
  "Invoke: aws:lambda/getInvocation:getInvocation failed: invoking Lambda Function (shopify-prod-enrol): CodeArtifactUserPendingException: Lambda is initializing your function. It will be ready to invoke shortly.",
);
const PENDING = new Error(
  "ResourceConflictException: The operation cannot be performed at this time. The function is currently in the following state: Pending",
);

/** Calls a function that fails in these ways, one after the other, and then answers. */
async function waking(failures: readonly Error[]) {
  const left = [...failures];
  const seen = { calls: 0, pauses: 0, told: 0 };
  await wake(
    async () => {
      seen.calls += 1;
      const failure = left.shift();
      if (failure !== undefined) throw failure;
    },
    {
      tell: () => {
        seen.told += 1;
      },
      wait: async () => {
        seen.pauses += 1;
      },
    },
  );
  return seen;
}

test("a function that is awake is called once", async () => {
  expect(await waking([])).toEqual({ calls: 1, pauses: 0, told: 0 });
});

test.each([
  ["sleeps", [ASLEEP, ASLEEP, ASLEEP]],
  ["sleeps, and is pending while it wakes", [ASLEEP, PENDING, PENDING]],
])(
  "a function that %s is called until it answers, and people are told once",
  async (_, failures) => {
    expect(await waking(failures)).toEqual({ calls: 4, pauses: 3, told: 1 });
  },
);

test.each(["AccessDeniedException: not authorized", "ResourceNotFoundException: not found"])(
  "what is no sleep is left to the function's next caller: %s",
  async (message) => {
    expect(await waking([new Error(message)])).toEqual({ calls: 1, pauses: 0, told: 0 });
  },
);

test("a function that does not wake in five minutes is left to its next caller, too", async () => {
  expect(await waking(Array.from({ length: 100 }, () => ASLEEP))).toEqual({
    calls: 60,
    pauses: 60,
    told: 1,
  });
});
