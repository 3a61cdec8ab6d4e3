import type { KeyArn, StoreKey } from "../../contract/brands";
import { adviceRow, type ErrorCode, isErrorCode } from "../../contract/errors";
import { functionName } from "../../contract/names";
import type { CheckedStage, CheckedStore, MigrateResult, NotifyResult } from "../../contract/sweep";
import { MINUTE_MS, SECOND_MS } from "../../contract/time";
import type { FunctionsPort } from "../aws/ports";
import type { Host } from "../host";
import { Refusal } from "../refusal";

/** Which function is asked. */
export interface Asked {
  readonly functions: Pick<FunctionsPort, "invoke">;
  readonly prefix: string;
}

/** How many stores one invocation is asked for: its time must do for all of them. */
const STORES_AT_ONCE = 100;

/** Lets the sweep function try stores' tokens at Shopify. */
export async function askCheck(
  asked: Asked,
  stores: readonly StoreKey[],
  stage: CheckedStage = "AWSCURRENT",
): Promise<readonly CheckedStore[]> {
  const found: CheckedStore[] = [];
  for (let start = 0; start < stores.length; start += STORES_AT_ONCE) {
    const some = stores.slice(start, start + STORES_AT_ONCE);
    found.push(...(await askForStores(asked, { action: "check", stores: some, stage })));
  }
  return found;
}

/** Lets the sweep function renew one-hour pairs now. */
export function askRenewal(
  asked: Asked,
  stores: readonly StoreKey[],
): Promise<readonly CheckedStore[]> {
  return askForStores(asked, { action: "renew", stores });
}

/** The pauses before a migration that did not come to its end is asked for again. */
const ASKED_AGAIN_AFTER_MS = [2 * SECOND_MS, 20 * SECOND_MS, MINUTE_MS];

/**
 * Lets the sweep function migrate a store, which cannot be undone; again where it was cut off or failed for a while.
 *
 * Shopify revokes the old token with its first answer, and the store would be without one until the next sweep. The same
 * exchange brings the same pair for days.
 */
export async function askMigrationToItsEnd(
  asked: Asked,
  store: StoreKey,
  { sleep }: Pick<Host, "sleep">,
): Promise<MigrateResult> {
  for (const pauseMs of ASKED_AGAIN_AFTER_MS) {
    try {
      return await askMigration(asked, store);
    } catch (error) {
      if (!mayHaveBeenCutOff(error)) throw error;
      await sleep(pauseMs);
    }
  }
  return await askMigration(asked, store);
}

function mayHaveBeenCutOff(error: unknown): boolean {
  return error instanceof Refusal && error.code !== undefined && adviceRow(error.code).retryable;
}

async function askMigration(asked: Asked, store: StoreKey): Promise<MigrateResult> {
  const result = await asked.functions.invoke(sweepOf(asked), { action: "migrate", store });
  if (!isObject(result) || typeof result["outcome"] !== "string") throw oddAnswer(asked);
  return result as unknown as MigrateResult;
}

/** Lets the sweep function renew a store with a key of its app, and with nothing else. */
export async function askProof(
  asked: Asked,
  store: StoreKey,
  key: KeyArn,
): Promise<{ readonly isProven: boolean; readonly code: ErrorCode | "" }> {
  const result = await asked.functions.invoke(sweepOf(asked), { action: "prove", store, key });
  if (!isObject(result)) throw oddAnswer(asked);
  const { isProven, code } = result;
  if (typeof isProven === "boolean" && isCode(code)) return { isProven, code };
  throw oddAnswer(asked);
}

/** Lets the sweep function ask which address its requests come from; null: nobody could tell. */
export async function askAddress(asked: Asked): Promise<string | null> {
  const result = await asked.functions.invoke(sweepOf(asked), { action: "address" });
  const address = isObject(result) ? result["address"] : undefined;
  if (address === null || typeof address === "string") return address;
  throw oddAnswer(asked);
}

/** Lets the sweep function send a test notice that ends with a word. */
export async function askNotice(asked: Asked, word: string): Promise<NotifyResult["outcome"]> {
  const result = await asked.functions.invoke(sweepOf(asked), { action: "notify", word });
  const outcome = isObject(result) ? result["outcome"] : undefined;
  if (outcome === "handed_over" || outcome === "no_topic") return outcome;
  throw oddAnswer(asked);
}

async function askForStores(asked: Asked, payload: object): Promise<readonly CheckedStore[]> {
  const result = await asked.functions.invoke(sweepOf(asked), payload);
  const stores = isObject(result) ? result["stores"] : undefined;
  if (!Array.isArray(stores) || !stores.every(isFinding)) throw oddAnswer(asked);
  return stores;
}

function sweepOf({ prefix }: Asked): string {
  return functionName(prefix, "sweep");
}

function isFinding(found: unknown): found is CheckedStore {
  if (!isObject(found)) return false;
  const { store, state, code, answer } = found;
  const isAnswer = answer === undefined || answer === "works" || isErrorCode(answer);
  return typeof store === "string" && typeof state === "string" && isCode(code) && isAnswer;
}

function isCode(code: unknown): code is ErrorCode | "" {
  return code === "" || isErrorCode(code);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function oddAnswer(asked: Asked): Refusal {
  return new Refusal(
    `${sweepOf(asked)} answers in a way that this version of the command does not know`,
    "install the version of shopify-secrets that the stack was deployed with",
  );
}
