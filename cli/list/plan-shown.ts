import { adviceOf } from "../../contract/errors";
import {
  costOfPlan,
  countsOf,
  type Deed,
  type LeftAlone,
  type ListPlan,
  planList,
} from "../../contract/listed/list-plan";
import type { StoreList } from "../../contract/listed/listed-store";
import { plural } from "../../contract/plural";
import type { ListedSecret } from "../../contract/store/secret-facts";
import type { Paint } from "../print/colour";

const SHOWN = 20;

const TITLES: readonly (readonly [Deed, string])[] = [
  ["retire", "Stores that leave, with their secrets"],
  ["create", "New stores"],
  ["restore", "Stores that come back"],
  ["change", "Changed stores"],
  ["finish", "Stores without a token, tried again"],
];

/** A list against the secrets of its prefix. */
export function planOf(
  list: StoreList,
  listed: readonly ListedSecret[],
  retireAtMost: number | undefined,
): ListPlan {
  const own = `${list.head.prefix}/stores/`;
  return planList(
    list,
    listed.filter(({ facts }) => facts.name.startsWith(own)),
    retireAtMost ?? list.head.retireAtMost,
  );
}

/** A plan in lines, what leaves first. */
export function formatPlan(plan: ListPlan, paint: Paint): string {
  const sections = TITLES.flatMap(([deed, title]) => {
    const tasks = plan.tasks.filter((task) => task.deed === deed);
    const lines = tasks.map(({ store, changes }) =>
      changes.length === 0 ? store : `${store}: ${changes.join(", ")}`,
    );
    const shown = section(title, lines);
    return deed === "retire" ? shown.map((line) => paint(line, "red")) : shown;
  });
  const left = section("Stores that are left alone", plan.left.map(leftText)).map((line) =>
    paint(line, "yellow"),
  );
  const { now, after } = costOfPlan(plan);
  const body = [...sections, ...left];
  return [
    ...(body.length === 0 ? ["No changes."] : body),
    `${plural(plan.same, "store")} as the list wants. A month: $${now.toFixed(2)} now, $${after.toFixed(2)} after, without calls.`,
    "",
  ].join("\n");
}

function leftText({ store, why, twin }: LeftAlone): string {
  const { says, next } = adviceOf(why, { store: twin ?? store });
  const other = twin === undefined ? "" : ` (${twin})`;
  return `${store}: ${says}${other}. Next: ${next}`;
}

function section(title: string, stores: readonly string[]): string[] {
  if (stores.length === 0) return [];
  const more = stores.length - SHOWN;
  return [
    `${title}: ${stores.length}`,
    ...stores.slice(0, SHOWN).map((store) => `  ${store}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** A plan for programs. */
export function planJson(plan: ListPlan): object {
  const storesOf = (deed: Deed) =>
    plan.tasks.filter((task) => task.deed === deed).map(({ store }) => store);
  const { now, after } = costOfPlan(plan);
  return {
    counts: { ...countsOf(plan), same: plan.same, left: plan.left.length },
    create: storesOf("create"),
    restore: storesOf("restore"),
    change: plan.tasks
      .filter(({ deed }) => deed === "change")
      .map(({ store, changes }) => ({ store, changes })),
    finish: storesOf("finish"),
    retire: storesOf("retire"),
    left: plan.left.map(({ store, why, twin }) => {
      const { says, next } = adviceOf(why, { store: twin ?? store });
      return { store, code: why, says, next, ...(twin === undefined ? {} : { twin }) };
    }),
    refused: plan.refusal === undefined ? null : { ...plan.refusal, at_most: plan.refusal.atMost },
    dollars_a_month: { now, after },
  };
}
