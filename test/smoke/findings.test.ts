import {
  ASSUMPTIONS,
  type Assumption,
  STACK_ASSUMPTIONS,
  VERSION_ASSUMPTIONS,
} from "../../smoke/catalogue";
import { CleanUp } from "../../smoke/clean-up";
import { Findings, fails, holds, type Sight } from "../../smoke/findings";

const COSTLY = STACK_ASSUMPTIONS.up;
const HARMLESS = VERSION_ASSUMPTIONS.first;

async function found(assumption: Assumption, look: () => Promise<Sight>) {
  const lines: string[] = [];
  const findings = new Findings((line) => lines.push(line), new AbortController().signal);
  const isSo = await findings.check(assumption, look);
  const { isSound } = findings.conclude();
  return { isSo, isSound, said: lines.join("\n") };
}

describe("a check", () => {
  test("that holds says so", async () => {
    const { isSo, isSound, said } = await found(COSTLY, async () => holds());
    expect({ isSo, isSound }).toEqual({ isSo: true, isSound: true });
    expect(said).toContain(`holds    ${COSTLY.name}: ${COSTLY.assumes}`);
    expect(said).toContain(`${ASSUMPTIONS.length - 1} not checked`);
  });

  test("that fails says what was seen and what it means", async () => {
    const { isSo, isSound, said } = await found(COSTLY, async () => fails("smoke"));
    expect({ isSo, isSound }).toEqual({ isSo: false, isSound: false });
    expect(said).toContain(`FAILS    ${COSTLY.name}`);
    expect(said).toContain("saw:   smoke");
    expect(said).toContain(`means: ${COSTLY.otherwise}`);
  });

  test("that throws fails, and the run goes on", async () => {
    const { isSo, said } = await found(COSTLY, () => Promise.reject(new RangeError("odd")));
    expect(isSo).toBe(false);
    expect(said).toContain("saw:   RangeError: odd");
  });

  test("of what the product can live with does not make the run fail", async () => {
    const { isSo, isSound, said } = await found(HARMLESS, async () => fails("other"));
    expect({ isSo, isSound }).toEqual({ isSo: false, isSound: true });
    expect(said).toContain(`differs  ${HARMLESS.name}`);
    expect(said).toContain("works either way");
  });

  test("is not begun after an interruption", async () => {
    const interruption = new AbortController();
    const findings = new Findings(() => undefined, interruption.signal);
    interruption.abort();
    const look = jest.fn(async () => holds());
    await expect(findings.check(COSTLY, look)).rejects.toThrow();
    expect(look).not.toHaveBeenCalled();
  });
});

describe("the clean-up", () => {
  test("deletes last made first, tries everything, and names what is left", async () => {
    const cleanUp = new CleanUp();
    const order: string[] = [];
    const gone = Object.assign(new Error("gone"), { name: "ResourceNotFoundException" });
    cleanUp.add("first", async () => order.push("first"));
    cleanUp.add("stuck", () => Promise.reject(new Error("in use")));
    cleanUp.add("gone", () => Promise.reject(gone));
    cleanUp.add("last", async () => order.push("last"));
    const lines: string[] = [];
    expect(await cleanUp.run((line) => lines.push(line))).toEqual(["stuck"]);
    expect(order).toEqual(["last", "first"]);
    expect(lines).toEqual(["  could not delete stuck: Error: in use"]);
  });

  test("deletes nothing twice", async () => {
    const cleanUp = new CleanUp();
    const remove = jest.fn(async () => undefined);
    cleanUp.add("one", remove);
    await cleanUp.run(() => undefined);
    await cleanUp.run(() => undefined);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});

test("assumptions have names of their own", () => {
  expect(new Set(ASSUMPTIONS.map(({ name }) => name)).size).toBe(ASSUMPTIONS.length);
});
