import type { StoreKey } from "../../../contract/brands";
import { limitProblems } from "../../../infra/config/limits";
import { parseFleet } from "../../../infra/config/parse-fleet";
import type { FleetSpec } from "../../../infra/config/spec";
import { SMALL_STACK } from "../small-stack";
import { reading } from "./at";

const PLACE = { partition: "aws", accountId: "000000000000", region: "us-east-1" };

/** The small stack with so many copies of its store of that name. */
function fleetWith(store: string, count: number): FleetSpec {
  const { fleet } = parseFleet(SMALL_STACK, reading("shopify/test"));
  const [copied] = (fleet?.stores ?? []).filter(({ key }) => key === store);
  if (fleet === undefined || copied === undefined) throw new Error("the small stack is another");
  const stores = Array.from({ length: count }, (_, index) => ({
    ...copied,
    key: `${store}-${index}` as StoreKey,
  }));
  return { ...fleet, stores };
}

test("as many one-hour pairs as a sweep renews in time are taken", () => {
  expect(limitProblems(fleetWith("hourly", 20_250), PLACE)).toEqual([]);
});

test("one more is refused, with the way on", () => {
  const [problem, ...more] = limitProblems(fleetWith("hourly", 20_251), PLACE);
  expect(more).toEqual([]);
  expect(problem).toEqual({
    path: "shopify-secrets:stores",
    says: expect.stringMatching(
      /^hold 20251 .* at most 20250 in time .* another region or account$/,
    ),
  });
});

test("with workers it is twice as many, and the refusal of one more says no other way than another place", () => {
  const withQueue = (count: number) => {
    const fleet = fleetWith("hourly", count);
    return { ...fleet, settings: { ...fleet.settings, workQueue: true } };
  };
  expect(limitProblems(withQueue(40_500), PLACE)).toEqual([]);
  const [problem] = limitProblems(withQueue(40_501), PLACE);
  expect(problem?.says).toMatch(/^hold 40501 .* at most 40500 in time .*; move some of the stores/);
});

test("rotations write too: more of them than the quota takes on the mean are refused", () => {
  expect(limitProblems(fleetWith("acme", 600_000), PLACE)).toEqual([]);
  const [problem] = limitProblems(fleetWith("acme", 700_000), PLACE);
  expect(problem?.says).toMatch(/^would write 48\.6 times a second .* rotate them less often/);
});

test("what Secrets Manager renews does not count", () => {
  expect(limitProblems(fleetWith("acme", 30_000), PLACE)).toEqual([]);
});

test("tags that are longer than an open app's function can be told of are refused before anything is made", () => {
  const { fleet } = parseFleet(SMALL_STACK, reading("shopify/test"));
  const tags = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`tag-${index}`, "x".repeat(200)]),
  );
  const settings = { ...fleet.settings, tags };
  expect(limitProblems({ ...fleet, settings }, PLACE)).toEqual([]);
  const apps = fleet.apps.map((app) => ({ ...app, open: { newStoresAnHour: 1 } }));
  expect(limitProblems({ ...fleet, apps }, PLACE)).toEqual([]);
  expect(limitProblems({ ...fleet, apps, settings }, PLACE)).toEqual([
    {
      path: "shopify-secrets:tags",
      says: expect.stringMatching(/^hold \d{4} bytes .* 3500: shorten them/),
    },
  ]);
});
