import type { Secret } from "../../../local/secrets-manager/state";
import type { Change } from "../aws/secrets-manager";
import { type Ended, type Invocation, TIMED_OUT } from "../functions/lambda-service";
import type { SimulatedProcess } from "../functions/process";
import type { Exchanged } from "../shopify/shopify-service";
import { HOUR, MINUTE } from "../stage";
import type { Answer, Notice, World } from "../world";
import { Newcomers } from "./newcomers";
import { type Held, Truth } from "./truth";

/** How strictly a world is judged. */
export interface Measure {
  /** Whether only one thing may go wrong: then nothing may come of it. */
  readonly isStrict: boolean;
  /** Whether one thing at most goes wrong that is not people's doing: then what people are told has to be true. */
  readonly isClear: boolean;
  /** Whether that time is granted also where only one thing went wrong. */
  readonly isGracious: boolean;
  /** Whether nothing goes wrong but that answers are slow, and nobody does harm: then no refresh token ends. */
  readonly isUntroubled: boolean;
  /** How far lists may be behind, in milliseconds. */
  readonly listLagMs: number;
  /** How long a store may be dead although it could live, once all is calm; in milliseconds, by its kind. */
  readonly graceMs: (kind: string | undefined) => number;
}

/** The most new versions of a store in 24 hours. */
const MOST_VERSIONS_A_DAY = 72;
/** A pair lives for an hour, and is renewed past half of it. */
const RENEWED_WITHIN_MS = 40 * MINUTE;
/** A sweep with one call that hangs lasts seconds. */
const LONGEST_SWEEP_MS = 90_000;
/** How late a reply to a code exchange may be and must still be waited for, in milliseconds. */
const LONGEST_EXCHANGE_MS = 14_000;
/**
 * How long a store may be without a token amid its migration. Shopify revokes the old one before anything of the new one
 * can be stored: no order of calls spares these moments, and one call that hangs makes them longer.
 */
const LONGEST_MIGRATION_MS = MINUTE;
/**
 * What the record of a dead first value must not say of its check. One that came to no end is said as what it is: a
 * shop that lets nobody in answers a check of every token so, and there is no earlier value to keep.
 */
const SAYS_MORE_THAN_IT_KNOWS: ReadonlySet<string> = new Set(["", "ok", "untried", "token_dead"]);
const SECRETS = /shp(at|ca|pa|ua|rt|ss)_\w{8,}/;

/** What the judge knows of a store over time. */
interface Watched {
  /** Every version that was AWSCURRENT, oldest first. */
  readonly current: string[];
  /** When versions were created. */
  readonly created: number[];
  /** Since when it is dead, and since when it could live; undefined: it is not, it could not. */
  deadSince: number | undefined;
  couldSince: number | undefined;
  deadMinutes: number;
}

/** An acquisition that Shopify granted to a code, until its pair is stored. */
interface Acquired {
  readonly refreshToken: string;
  readonly host: string;
}

/** Without these nothing of an acquisition can be kept. */
const KEEPS: ReadonlySet<string> = new Set(["Encrypt", "PutSecretValue"]);
const SLOW = /^(hangs|late)/;

/** What went wrong with a request. */
interface Struck {
  readonly call: {
    readonly process: SimulatedProcess;
    readonly operation: string;
    readonly send: unknown;
  };
  readonly trouble: string;
  /** On the timeline. */
  readonly at: number;
}

/** Watches a world and notes every broken promise, in words. */
export class Judge {
  readonly truth: Truth;
  /** The stores whose merchants came by themselves. */
  readonly newcomers: Newcomers;
  /** Each broken promise once, with the minute of the world in which it was first broken. */
  readonly broken = new Map<string, number>();
  readonly #world: World;
  readonly #measure: Measure;
  readonly #watched = new Map<string, Watched>();
  readonly #wereCurrent = new Set<string>();
  readonly #codes: string[] = [];
  /** The access tokens that codes and migrations were exchanged for. */
  readonly #acquiredTokens = new Set<string>();
  /** When the tokens that migrations exchanged died of it, by their values. */
  readonly #exchangedAt = new Map<string, number>();
  /** By the process that exchanged the code: it serves one merchant at a time. */
  readonly #acquired = new Map<SimulatedProcess, Acquired>();
  /** When an access token was last seen alive, by its value. */
  readonly #seenAliveAt = new Map<string, number>();
  /** The hosts of stores of which an approval was as good as killed between its exchange and its storing. */
  readonly #keptFromStoring = new Set<string>();
  /** From when on no trouble is to come, on the timeline. */
  #calmSince = Number.POSITIVE_INFINITY;
  /** What goes wrong with which request, as it strikes. */
  met: readonly Struck[] = [];
  /** How many pages said that a store is connected. */
  pages = 0;
  /** Stores whose operator brings an earlier version back. */
  readonly rollingBack = new Set<string>();
  /** Stores whose operator did so at any time. */
  readonly rolledBack = new Set<string>();
  /** What people enrol just now, by `up` or `put`: each time a store's key once. */
  readonly enrolling: string[] = [];

  constructor(world: World, measure: Measure) {
    this.#world = world;
    this.#measure = measure;
    this.truth = new Truth(world);
    this.newcomers = new Newcomers(world, {
      truth: this.truth,
      note: (what) => this.#note(what),
      listLagMs: measure.listLagMs,
    });
    world.secrets.onChange = (change) => this.#changed(change);
    world.shopify.onRequest = ({ host, path, body }) => this.#overhear(host, path, body);
    world.shopify.onReply = (exchanged) => this.#granted(exchanged);
    world.lambda.onEnded = (invocation, ended) => this.#ended(invocation, ended);
    world.onNotice = (notice) => this.#read(notice);
    this.#watchMinutes();
  }

  /** All stores are set up: one that lives now could have lived ever after. */
  begin(): void {
    for (const key of this.#world.stores) this.#watch(key);
  }

  /** Nothing goes wrong any more from here on. */
  calm(): void {
    this.#calmSince = this.#world.timeline.now;
  }

  /** Minutes in which an application read a dead token although the store could have had a live one. */
  get deadMinutes(): number {
    return [...this.#watched.values()].reduce((sum, { deadMinutes }) => sum + deadMinutes, 0);
  }

  /** A code that a browser carried: it must not be shown. */
  keepSecret(code: string): void {
    this.#codes.push(code);
  }

  /** What a merchant reads has to be true. */
  readPage(key: string, page: Answer | undefined): void {
    if (page?.statusCode !== 200 || page.body?.includes("is connected") !== true) return;
    this.pages += 1;
    const current = this.truth.currentOf(key);
    if (current !== undefined && this.#livedAMomentAgo(current.accessToken)) return;
    this.#note(`a page said that ${key} is connected, and its token fails`);
  }

  /** A merchant may uninstall the app between the check of its token and the page that tells of it. */
  #livedAMomentAgo(accessToken: string): boolean {
    const seenAt = this.#seenAliveAt.get(accessToken) ?? Number.NEGATIVE_INFINITY;
    return this.truth.isAlive(accessToken) || this.#world.timeline.now - seenAt <= MINUTE;
  }

  /** An application that uses the reader has what there is. */
  requireServed(refusedMinutes: number): void {
    if (!this.#measure.isStrict || refusedMinutes === 0) return;
    this.#note("an application was refused although its store had a token that lived");
  }

  /** Judges what only shows in the end. */
  conclude(): readonly string[] {
    this.#searchOutput();
    this.newcomers.conclude();
    for (const key of this.#world.stores) {
      this.#judgeEnd(key);
      const secret = this.truth.secretOf(key);
      for (const { Value } of secret?.tags ?? []) this.#searchText(Value, "a tag");
    }
    return [...this.broken.keys()];
  }

  /** Where nothing was lost on its way, and nobody did harm, no refresh token ends. */
  #judgeEnd(key: string): void {
    const held = this.truth.currentOf(key);
    if (!this.#measure.isUntroubled || held?.refreshToken === undefined) return;
    if (this.#keptFromStoring.has(this.#world.shopOf(key))) return;
    if (!this.#hasLivingChain(key)) this.#note(`the refresh token of ${key} is dead`);
  }

  #note(what: string): void {
    if (!this.broken.has(what)) this.broken.set(what, this.#world.timeline.now / MINUTE);
  }

  #of(key: string): Watched {
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    const fresh: Watched = {
      current: [],
      created: [],
      deadSince: undefined,
      couldSince: undefined,
      deadMinutes: 0,
    };
    this.#watched.set(key, fresh);
    return fresh;
  }

  #changed(change: Change): void {
    const { before, after } = change;
    this.newcomers.changed(change);
    for (const key of this.#world.stores) {
      const arn = this.#world.arnOf(key);
      const [was, is] = [before.secrets.get(arn), after.secrets.get(arn)];
      if (was === is || is === undefined) continue;
      this.#countVersions(key, was, is);
      this.#judgeMove(key, was, is);
    }
  }

  #countVersions(key: string, was: Secret | undefined, is: Secret): void {
    if (was !== undefined && is.versions.length <= was.versions.length) return;
    const known = new Set(was?.versions.map(({ id }) => id));
    const { created } = this.#of(key);
    const { now } = this.#world.timeline;
    const fresh = is.versions.filter(({ id }) => !known.has(id)).length;
    for (let count = 0; count < fresh; count += 1) created.push(now);
    const aDay = created.filter((at) => at > now - 24 * HOUR).length;
    if (aDay > MOST_VERSIONS_A_DAY) this.#note(`${key} got more than 72 new versions in a day`);
  }

  #judgeMove(key: string, was: Secret | undefined, is: Secret): void {
    const [from, to] = [this.truth.current(was), this.truth.current(is)];
    if (to === undefined || from?.versionId === to.versionId) return;
    const watched = this.#of(key);
    if (to.refreshToken !== undefined) this.#wereCurrent.add(to.refreshToken);
    const wasThere = watched.current.includes(to.versionId);
    watched.current.push(to.versionId);
    this.#seeAlive(to.accessToken);
    if (this.rollingBack.has(key)) {
      // What an operator took back must not come again; what was made from the version before it is another one.
      return;
    }
    // What was taken back comes again when a person enrols the store anew, or is just doing so: nobody else may.
    const isPersons = this.rolledBack.has(key) && this.enrolling.includes(key);
    if (wasThere && !isPersons) this.#note(`AWSCURRENT of ${key} went back to an earlier version`);
    this.#judgeTokens(key, from, to);
  }

  #judgeTokens(key: string, from: Held | undefined, to: Held): void {
    const { truth } = this;
    const isAlive = truth.isAlive(to.accessToken);
    if (from === undefined) {
      // Of a merchant who uninstalled the app amid his first approval no value lives that could be kept.
      if (isAlive || truth.isUninstalled(to.accessToken)) return;
      if (SAYS_MORE_THAN_IT_KNOWS.has(to.checked)) {
        this.#note(`the first value of ${key} was dead`);
      }
      return;
    }
    if (truth.isAlive(from.accessToken) && !isAlive) {
      this.#note(`AWSCURRENT of ${key} went from working to dead`);
    }
    if (this.#isOverrun(from, to)) {
      this.#note(`a renewal of ${key} took the place of a later approval`);
    }
    // A pair that steps in where a key fails may be one that Shopify answers a replay with.
    const isObtained =
      this.#world.kinds.get(key) === "client-credentials" && to.refreshToken === undefined;
    if (isObtained && truth.isPastHalf(to.accessToken)) {
      this.#note(`a token of ${key} was promoted that was past half its life`);
    }
  }

  /** Whether a pair that was renewed came over a later one that lives; approvals may have crossed on their way. */
  #isOverrun(from: Held, to: Held): boolean {
    const { truth } = this;
    if (from.refreshToken === undefined || to.refreshToken === undefined) return false;
    return (
      !this.#acquiredTokens.has(to.accessToken) &&
      truth.orderOf(to.accessToken) < truth.orderOf(from.accessToken) &&
      truth.isRefreshable(from.refreshToken) &&
      !truth.isRefreshable(to.refreshToken)
    );
  }

  /** A refresh token that is presented too early would retire the one that is AWSCURRENT, if that lives. */
  #overhear(host: string, path: string, body: string): void {
    if (!path.endsWith("/access_token")) return;
    const { refresh_token, subject_token } = fieldsOf(body);
    if (subject_token !== undefined && this.truth.isAlive(subject_token)) {
      this.#exchangedAt.set(subject_token, this.#world.timeline.now);
    }
    if (refresh_token === undefined || this.#wereCurrent.has(refresh_token)) return;
    const key = this.#world.storeAt(host);
    const current = key === undefined ? undefined : this.truth.currentOf(key)?.refreshToken;
    if (current === undefined || !this.truth.isRefreshable(current)) return;
    this.#note("a refresh token was presented before its version was AWSCURRENT");
  }

  #granted({ request, reply, trouble, process }: Exchanged): void {
    if (!request.path.endsWith("/access_token") || reply.drop === true) return;
    const { access_token, refresh_token } = fieldsOf(reply.body);
    const { code, subject_token } = fieldsOf(request.body);
    const isAcquisition = code !== undefined || subject_token !== undefined;
    if (isAcquisition && access_token !== undefined) this.#acquiredTokens.add(access_token);
    if (code === undefined || !couldArrive(trouble)) return;
    if (refresh_token === undefined) return;
    const { host } = request;
    this.#acquired.set(process, { refreshToken: refresh_token, host });
  }

  #ended({ name, startedAt, process }: Invocation, ended: Ended): void {
    const { now } = this.#world.timeline;
    if (ended.error?.errorType === TIMED_OUT.errorType) this.#note(`${name} ran into its time-out`);
    if (name === "sweep" && this.#measure.isStrict && now - startedAt > LONGEST_SWEEP_MS) {
      this.#note("a sweep with one trouble lasted more than 90 seconds");
    }
    const acquired = this.#acquired.get(process);
    this.#acquired.delete(process);
    if (acquired === undefined || !process.isAlive) return;
    if (this.#wasKeptFromStoring(process)) this.#keptFromStoring.add(acquired.host);
    else this.#judgeAcquired(acquired);
  }

  /**
   * Whether more than one call of a process to seal or to store went wrong, or more than one try of one took its
   * time: until the end of an invocation that is as good as a kill, because a pair is stored sealed or not at all.
   */
  #wasKeptFromStoring(process: SimulatedProcess): boolean {
    const tries = this.met.filter(
      ({ call }) => call.process === process && KEEPS.has(call.operation),
    );
    const calls = new Set(tries.map(({ call }) => call.send));
    return tries.length > 1 && (calls.size > 1 || tries.some(({ trouble }) => SLOW.test(trouble)));
  }

  /** After a code exchange was answered, one trouble loses no tokens: only a kill right there can. */
  #judgeAcquired({ refreshToken, host }: Acquired): void {
    if (!this.#measure.isStrict) return;
    const key = this.#world.storeAt(host);
    const secret = key === undefined ? undefined : this.truth.secretOf(key);
    const isStored =
      secret !== undefined &&
      this.truth.allHeld(secret).some((held) => held.refreshToken === refreshToken);
    if (!isStored && this.truth.isRefreshable(refreshToken)) {
      this.#note(`the tokens of an approval of ${key ?? host} had come and were lost`);
    }
  }

  /** What people are told has to be true. */
  #read({ subject }: Notice): void {
    const key = this.#world.stores.find((one) => subject.includes(` ${one}: `));
    if (key === undefined) return;
    this.newcomers.readNotice(key, subject);
    const current = this.truth.currentOf(key);
    const works = current !== undefined && this.truth.isAlive(current.accessToken);
    const isWell = works && !this.#isKnownToBeObstructed(key);
    if (this.#measure.isClear && subject.includes("well again") && !isWell) {
      this.#note(`${key} was told to be well again and is not`);
    }
    if (this.#measure.isStrict && subject.includes(`${key}: dead`) && isWell) {
      this.#note(`${key} was told to be dead and lives`);
    }
    const asksMerchant = subject.includes("refresh_token_dead") && !subject.includes("well again");
    if (asksMerchant && this.#measure.isClear && this.#hasLivingChain(key)) {
      this.#note(`the merchant of ${key} was asked although a refresh token lives`);
    }
  }

  /** Whether a pair was renewed, or should have been, since its shop or its app stands in the way. */
  #isKnownToBeObstructed(key: string): boolean {
    const since = this.#world.obstructed.get(key)?.since;
    const isPair = this.#world.kinds.get(key) === "offline-expiring";
    return isPair && since !== undefined && this.#world.timeline.now - since > RENEWED_WITHIN_MS;
  }

  #hasLivingChain(key: string): boolean {
    const secret = this.truth.secretOf(key);
    if (secret === undefined) return false;
    return this.truth
      .allHeld(secret)
      .some(({ refreshToken }) => refreshToken && this.truth.isRefreshable(refreshToken));
  }

  #seeAlive(accessToken: string): boolean {
    const isAlive = this.truth.isAlive(accessToken);
    if (isAlive) this.#seenAliveAt.set(accessToken, this.#world.timeline.now);
    return isAlive;
  }

  /** An application that reads every minute. */
  #watchMinutes(): void {
    this.#world.timeline.after(MINUTE, () => {
      for (const key of this.#world.stores) this.#watch(key);
      this.#watchMinutes();
    });
  }

  #watch(key: string): void {
    if (this.truth.secretOf(key)?.deletion !== undefined) return;
    const current = this.truth.currentOf(key);
    if (current === undefined) return;
    const { now } = this.#world.timeline;
    const watched = this.#of(key);
    const isAlive = this.#seeAlive(current.accessToken);
    watched.deadSince = isAlive ? undefined : (watched.deadSince ?? now);
    const could = isAlive || this.truth.couldLive(key);
    watched.couldSince = could ? (watched.couldSince ?? now) : undefined;
    const { deadSince, couldSince } = watched;
    if (deadSince === undefined || couldSince === undefined) return;
    watched.deadMinutes += 1;
    const migratedAt = this.#exchangedAt.get(current.accessToken) ?? Number.NEGATIVE_INFINITY;
    const blamedFrom = this.#blamedFrom(key, deadSince, couldSince);
    if (now >= Math.max(blamedFrom, migratedAt + LONGEST_MIGRATION_MS)) {
      this.#note(`${key} was dead although it could have lived`);
    }
  }

  /** From when on a dead minute is the product's fault. */
  #blamedFrom(key: string, deadSince: number, couldSince: number): number {
    const { isStrict, isGracious, graceMs } = this.#measure;
    // One thing went wrong, and what could have been renewed all along ended.
    if (isStrict && !isGracious && couldSince < deadSince) return deadSince;
    // Strikes are counted by requests, and one of several may come when all else is calm again.
    const since = isStrict ? 0 : Math.max(this.#calmSince, this.met.at(-1)?.at ?? 0);
    return Math.max(deadSince, couldSince, since) + graceMs(this.#world.kinds.get(key));
  }

  #searchOutput(): void {
    const { output, notices } = this.#world;
    for (const { subject, message } of notices) this.#searchText(subject + message, "a notice");
    for (const line of output.lines) {
      this.#searchText(line, "an output");
      if (line.includes('"code":"unexpected"')) this.#note("a failure was not foreseen");
    }
  }

  #searchText(text: string, where: string): void {
    if (SECRETS.test(text) || this.#codes.some((code) => text.includes(code))) {
      this.#note(`a secret was shown in ${where}`);
    }
  }
}

/** Whether the product had any chance to read a reply. */
function couldArrive({ reply, lie, kill, lateMs = 0 }: Exchanged["trouble"]): boolean {
  if (lie !== undefined || kill !== undefined) return false;
  return reply === undefined || (reply === "late" && lateMs <= LONGEST_EXCHANGE_MS);
}

function fieldsOf(text: string): Readonly<Record<string, string | undefined>> {
  try {
    return JSON.parse(text) as Record<string, string | undefined>;
  } catch {
    return {}; // a form, or a page: nothing that is looked for
  }
}
