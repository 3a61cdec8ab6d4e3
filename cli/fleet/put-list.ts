import type { StoreKey } from "../../contract/brands";
import { plural } from "../../contract/plural";
import { Sealed } from "../../contract/sealed";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";
import { Refusal, usageError } from "../refusal";
import { atOnce } from "./at-once";
import { readFleet } from "./fleet";
import { putToken, whyNotPut } from "./put-token";
import { eachNamed, unknownWord, wrongWith } from "./store-names";
import type { StoreSeen } from "./store-view";
import { type ListedToken, readTokenList, repeatsOf } from "./token-list";

/** How the token of one store ended. */
export interface Put {
  readonly store: StoreKey;
  readonly outcome: "stored" | "already stored" | "failed";
  /** `ok`: Shopify took it; empty: it was not asked, or refused it. */
  readonly checked: string;
  readonly refusal?: Refusal;
}

/** Each call tries a token at Shopify and writes once: so many at a time stay far below both sides' limits. */
const AT_A_TIME = 8;
const FAULTS_SHOWN = 5;

/**
 * Puts the tokens of a list, each tried at Shopify first. Nothing is kept of a run: what is stored stands in the
 * secrets, so that the same list begun again goes on where it ended.
 *
 * @throws {Refusal} a list that is wrong anywhere, or names what takes no token: before anything is stored
 */
export async function putList(call: Call, file: string): Promise<Put[]> {
  const tokens = await readList(call, file);
  const words = tokens.map(({ store }) => store);
  const queue = queueOf(tokens, await readFleet(call, words));
  let ended = 0;
  return await whileTelling(
    call.host,
    () => `trying and storing access tokens: ${ended} of ${queue.length} done`,
    () =>
      atOnce(
        queue,
        (one) =>
          putOne(call, one).finally(() => {
            ended += 1;
          }),
        AT_A_TIME,
      ),
  );
}

interface Queued extends ListedToken {
  readonly seen: StoreSeen;
}

/** @throws {Refusal} all that is wrong with the stores that a list names, each with its line */
function queueOf(tokens: readonly ListedToken[], fleet: readonly StoreSeen[]): Queued[] {
  const named = eachNamed(
    fleet,
    tokens.map(({ store }) => store),
  );
  const keys = fleet.map(({ store }) => store);
  const wrong = tokens.flatMap((token, index) => {
    const says = wrongStore(token.store, named[index] ?? [], keys);
    return says === undefined ? [] : [() => `line ${token.line}: ${says()}`];
  });
  const queue = tokens.flatMap((token, index) => {
    const [seen] = named[index] ?? [];
    return seen === undefined ? [] : { ...token, seen };
  });
  const faults = [...wrong, ...repeatsIn(queue)];
  if (faults.length > 0) throw unusable(faults, "shopify-secrets status, which lists the stores");
  return queue;
}

/** What is wrong with the store of a line, said only where it is shown: a name that is meant is looked for among all. */
function wrongStore(
  word: string,
  found: readonly StoreSeen[],
  keys: readonly string[],
): Says | undefined {
  const [seen] = found;
  if (seen === undefined) return () => unknownWord(word, keys);
  const says = wrongWith(found, word) ?? whyNotPut(seen);
  return says === undefined ? undefined : () => says;
}

type Says = () => string;

/** A store has its key, the one before it was renamed, and its shop: two tokens would both be stored, and the last one win. */
function repeatsIn(queue: readonly Queued[]): Says[] {
  return repeatsOf(queue, ({ seen }) => seen.secretArn).map(
    ({ again: { seen, line }, before }) =>
      () =>
        `its lines ${before} and ${line} name one store, ${seen.store}`,
  );
}

async function readList({ host }: Call, file: string): Promise<readonly ListedToken[]> {
  const reading = readTokenList(Sealed.of(await host.readFileOrPipe(file)));
  if ("tokens" in reading) return reading.tokens;
  throw unusable(
    reading.faults.map((says) => () => says),
    "shopify-secrets put --help",
  );
}

function unusable(faults: readonly Says[], next: string): Refusal {
  const more = faults.length - FAULTS_SHOWN;
  const shown = faults
    .slice(0, FAULTS_SHOWN)
    .map((says) => says())
    .join("; ");
  return usageError(
    `the list cannot be used: ${shown}${more > 0 ? `; and ${plural(more, "fault")} more` : ""}`,
    next,
  );
}

async function putOne(call: Call, { seen, token }: Queued): Promise<Put> {
  const { store } = seen;
  try {
    const { outcome, checked = "" } = await putToken(call, seen, token);
    return { store, outcome: outcome === "written" ? "stored" : "already stored", checked };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { store, outcome: "failed", checked: "", refusal: error };
  }
}
