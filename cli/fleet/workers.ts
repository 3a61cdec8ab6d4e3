import { ENVIRONMENT } from "../../contract/environment";
import { functionName } from "../../contract/names";
import type { Call } from "../command";

/** Whether the stack's sweep sends its work to workers, as its own settings say. */
export async function hasWorkers({ aws, prefix }: Pick<Call, "aws" | "prefix">): Promise<boolean> {
  const sweep = await aws.functions.describe(functionName(prefix, "sweep"));
  return sweep?.variables[ENVIRONMENT.workQueueUrl] !== undefined;
}
