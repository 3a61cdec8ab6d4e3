import { countResources, MOST_RESOURCES, type ResourceCount } from "../../bench/resources/count";
import { KINDS } from "../../contract/kinds";
import { stubBundles } from "./stub-bundles";

/** How many resources a stack holds: the engine is as slow as its state is long. */
describe("resources of a stack", () => {
  const bundles = stubBundles();
  let counted: ResourceCount;

  beforeAll(async () => {
    counted = await countResources(bundles.folder);
  });

  afterAll(() => bundles.remove());

  test.each(KINDS)("a %s store has at most as many as it may", (kind) => {
    expect(counted.perStore[kind]).toBeGreaterThan(0);
    expect(counted.perStore[kind]).toBeLessThanOrEqual(MOST_RESOURCES.perStore[kind]);
  });

  test("with every function, the install endpoint and both keys, at most 33 are shared", () => {
    expect(counted.shared).toBeGreaterThan(0);
    expect(counted.shared).toBeLessThanOrEqual(MOST_RESOURCES.shared);
  });

  test("an app has its secret and one version; alarms come only when config asks for them", () => {
    expect(counted.perApp).toBe(2);
    expect(counted.alarms).toBeGreaterThan(0);
  });
});
