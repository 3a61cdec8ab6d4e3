import { setImmediate as turn } from "node:timers/promises";
import { runInThisContext } from "node:vm";

// A warning of the process fails the test that caused it: it is printed wherever the product runs, by code that knows
// nothing of secrets, and nobody reads it in a log of tests. Jest gives its tests a copy of `process`, which no
// warning reaches; this is the real one.
const machine = runInThisContext("process") as NodeJS.Process;
const warnings: Error[] = [];
const keep = (warning: Error) => void warnings.push(warning);

machine.on("warning", keep);

afterEach(requireSilence);

afterAll(async () => {
  await requireSilence();
  machine.off("warning", keep);
});

/** Warnings come a moment after what caused them. */
async function requireSilence(): Promise<void> {
  await turn();
  const [first] = warnings.splice(0);
  if (first !== undefined) throw new Error(`the process warned: ${first.stack ?? first.message}`);
}
