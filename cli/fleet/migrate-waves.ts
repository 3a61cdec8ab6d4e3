import type { StoreKey } from "../../contract/brands";
import { type ErrorCode, passesByItself } from "../../contract/errors";
import { holderOf } from "../../contract/store/secret-facts";
import type { CheckedStore, MigrateResult } from "../../contract/sweep";
import { MINUTE_MS, SECOND_MS } from "../../contract/time";
import type { WaveRules } from "../../contract/waves";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";
import { Refusal } from "../refusal";
import { askCheck, askMigrationToItsEnd } from "./ask-functions";
import type { StoreSeen } from "./store-view";
import { type Changed, runWaves, type Wave, type WavesEnd } from "./waves";

/** How the migration of one store ended. */
export interface Migrated extends Changed {
  readonly store: StoreKey;
  /** `unproved`: it was exchanged, and Shopify was not seen to take the new token. */
  readonly outcome: "migrated" | "unproved" | "failed";
  readonly code: ErrorCode | "";
  /** What is said of a failure. */
  readonly refusal?: Refusal;
  readonly result?: MigrateResult;
}

/** How the waves are driven. */
export interface Driving {
  readonly rules: WaveRules;
  /** How many stores are migrated at a time. */
  readonly atOnce: number;
  /** How long the first few may take until each was renewed once. */
  readonly soakMs: number;
}

type Needs = Pick<Call, "aws" | "prefix" | "host">;

/**
 * Migrates stores in waves: the first few alone, until the sweep renewed each of them once, then ever larger ones.
 *
 * It keeps nothing of its own: what was begun stands in each store's secret, so that a run which was cut off is
 * begun again, and two at once do no harm.
 */
export async function migrateInWaves(
  needs: Needs,
  stores: readonly StoreSeen[],
  driving: Driving,
): Promise<WavesEnd<Migrated>> {
  return await runWaves<StoreSeen, Migrated>(stores, {
    rules: driving.rules,
    change: async (wave, mayGoOn) => {
      const migrated = await migrateWave({ needs, wave, atOnce: driving.atOnce }, mayGoOn);
      const { soakMs } = driving;
      const soaked = wave.isCanary ? await soak(migrated, stores, { needs, soakMs }) : migrated;
      return await proved(needs, soaked);
    },
    tell: (wave, results) => needs.host.err.write(`${endOf(wave, results)}\n`),
  });
}

function endOf({ number, isCanary }: Wave<StoreSeen>, results: readonly Migrated[]): string {
  const well = results.filter(({ outcome }) => outcome === "migrated").length;
  const which = isCanary ? `wave ${number}, the first few` : `wave ${number}`;
  return `${which}: ${well} of ${results.length} migrated and proved at Shopify`;
}

async function migrateWave(
  { needs, wave, atOnce }: { needs: Needs; wave: Wave<StoreSeen>; atOnce: number },
  mayGoOn: (failed: number) => boolean,
): Promise<Migrated[]> {
  const queue = [...wave.stores];
  const ended: Migrated[] = [];
  const failed = () => ended.filter(({ hasFailed }) => hasFailed).length;
  const workers = Array.from({ length: atOnce }, async () => {
    for (let seen = queue.shift(); seen !== undefined; seen = queue.shift()) {
      ended.push(await migrateOne(needs, seen.store));
      if (!mayGoOn(failed())) queue.length = 0;
    }
  });
  await whileTelling(
    needs.host,
    () => `wave ${wave.number}: ${ended.length} of ${wave.stores.length} migrated`,
    () => Promise.all(workers),
  );
  return ended;
}

async function migrateOne(needs: Needs, store: StoreKey): Promise<Migrated> {
  const { aws, prefix, host } = needs;
  const asked = { functions: aws.functions, prefix };
  try {
    const result = await askMigrationToItsEnd(asked, store, host);
    return { store, outcome: "migrated", code: "", hasFailed: false, result };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code = "" } = error;
    return { store, outcome: "failed", code, hasFailed: true, refusal: error };
  }
}

const POLL_MS = 15 * SECOND_MS;

/** Waits until the sweep renewed each store once: only that proves the refresh token. */
async function soak(
  migrated: readonly Migrated[],
  stores: readonly StoreSeen[],
  { needs, soakMs }: { readonly needs: Needs; readonly soakMs: number },
): Promise<Migrated[]> {
  const { aws, host } = needs;
  let waiting = migrated.flatMap(({ store, result }) => {
    const secretArn = stores.find((seen) => seen.store === store)?.secretArn;
    return secretArn === undefined || result === undefined ? [] : [{ store, secretArn, result }];
  });
  const wait = async () => {
    for (let waited = 0; waited < soakMs && waiting.length > 0; waited += POLL_MS) {
      await host.sleep(POLL_MS);
      const looked = await Promise.all(
        waiting.map(async (one) => ({ one, facts: await aws.secrets.describe(one.secretArn) })),
      );
      waiting = looked
        .filter(({ one, facts }) => holderOf(facts, "AWSCURRENT") === one.result.versionId)
        .map(({ one }) => one);
    }
  };
  const says = () =>
    `the first few: ${waiting.length} of ${migrated.length} await their first renewal`;
  await whileTelling(host, says, wait);
  const isWaiting = (store: StoreKey) => waiting.some((one) => one.store === store);
  return migrated.map((one) =>
    isWaiting(one.store) ? { ...one, outcome: "unproved", hasFailed: true } : one,
  );
}

/** The pauses before new tokens that could not be tried are tried again. */
const PAUSES_MS = [5 * SECOND_MS, 20 * SECOND_MS, MINUTE_MS];

/** Has Shopify take every new token; what an outage leaves open is asked again. */
async function proved(needs: Needs, migrated: readonly Migrated[]): Promise<Migrated[]> {
  let open = migrated.filter(({ hasFailed }) => !hasFailed).map(({ store }) => store);
  const answers = new Map<StoreKey, CheckedStore>();
  for (let attempt = 0; open.length > 0; attempt += 1) {
    for (const found of await ask(needs, open)) answers.set(found.store as StoreKey, found);
    open = open.filter((store) => isOpen(answers.get(store)));
    const pauseMs = PAUSES_MS[attempt];
    if (open.length === 0 || pauseMs === undefined) break;
    await needs.host.sleep(pauseMs);
  }
  return migrated.map((one) => (one.hasFailed ? one : judged(one, answers.get(one.store))));
}

async function ask(needs: Needs, stores: readonly StoreKey[]): Promise<readonly CheckedStore[]> {
  const { aws, prefix, host } = needs;
  try {
    return await whileTelling(
      host,
      () => `trying ${stores.length} new tokens at Shopify`,
      () => askCheck({ functions: aws.functions, prefix }, stores),
    );
  } catch (error) {
    if (error instanceof Refusal && mayPass(error)) return [];
    throw error;
  }
}

/** A function that was ended from outside may name no code. */
function mayPass({ code }: Refusal): boolean {
  return code === undefined || passesByItself(code);
}

function isOpen(found: CheckedStore | undefined): boolean {
  if (found?.answer === undefined) return true;
  return found.answer !== "works" && passesByItself(found.answer);
}

function judged(migrated: Migrated, found: CheckedStore | undefined): Migrated {
  if (found?.answer === "works" || found?.answer === "scope_missing") return migrated;
  return { ...migrated, outcome: "unproved", code: found?.answer ?? "", hasFailed: true };
}
