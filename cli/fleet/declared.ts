import { isStoreKey, type StoreKey } from "../../contract/brands";
import { adviceOf, type ErrorCode } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { Call } from "../command";
import type { Complaint } from "../print/complaints";
import { whileTelling } from "../print/progress";
import { shownWord } from "../print/shown-word";
import { runPulumi } from "../pulumi";
import { Refusal, usageError } from "../refusal";
import { atOnce } from "./at-once";
import { pickWhole, storeIn, type WholeFleet } from "./fleet";
import type { StoreSeen } from "./store-view";

/** What a stack declares: its stores by their keys in config, with the ARNs of their secrets. */
export type Declared = ReadonlyMap<StoreKey, string>;

/** Pulumi's own rule, with the organization and project that may stand before the name. */
const STACK = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+){0,2}$/;

/** Refuses what can be no stack's name; nobody is asked for it. */
export function judgeStack(given: string | undefined): void {
  if (given === undefined || STACK.test(given)) return;
  throw usageError(`${shownWord(given)} is no stack`, "give one such as --stack prod");
}

/**
 * The stores of a stack by its output `stores`. AWS forgets a secret that was deleted for good, and nothing that
 * it still has names the store: only the stack's own state does.
 */
export async function readDeclared({ host }: Call, stack: string): Promise<Declared> {
  const asked = ["stack", "output", "stores", "--json", "--stack", stack];
  const { exitCode, json } = await whileTelling(
    host,
    () => `asking Pulumi what ${stack} declares`,
    () => runPulumi(asked, host, `shopify-secrets status --stack ${stack}`),
  );
  const stores = exitCode === 0 ? parseJsonQuietly(json) : undefined;
  if (typeof stores !== "object" || stores === null) {
    throw new Refusal(
      `Pulumi does not tell the stores of the stack ${stack}`,
      `mend what Pulumi says: pulumi ${asked.join(" ")}`,
    );
  }
  const entries = Object.entries(stores as Readonly<Record<string, { secretArn?: unknown }>>);
  return new Map(
    entries.flatMap(([key, { secretArn }]) =>
      isStoreKey(key) && typeof secretArn === "string" ? [[key, secretArn] as const] : [],
    ),
  );
}

/** A fleet beside what its stack declares. */
export interface ComparedFleet extends WholeFleet {
  /** Declared stores without a secret, or with one that waits for its deletion; empty where no stack is named. */
  readonly missing: readonly Complaint[];
}

/** Finds the declared stores that are not there; one that no list shows yet is looked for by its ARN. */
export async function compare(
  fleet: WholeFleet,
  declared: Declared,
  { aws, prefix }: Pick<Call, "aws" | "prefix">,
): Promise<ComparedFleet> {
  const known = new Set(fleet.stores.map(({ store }) => store));
  const unseen = [...declared].filter(([key]) => !known.has(key));
  const looked = await atOnce(unseen, async ([key, secretArn]) => {
    const secret = await aws.secrets.find(secretArn);
    return { key, seen: secret && storeIn(secret, prefix) };
  });
  const isThere = (seen: StoreSeen | undefined): seen is StoreSeen =>
    seen !== undefined && seen.facts.deletedAt === undefined;
  const late = looked.flatMap(({ seen }) => (isThere(seen) ? [seen] : []));
  const missing = looked
    .filter(({ seen }) => !isThere(seen))
    .map(({ key, seen }) =>
      complaintOf(key, seen === undefined ? GONE : "secret_pending_deletion"),
    );
  return { ...fleet, stores: [...fleet.stores, ...late], missing };
}

/** The named ones of all; no words: all. */
export function pickCompared(fleet: ComparedFleet, words: readonly string[]): ComparedFleet {
  const missing = fleet.missing.filter(({ store }) => words.length === 0 || words.includes(store));
  const others = words.filter((word) => !missing.some(({ store }) => store === word));
  const nothing = { stores: [], deleted: [] };
  const picked = words.length > 0 && others.length === 0 ? nothing : pickWhole(fleet, others);
  return { ...picked, missing };
}

const GONE = "secret_not_found";

function complaintOf(store: StoreKey, code: ErrorCode): Complaint {
  return { store, code, ...adviceOf(code, { store }) };
}
