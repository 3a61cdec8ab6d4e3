import type { StoreKey } from "../../contract/brands";
import { type ErrorCode, isErrorCode } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { holderOf, type SecretFacts } from "../../contract/store/secret-facts";
import { parseStatus, type StoreStatus } from "../../contract/store/status";
import type { CheckedStore } from "../../contract/sweep";
import { type EpochMs, parseIso, SECOND_MS } from "../../contract/time";
import type { Call } from "../command";
import { Refusal } from "../refusal";
import { askRenewal } from "./ask-functions";
import type { StoreSeen } from "./store-view";

/** How the renewal of one store ended. */
export interface StoreRenewal {
  readonly store: StoreKey;
  /** `left`: too much failed before its turn came. */
  readonly outcome: "renewed" | "failed" | "waiting" | "left";
  /** Empty: nothing to complain of, or no code is known. */
  readonly code: ErrorCode | "";
  /** What AWS or a function says, when no code says it. */
  readonly refusal?: Refusal;
  readonly expiresAt: EpochMs | undefined;
}

/** How many rotations are started and waited for at the same time. */
const AT_ONCE = 5;
const POLL_MS = SECOND_MS;
/** How many polls the status may lag behind the label. */
const STATUS_LAG_POLLS = 5;

/** Renews stores and waits for the end of each; one store's failure never stops another's. */
export async function renewStores(
  call: Pick<Call, "aws" | "host" | "prefix">,
  stores: readonly StoreSeen[],
  progress: { readonly waitMs: number; readonly onEnd: (renewal: StoreRenewal) => void },
): Promise<StoreRenewal[]> {
  const queue = stores.filter((seen) => renewerOf(seen) === "secrets-manager");
  const pairs = stores.filter((seen) => renewerOf(seen) === "sweep");
  const ended: StoreRenewal[] = [];
  const end = (renewal: StoreRenewal) => {
    ended.push(renewal);
    progress.onEnd(renewal);
  };
  const rotations = Array.from({ length: AT_ONCE }, async () => {
    for (let seen = queue.shift(); seen !== undefined; seen = queue.shift()) {
      end(await unlessRefused(seen.store, rotate(call, seen, progress.waitMs)));
    }
  });
  await Promise.all([...rotations, renewPairs(call, pairs, end)]);
  return stores.flatMap(({ store }) => ended.find((renewal) => renewal.store === store) ?? []);
}

function renewerOf({ declaration }: StoreSeen) {
  return declaration === undefined ? "nobody" : kindFactsOf(declaration).renewer;
}

async function unlessRefused(store: StoreKey, work: Promise<StoreRenewal>): Promise<StoreRenewal> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { store, outcome: "failed", code: "", refusal: error, expiresAt: undefined };
  }
}

/** RotateSecret answers before anything has happened: the labels and the status tags tell the end. */
async function rotate(
  { aws, host }: Pick<Call, "aws" | "host">,
  { store, secretArn }: StoreSeen,
  waitMs: number,
): Promise<StoreRenewal> {
  const before = await aws.secrets.describe(secretArn);
  // AWS would answer that no function's ARN is associated with the secret.
  if (!before.rotationEnabled) {
    return { store, outcome: "failed", code: "rotation_off", expiresAt: undefined };
  }
  await aws.secrets.rotate(secretArn);
  let pollsSinceMoved = 0;
  for (let waited = 0; waited < waitMs; waited += POLL_MS) {
    await host.sleep(POLL_MS);
    const now = await aws.secrets.describe(secretArn);
    const status = parseStatus(now.tags);
    if (holderOf(now, "AWSCURRENT") !== holderOf(before, "AWSCURRENT")) {
      pollsSinceMoved += 1;
      const isTold = status.version !== parseStatus(before.tags).version;
      if (isTold || pollsSinceMoved > STATUS_LAG_POLLS) return renewed(store, status);
    } else if (hasFailedSince(before, status)) {
      return { store, outcome: "failed", code: status.lastErrorCode, expiresAt: endOf(status) };
    }
  }
  return { store, outcome: "waiting", code: "", expiresAt: undefined };
}

function hasFailedSince(before: SecretFacts, { lastErrorAt, lastErrorCode }: StoreStatus): boolean {
  return lastErrorCode !== "" && lastErrorAt !== parseStatus(before.tags).lastErrorAt;
}

function renewed(store: StoreKey, status: StoreStatus): StoreRenewal {
  return { store, outcome: "renewed", code: status.lastErrorCode, expiresAt: endOf(status) };
}

function endOf({ expiresAt }: StoreStatus): EpochMs | undefined {
  return typeof expiresAt === "number" ? expiresAt : undefined;
}

async function renewPairs(
  { aws, prefix }: Pick<Call, "aws" | "prefix">,
  pairs: readonly StoreSeen[],
  end: (renewal: StoreRenewal) => void,
): Promise<void> {
  if (pairs.length === 0) return;
  const stores = pairs.map(({ store }) => store);
  try {
    const found = await askRenewal({ functions: aws.functions, prefix }, stores);
    for (const store of stores) end(renewalOf(store, found));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const store of stores) {
      end({ store, outcome: "failed", code: "", refusal: error, expiresAt: undefined });
    }
  }
}

function renewalOf(store: StoreKey, findings: readonly CheckedStore[]): StoreRenewal {
  const found = findings.find((finding) => finding.store === store);
  // The function's time was over before it came to this one.
  if (found === undefined) return { store, outcome: "waiting", code: "", expiresAt: undefined };
  // It was renewed minutes ago, by the sweep as likely as not.
  const isTooEarly = found.code === "version_budget_spent";
  const isRenewed = found.state === "ok" && (found.code === "" || found.code === "scope_missing");
  return {
    store,
    outcome: isRenewed ? "renewed" : isTooEarly ? "waiting" : "failed",
    code: isErrorCode(found.code) ? found.code : "",
    expiresAt: parseIso(found.expiresAt ?? ""),
  };
}
