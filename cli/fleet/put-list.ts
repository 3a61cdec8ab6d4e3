import type { SecretArn, StoreKey } from "../../contract/brands";
import { plural } from "../../contract/plural";
import { Sealed } from "../../contract/sealed";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";
import { Refusal, usageError } from "../refusal";
import { atOnce } from "./at-once";
import { readFleet } from "./fleet";
import { putToken, requireStatic } from "./put-token";
import { storesOfWords } from "./store-names";
import type { StoreSeen } from "./store-view";
import { type ListedToken, readTokenList } from "./token-list";

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
  const fleet = await readFleet(call, words);
  const stores = storesOfWords(fleet, words);
  for (const seen of stores) requireStatic(seen, call);
  const queue = tokens.flatMap(({ token, line }, index) => {
    const seen = stores[index];
    return seen === undefined ? [] : { seen, token, line };
  });
  refuseRepeats(queue);
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

/** A store has its key, the one before it was renamed, and its shop: two tokens would both be stored, and the last one win. */
function refuseRepeats(
  queue: readonly { readonly seen: StoreSeen; readonly line: number }[],
): void {
  const lines = new Map<SecretArn, number>();
  const faults = queue.flatMap(({ seen: { secretArn, store }, line }) => {
    const before = lines.get(secretArn);
    lines.set(secretArn, line);
    return before === undefined ? [] : `its lines ${before} and ${line} name one store, ${store}`;
  });
  if (faults.length > 0) throw unusable(faults);
}

async function readList({ host }: Call, file: string): Promise<readonly ListedToken[]> {
  const reading = readTokenList(Sealed.of(await host.readFileOrPipe(file)));
  if ("tokens" in reading) return reading.tokens;
  throw unusable(reading.faults);
}

function unusable(faults: readonly string[]): Refusal {
  const more = faults.length - FAULTS_SHOWN;
  const shown = faults.slice(0, FAULTS_SHOWN).join("; ");
  return usageError(
    `the list cannot be used: ${shown}${more > 0 ? `; and ${plural(more, "fault")} more` : ""}`,
    "shopify-secrets put --help",
  );
}

async function putOne(
  call: Call,
  { seen, token }: { readonly seen: StoreSeen; readonly token: ListedToken["token"] },
): Promise<Put> {
  const { store } = seen;
  try {
    const { outcome, checked = "" } = await putToken(call, seen, token);
    return { store, outcome: outcome === "written" ? "stored" : "already stored", checked };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { store, outcome: "failed", checked: "", refusal: error };
  }
}
