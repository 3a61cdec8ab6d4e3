import { SECRET_TAGS } from "../../../contract/names";
import { parseStatus, type StoreState } from "../../../contract/store/status";
import type { Secret } from "../../../local/secrets-manager/state";
import type { Change } from "../aws/secrets-manager";
import { CLIENT_ID, HOUR, MINUTE } from "../stage";
import { type Answer, isArrival, type World } from "../world";
import type { Truth } from "./truth";

/** A moment by the two clocks that an approval is dated by. */
interface Moment {
  readonly ours: number;
  readonly aws: number;
}

/** Minutes in which an approval may come to its end, and those that its last invocation takes. */
const LONGEST_APPROVAL_MS = 10.5 * MINUTE;
/** From the count of the hour's stores to the making of one more: the rest of an invocation. */
const LONGEST_INVOCATION_MS = 30_000;
/** A pair lives for an hour: whoever did not hear that the app is gone is refused its renewal by then. */
const HEARD_WITHIN_MS = 75 * MINUTE;
/** What a merchant may read who comes when all is calm, beside that all is well. */
const REASONS: ReadonlySet<string> = new Set([
  "new_stores_closed",
  "new_stores_too_many",
  "approval_too_soon",
]);
/** How one reads that he is turned away as a new store. */
const TURNED_AWAY: ReadonlySet<string> = new Set(["new_stores_closed", "new_stores_too_many"]);

/** Watches the stores whose merchants came by themselves: there is one of each, for whoever was let in, while he stays. */
export class Newcomers {
  readonly #world: World;
  readonly #truth: Truth;
  readonly #note: (what: string) => void;
  /** How far lists may be behind, in milliseconds. */
  readonly #listLagMs: number;
  /** When approvals were begun that Shopify answered to the browser that began them, by the shop. */
  readonly #letIn = new Map<string, Moment[]>();
  readonly #made: (Moment & { readonly arn: string })[] = [];
  /** Secrets that no list of living ones showed for a while. */
  readonly #wereRemoved = new Set<string>();
  readonly #leftAt = new Map<string, number>();

  constructor(
    world: World,
    by: {
      readonly truth: Truth;
      readonly note: (what: string) => void;
      readonly listLagMs: number;
    },
  ) {
    this.#world = world;
    this.#truth = by.truth;
    this.#note = by.note;
    this.#listLagMs = by.listLagMs;
  }

  clocks(): Moment {
    return { ours: this.#world.timeline.now, aws: this.#world.awsClock() };
  }

  /** A merchant approved, and his browser goes back with Shopify's answer. */
  letIn(shop: string, begunAt: Moment): void {
    this.#letIn.set(shop, [...(this.#letIn.get(shop) ?? []), begunAt]);
  }

  /** A merchant uninstalled the app. */
  left(shop: string): void {
    this.#leftAt.set(shop, this.#world.timeline.now);
  }

  /** Nobody has to do anything about a merchant who came by himself and left, or never came to the end. */
  readNotice(key: string, subject: string): void {
    if (!this.#world.came.includes(key) || subject.includes("well again")) return;
    const state = stateIn(this.#truth.secretOf(key));
    const isEmpty = this.#truth.currentOf(key) === undefined && state === "awaiting_merchant";
    if (isEmpty || subject.includes("app_uninstalled")) {
      this.#note(`people were told of ${key}, whose merchant left or never came to the end`);
    }
  }

  /** What a merchant reads who came by himself has to be true. */
  readPage(shop: string, page: Answer | undefined): void {
    const key = this.#world.storeAt(shop);
    if (saysConnected(page) && (key === undefined || this.#isRemoved(key))) {
      this.#note(`a page said that ${shop} is connected, and it has no store`);
    }
    const isFull = TURNED_AWAY.has(referenceOf(page));
    const isClosed = this.#world.openApp?.newStoresAnHour === 0;
    if (isFull && (referenceOf(page) === "new_stores_closed") !== isClosed) {
      this.#note(`${shop} read ${referenceOf(page)}, and that is not why`);
    }
    if (isFull && !this.#mayBeFull()) this.#note(`${shop} was turned away with room for it`);
    // Another window of the same merchant may have made it this moment.
    const own = key === undefined ? undefined : this.#truth.secretOf(key)?.arn;
    const longAgo = this.#world.timeline.now - LONGEST_INVOCATION_MS;
    const isThere = this.#made.some(({ arn, ours }) => arn === own && ours < longAgo);
    if (isFull && isThere) {
      this.#note(`${shop} has a store and was turned away as a new one`);
    }
  }

  /** All is calm: whoever comes has his store, or reads why not. */
  requireAnswered(shop: string, page: Answer | undefined): void {
    if (this.isAnswered(shop, page)) return;
    const reference = referenceOf(page);
    this.#note(`${shop} came when all was calm and has no store that works: ${reference}`);
  }

  isAnswered(shop: string, page: Answer | undefined): boolean {
    const key = this.#world.storeAt(shop);
    const current = key === undefined ? undefined : this.#truth.currentOf(key);
    const isServed =
      key !== undefined &&
      current !== undefined &&
      !this.#isRemoved(key) &&
      this.#truth.isAlive(current.accessToken);
    // What Shopify signs is too old, or not of this time yet, where the clocks are apart.
    const areApart = Math.abs(this.#world.awsAheadMs) > MINUTE;
    return isServed || REASONS.has(referenceOf(page)) || areApart;
  }

  changed({ before, after }: Change): void {
    for (const [arn, is] of after.secrets) {
      const was = before.secrets.get(arn);
      if (was === is) continue;
      if (was === undefined && isArrival(is.tags)) this.#judgeMade(is, after.secrets);
      if (was?.deletion === undefined && is.deletion !== undefined) this.#judgeRemoved(is);
      if (was !== undefined && !isArrival(was.tags)) this.#judgeTouched(was, is);
    }
    for (const [arn, was] of before.secrets) {
      if (!after.secrets.has(arn) && was.deletion === undefined) this.#judgeRemoved(was);
    }
  }

  /** Judges what only shows in the end. */
  conclude(): void {
    for (const key of this.#world.came) {
      const secret = this.#truth.secretOf(key);
      if (secret === undefined || secret.deletion !== undefined) continue;
      const shop = this.#world.shopOf(key);
      this.#judgeLeft(key, secret);
      if (this.#isForgotten(shop))
        this.#note(`${shop} was to be forgotten, and its store is there`);
    }
  }

  #judgeMade(secret: Secret, all: ReadonlyMap<string, Secret>): void {
    const shop = shopIn(secret);
    const now = this.clocks();
    const elapsed = ({ ours, aws }: Moment) => Math.min(now.ours - ours, now.aws - aws);
    const isLetIn = (this.#letIn.get(shop) ?? []).some((at) => elapsed(at) < LONGEST_APPROVAL_MS);
    if (!isLetIn) this.#note(`a store was made for ${shop}, which was not let in`);
    for (const other of all.values()) {
      const isStore = other.tags?.some(({ Key }) => Key === SECRET_TAGS.store) ?? false;
      if (other.arn !== secret.arn && isStore && shopIn(other) === shop) {
        this.#note(`${shop} has two secrets`);
      }
    }
    const listed = this.#madeInTheHour(0).filter(
      ({ arn, ours }) =>
        !this.#wereRemoved.has(arn) && ours < now.ours - this.#listLagMs - LONGEST_INVOCATION_MS,
    );
    const limit = this.#world.openApp?.newStoresAnHour ?? 0;
    if (listed.length >= limit) this.#note("more stores were made than the hour may bring");
    this.#made.push({ ...now, arn: secret.arn });
  }

  /** The stores that were made within an hour, by AWS's clock, and some time before it. */
  #madeInTheHour(moreMs: number): readonly { readonly arn: string; readonly ours: number }[] {
    const since = this.#world.awsClock() - HOUR - moreMs;
    return this.#made.filter(({ aws }) => aws > since + (moreMs === 0 ? LONGEST_INVOCATION_MS : 0));
  }

  #mayBeFull(): boolean {
    const limit = this.#world.openApp?.newStoresAnHour ?? 0;
    return this.#madeInTheHour(this.#listLagMs + LONGEST_INVOCATION_MS).length >= limit;
  }

  #judgeRemoved(secret: Secret): void {
    const truth = this.#truth;
    this.#wereRemoved.add(secret.arn);
    if (!isArrival(secret.tags)) {
      this.#note(`the secret ${secret.name}, which nobody asked for, was removed`);
    }
    const lives = truth
      .allHeld(secret)
      .some(
        ({ accessToken, refreshToken }) =>
          truth.isAlive(accessToken) ||
          (refreshToken !== undefined && truth.isRefreshable(refreshToken)),
      );
    if (lives)
      this.#note(`the store of ${shopIn(secret)} was removed although a token of it lives`);
  }

  /** What Pulumi and its people wrote of a secret stays as it is: only values, labels and the status are the functions'. */
  #judgeTouched(was: Secret, is: Secret): void {
    const isSame = was.name === is.name && was.kmsKeyId === is.kmsKeyId;
    if (!isSame || isArrival(is.tags)) this.#note(`${is.name} became another store`);
  }

  /** A store whose merchant left is not said to be well once it could be known. */
  #judgeLeft(key: string, secret: Secret): void {
    const shop = this.#world.shopOf(key);
    const leftAt = this.#leftAt.get(shop);
    if (leftAt === undefined || this.#isInstalled(shop)) return;
    if (this.#world.timeline.now - leftAt < HEARD_WITHIN_MS) return;
    if (this.#truth.currentOf(key) === undefined) return;
    if (stateIn(secret) === "ok") this.#note(`${shop} left, and its store is said to be well`);
  }

  /** Whether Shopify's request to forget a shop was answered while its merchant was gone for good. */
  #isForgotten(shop: string): boolean {
    if (this.#isInstalled(shop)) return false;
    const leftAt = this.#leftAt.get(shop) ?? Number.POSITIVE_INFINITY;
    return this.#world.shopify.control
      .webhooks()
      .some(
        ({ topic, shop: of, state, attempts }) =>
          topic === "shop/redact" &&
          of === shop &&
          state === "delivered" &&
          (attempts.at(-1)?.at ?? 0) >
            this.#world.shopifyClock() - this.#world.timeline.now + leftAt,
      );
  }

  #isInstalled(shop: string): boolean {
    return this.#world.shopify.control.installation({ clientId: CLIENT_ID, shop }) !== null;
  }

  #isRemoved(key: string): boolean {
    const secret = this.#truth.secretOf(key);
    return secret === undefined || secret.deletion !== undefined;
  }
}

function saysConnected(page: Answer | undefined): boolean {
  return page?.statusCode === 200 && page.body?.includes("is connected") === true;
}

function referenceOf(page: Answer | undefined): string {
  return /Reference: (\w+)/.exec(page?.body ?? "")?.[1] ?? "";
}

/** What the tags of a store say of it. */
function stateIn(secret: Secret | undefined): StoreState | undefined {
  return parseStatus(new Map(secret?.tags?.map(({ Key, Value }) => [Key, Value]))).state;
}

function shopIn({ description = "{}" }: Secret): string {
  try {
    return (JSON.parse(description) as { shop?: string }).shop ?? "";
  } catch {
    return ""; // a secret of somebody else
  }
}
