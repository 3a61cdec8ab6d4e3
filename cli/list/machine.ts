import { ENVIRONMENT } from "../../contract/environment";
import { functionName, LIST_ROLE, listMachineName } from "../../contract/names";
import { placeOfArn } from "../../contract/policy";
import type { ListRunsPort } from "../aws/ports";
import type { Call } from "../command";
import { Refusal } from "../refusal";

/** The run that is under way; undefined: none is. */
export async function underWay(
  runs: ListRunsPort,
  machine: DeployedList,
): Promise<string | undefined> {
  const latest = await runs.latest(machine.machineArn);
  if (latest === undefined) return undefined;
  return (await runs.look(latest)).status === "RUNNING" ? latest : undefined;
}

/** What of a stack applies its list. */
export interface DeployedList {
  readonly machineArn: string;
  readonly bucket: string;
}

/**
 * Finds the state machine of the stack's list by the function that works for it.
 *
 * @throws {Refusal} the stack has no list
 */
export async function findMachine({
  aws,
  prefix,
}: Pick<Call, "aws" | "prefix">): Promise<DeployedList> {
  const found = await aws.functions.describe(functionName(prefix, LIST_ROLE));
  const bucket = found?.variables[ENVIRONMENT.listBucket];
  if (found?.functionArn === undefined || bucket === undefined) {
    throw new Refusal(
      `the stack of ${prefix} has no list of stores`,
      "name one: pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl, then pulumi up --continue-on-error",
    );
  }
  const { partition, region, accountId } = placeOfArn(found.functionArn);
  const head = `arn:${partition}:states:${region}:${accountId}`;
  return { machineArn: `${head}:stateMachine:${listMachineName(prefix)}`, bucket };
}
