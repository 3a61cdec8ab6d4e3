import type { Kind } from "../../contract/kinds";
import { first } from "./directed";
import type { Product } from "./functions/bundles";
import type { Doing } from "./schedule";
import { live } from "./simulation";
import type { Scenario } from "./single-faults";
import { MINUTE } from "./stage";
import type { Case } from "./tally";

/** Somebody else who writes while a renewal is at work. */
export interface Writer {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly does: Doing;
  /** What is done when all is quiet again. */
  readonly atLast?: Doing;
}

const BOTH: readonly Kind[] = ["client-credentials", "offline-expiring"];
const REVOKES: Doing = { does: "revoke old client secrets" };

export const WRITERS: readonly Writer[] = [
  {
    name: "an approval",
    kinds: ["offline-expiring"],
    does: { does: "approve", thinksMs: 500, reloads: 0 },
  },
  { name: "another renewal", kinds: BOTH, does: { does: "sweep" } },
  { name: "an operator's renewal", kinds: BOTH, does: { does: "rotate" } },
  {
    name: "a new client secret, whose predecessor is revoked once the tokens are pinned to it",
    kinds: BOTH,
    does: { does: "new client secret alone" },
    atLast: REVOKES,
  },
  {
    name: "a new client secret and the enrolment that follows it",
    kinds: BOTH,
    does: { does: "new client secret" },
    atLast: REVOKES,
  },
  { name: "a mistyped client secret", kinds: BOTH, does: { does: "wrong client secret" } },
  {
    name: "an operator's rollback",
    kinds: ["client-credentials"],
    does: { does: "roll back" },
  },
  {
    name: "an operator who takes the pending label away",
    kinds: ["client-credentials"],
    does: { does: "unstick" },
  },
];

/** The writers of a scenario's kind. */
export function writersOf({ schedule }: Scenario): readonly Writer[] {
  const kinds = schedule.stores.map(({ kind }) => kind);
  return WRITERS.filter((writer) => writer.kinds.some((kind) => kinds.includes(kind)));
}

/** A writer between any two requests of a scenario, and one after it was killed at any of them. */
export async function casesWith(
  { schedule }: Scenario,
  { does, atLast }: Writer,
  product: Product,
): Promise<Case[]> {
  const { troubles, requestsInTrouble } = await live(schedule, product);
  const last = atLast === undefined ? [] : [first(atLast, 30 * MINUTE)];
  const later = [first(does, 20_000), ...last];
  return troubles.seen
    .slice(0, requestsInTrouble)
    .flatMap(({ part, operation, surface }, after) => {
      if (part === "reader") return [];
      const at = `request ${after} (${part} ${operation})`;
      const spared = troubles.seen
        .slice(0, after)
        .filter((seen) => seen.surface === surface).length;
      const killed = (trouble: string): Case => ({
        name: `${at} ${trouble}, and then`,
        schedule: {
          ...schedule,
          happenings: [...schedule.happenings, ...later],
          strikes: [...schedule.strikes, { surface, after: spared, trouble, lasts: "request" }],
        },
      });
      const amid: Case = {
        name: `amid ${at}`,
        schedule: {
          ...schedule,
          amid: { after, doing: does },
          happenings: [...schedule.happenings, ...last],
        },
      };
      return [amid, killed("killed before"), killed("killed after")];
    });
}
