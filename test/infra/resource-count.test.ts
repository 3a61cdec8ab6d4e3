import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countResources, MOST_RESOURCES, type ResourceCount } from "../../bench/resources/count";
import { KINDS } from "../../contract/kinds";
import { FUNCTION_ROLES } from "../../contract/names";

/** How many resources a stack holds: the engine is as slow as its state is long. */
describe("resources of a stack", () => {
  const bundles = mkdtempSync(join(tmpdir(), "bundles-"));
  let plural: ResourceCount;

  beforeAll(async () => {
    for (const role of FUNCTION_ROLES) {
      mkdirSync(join(bundles, role));
      writeFileSync(join(bundles, role, "index.mjs"), "export const handler = () => {};");
    }
    plural = await countResources(bundles);
  });

  afterAll(() => rmSync(bundles, { recursive: true }));

  test.each(KINDS)("a %s store has at most as many as it may", (kind) => {
    expect(plural.perStore[kind]).toBeGreaterThan(0);
    expect(plural.perStore[kind]).toBeLessThanOrEqual(MOST_RESOURCES.perStore[kind]);
  });

  test("with every function, the install endpoint and both keys, at most 33 are shared", () => {
    expect(plural.shared).toBeGreaterThan(0);
    expect(plural.shared).toBeLessThanOrEqual(MOST_RESOURCES.shared);
  });

  test("an app has its secret and one version; alarms come only when config asks for them", () => {
    expect(plural.perApp).toBe(2);
    expect(plural.alarms).toBeGreaterThan(0);
  });
});
