import type { ListedSecret } from "../../contract/store/secret-facts";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "../../contract/time";
import type { EngineDeps } from "../engine/deps";
import type { FindSecret } from "../secrets/find-secret";
import type { KnownApps, ReadDeps } from "./known-apps";

type Asked = EngineDeps & ReadDeps & { readonly findSecret: FindSecret };

/** What a warm function was told of secrets by their names, so that a flood of links asks AWS a few times a minute. */
export interface FoundSecrets {
  /** A secret by its whole name, as it was within half a minute; undefined when there is none. */
  find(secretName: string, deps: Asked): Promise<ListedSecret | undefined>;
  /** Forgets all: something was written. */
  forget(): void;
}

/** How old an answer may be; whatever writes describes the secret anew. */
const KEPT_MS = 30 * SECOND_MS;
/** How many names that lead nowhere AWS is asked about in a minute; beyond that its list decides, which is minutes old. */
const STRANGERS_A_MINUTE = 20;
/** How many answers are kept; a fleet of more stores is asked about more often. */
const MOST_KEPT = 1_000;

export function createFoundSecrets(knownApps: KnownApps): FoundSecrets {
  const kept = new Map<
    string,
    { readonly at: EpochMs; readonly secret: ListedSecret | undefined }
  >();
  let strangers: EpochMs[] = [];
  const mayBeThere = async (name: string, deps: Asked): Promise<boolean> => {
    strangers = strangers.filter((at) => Math.abs(deps.clock.now() - at) < MINUTE_MS);
    // Not every store is in what is kept, and API Gateway lets no more through than AWS minds.
    const mayBeUnknown = deps.open !== undefined || deps.hasList;
    if (mayBeUnknown || strangers.length < STRANGERS_A_MINUTE) return true;
    const { listed } = await knownApps.read(deps);
    return listed.some(({ facts }) => facts.name === name);
  };
  return {
    find: async (name, deps) => {
      const at = deps.clock.now();
      const known = kept.get(name);
      if (known !== undefined && Math.abs(at - known.at) < KEPT_MS) return known.secret;
      if (!(await mayBeThere(name, deps))) return undefined;
      const secret = await deps.findSecret(name);
      if (secret === undefined) strangers.push(at);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(name, { at, secret });
      return secret;
    },
    forget: () => kept.clear(),
  };
}
