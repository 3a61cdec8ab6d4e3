import { sized } from "../long";
import { FAULTS } from "./world/faults";
import { runScenario, SCENARIOS, type Scenario, type Strike } from "./world/scenarios";

/** Every pair of faults at full size; every so many of them otherwise, all the same in each run. */
const STRIDE = sized(61, 1);

/** Every fault of the scenario, and after it every fault of what is called from then on, until it is mended. */
async function* pairsOf(scenario: Scenario): AsyncGenerator<readonly [Strike, Strike]> {
  const { calls } = await runScenario(scenario);
  let count = 0;
  for (const at of calls.keys()) {
    for (const fault of FAULTS) {
      const first = { at, fault };
      // What is called after the first fault, retries and the next attempts included.
      const { allCalls } = await runScenario(scenario, { strikes: [first] });
      for (let later = at + 1; later < allCalls.length; later += 1) {
        for (const second of FAULTS) {
          count += 1;
          if (count % STRIDE === 0) yield [first, { at: later, fault: second }];
        }
      }
    }
  }
}

describe.each(SCENARIOS)("$name", (scenario) => {
  test("survives two faults, wherever they are", async () => {
    const outcomes: string[] = [];
    let tried = 0;
    for await (const strikes of pairsOf(scenario)) {
      tried += 1;
      const { broken } = await runScenario(scenario, { strikes });
      const told = strikes.map(({ at, fault }) => `${fault} at call ${at}`).join(", ");
      outcomes.push(...broken.map((what) => `${told}: ${what}`));
    }
    expect(outcomes).toEqual([]);
    expect(tried).toBeGreaterThan(sized(50, 2_000));
  });
});
