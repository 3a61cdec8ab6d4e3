import type { LambdaContext } from "../runtime";
import type { SweepAnswer } from "./dispatch";
import { answerSweep, createSweepDeps } from "./function";

const createDeps = createSweepDeps();

/** The sweep function: its schedule calls it every ten minutes, the operator's command in between. */
export async function handler(raw: unknown, context: LambdaContext): Promise<SweepAnswer> {
  return await answerSweep(raw, context, createDeps);
}
