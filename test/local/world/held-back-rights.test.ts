import { epochMs } from "../../../contract/time";
import { WorldClock } from "../../../local/clock/world-clock";
import { HeldBackRights } from "../../../local/world/held-back-rights";

const DELAY = 10_000;

function world() {
  const clock = new WorldClock({ real: { now: () => epochMs(1_000_000) } });
  const rights = new HeldBackRights(clock, DELAY);
  const call = (service: string, operation: string, allowed = true) =>
    rights.see({ service, operation, allowed, atMs: clock.now() });
  return {
    rights,
    change: () => call("iam", "PutRolePolicy"),
    refuse: () => call("secretsmanager", "DescribeSecret", false),
    call,
    passed: () => clock.offsetMs,
  };
}

test("a refusal lets time pass while a change is not yet believed, and no longer", () => {
  const { change, refuse, passed } = world();
  change();
  for (let times = 0; times < 20; times += 1) refuse();
  expect(passed()).toBe(DELAY);
});

test("a refusal has its reason elsewhere when nothing was changed", () => {
  const { refuse, call, passed } = world();
  call("iam", "GetRole");
  refuse();
  expect(passed()).toBe(0);
});

test("what is allowed waits for nothing", () => {
  const { change, call, passed } = world();
  change();
  call("secretsmanager", "DescribeSecret");
  expect(passed()).toBe(0);
});

test("letting it pass moves on to when everything is believed, once", () => {
  const { change, rights, passed } = world();
  rights.letPass();
  expect(passed()).toBe(0);
  change();
  rights.letPass();
  rights.letPass();
  expect(passed()).toBe(DELAY);
});
