import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../../../local/world/world";
import { STORES_FILE } from "../../recorded/declared";
import { RECORDS, recordedStack, recordedState, STACKS } from "../../recorded/recorded-stack";
import { beginWorld } from "../begin-world";
import { changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { NEW_SINCE } from "./new-since";
import { copyProject } from "./project-copy";

/**
 * Stacks that earlier checkouts deployed are taken over by today's program as they are. A preview asks the
 * provider for differences only, so the empty world behind it need not hold the recorded resources.
 */
describe("recorded stacks", () => {
  let world: World;
  let stack: DeclaredStack;
  let projectDir: string;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    projectDir = copyProject(world);
    stack = new DeclaredStack(world, { projectDir });
    await stack.must(stack.engine.run(["stack", "init"]));
  });

  afterAll(async () => {
    await world?.stop();
  });

  /** What today's program would change in a recorded stack. */
  async function planFor(record: string, name: string, config: Declared = {}): Promise<string[]> {
    const { recorded } = recordedStack(record, name);
    stack.declare({ ...recorded.config, ...config });
    if (recorded.storesFile !== undefined) {
      writeFileSync(join(projectDir, STORES_FILE), recorded.storesFile);
    }
    const file = join(world.folder, "recorded-state.json");
    writeFileSync(file, recordedState(record, name));
    await stack.must(stack.engine.run(["stack", "import", "--file", file]));
    return changesIn(await stack.must(stack.preview()));
  }

  describe.each(RECORDS)("of %s", (record) => {
    test.each(STACKS)("%s: another stack finds what it took from the outputs", async (name) => {
      await planFor(record, name);
      const shown = await stack.must(stack.engine.run(["preview"]));
      expect(shown).not.toMatch(/^ *- +(?:readerPolicy|secretArn|stores|kmsKeyArn)\b/m);
    });

    test.each(STACKS)("%s: nothing is replaced, deleted or enrolled anew", async (name) => {
      const plan = await planFor(record, name);
      const created = plan.filter((change) => change.startsWith("+ "));
      const updated = plan.filter((change) => change.startsWith("~ "));
      expect(plan.filter((change) => !/^[+~] /.test(change))).toEqual([]);
      expect(created).toEqual(NEW_SINCE[record]);
      // An update of an invocation is another call of the function.
      expect(updated.filter((change) => change.includes("aws:lambda:Invocation"))).toEqual([]);
    });
  });

  test("a store that would be enrolled anew is seen", async () => {
    const [record] = RECORDS;
    const { recorded } = recordedStack(record, "every-kind");
    const stores = recorded.config["stores"] as Record<string, object>;
    const heritage = { ...stores["heritage"], scopes: ["read_products"] };
    const plan = await planFor(record, "every-kind", { stores: { ...stores, heritage } });
    expect(plan).toContain("+- aws:lambda:Invocation heritage-enrolment");
  });
});
