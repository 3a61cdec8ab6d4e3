import { createHash } from "node:crypto";
import { CodedError } from "../../contract/errors";
import {
  encodeStatus,
  parseStatus,
  STATUS_TAG_PREFIX,
  TAGS_OF_A_SECRET,
  TAGS_OF_FUNCTIONS,
} from "../../contract/store/status";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { EngineDeps } from "../engine/deps";
import { writeStatus } from "../engine/status";
import type { Store } from "../engine/store";

/** How long an approval counts as under way when nobody took its mark away: longer than an invocation lives. */
const STANDS_MS = 45 * SECOND_MS;
/** How long a mark stands before it is believed: whoever saw none before it has written his own by then. */
const SETTLES_MS = SECOND_MS;

/** The name of an approval in the tag, the same when a browser asks again; it tells nothing of the state. */
export function approvalIdOf(state: string): string {
  return createHash("sha256")
    .update(`shopify-secrets/approval/${state}`)
    .digest("hex")
    .slice(0, 16);
}

/**
 * Runs an approval with nobody else's under way: of two that come at once one goes on, and the other is refused
 * before its code is presented.
 *
 * A mark in the store's tags, written, left to settle and read again (Fischer's algorithm): tags know no
 * compare-and-swap. Where a call is slower than the mark takes to settle, two may go on; the order in which their
 * pairs came, and the rescue of the one that lives, are the second line.
 *
 * @throws {CodedError} `approval_under_way`
 */
export async function alone<T>(
  by: { readonly store: Store; readonly id: string },
  run: (store: Store) => Promise<T>,
  deps: EngineDeps,
): Promise<T> {
  const { store, isMarked } = await requireAlone(by, deps);
  try {
    return await run(store);
  } finally {
    if (isMarked) await takeMarkAway(store, deps);
  }
}

/** A store that nobody else has his hands on; whoever comes meanwhile is refused while the mark stands. */
interface Fenced {
  readonly store: Store;
  readonly isMarked: boolean;
}

/**
 * Marks a store, and makes sure that nobody else did; the mark stays, until it is taken away or too old.
 *
 * @throws {CodedError} `approval_under_way`
 */
export async function requireAlone(
  by: { readonly store: Store; readonly id: string },
  deps: EngineDeps,
): Promise<Fenced> {
  const { store } = by;
  const before = await requireNobody(by, deps);
  if (!hasRoomForMark(before)) return { store: { ...store, facts: before }, isMarked: false };
  await deps.secrets.tag(store.secretArn, markOf(by, deps));
  await deps.deadline.pause(SETTLES_MS);
  const facts = await requireNobody(by, deps);
  return { store: { ...store, facts }, isMarked: true };
}

/** Marks a store that was just brought back, before anybody else may have his hands on it. */
export async function mark(
  { secretArn }: Pick<Store, "secretArn">,
  { id }: { readonly id: string },
  deps: EngineDeps,
): Promise<void> {
  await writeStatus(secretArn, { approving: { at: deps.clock.now(), id } }, deps);
}

/** Whether somebody has his hands on a store. */
export function isHeld({ tags }: Pick<Store["facts"], "tags">, now: EpochMs): boolean {
  return markIn(tags, now) !== undefined;
}

/** The mark on a store; undefined: there is none, or it is too old to be believed. */
function markIn(tags: Store["facts"]["tags"], now: EpochMs) {
  const { approving } = parseStatus(tags);
  const stands = approving !== undefined && Math.abs(now - approving.at) <= STANDS_MS;
  return stands ? approving : undefined;
}

/** Lets the next one in. */
export async function takeMarkAway({ secretArn }: Pick<Store, "secretArn">, deps: EngineDeps) {
  await writeStatus(secretArn, { approving: undefined }, deps);
}

/** Only what is seen refuses: a read that is late hides a mark, and never makes one up. */
async function requireNobody(
  { store, id }: { readonly store: Store; readonly id: string },
  { secrets, clock }: EngineDeps,
): Promise<Store["facts"]> {
  const facts = await secrets.describe(store.secretArn);
  const found = markIn(facts.tags, clock.now());
  if (found === undefined || found.id === id) return facts;
  throw new CodedError("approval_under_way", { shop: store.declaration.shop });
}

/** Whether a mark leaves the functions the tags that they need. */
function hasRoomForMark({ tags }: Store["facts"]): boolean {
  const others = [...tags.keys()].filter((name) => !name.startsWith(STATUS_TAG_PREFIX));
  return others.length < TAGS_OF_A_SECRET - TAGS_OF_FUNCTIONS;
}

function markOf(
  { id }: { readonly id: string },
  { clock }: Pick<EngineDeps, "clock">,
): Readonly<Record<string, string>> {
  return encodeStatus({ approving: { at: clock.now(), id } });
}
