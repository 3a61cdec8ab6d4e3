import { adviceOf, type Told } from "../../contract/errors";
import {
  costOfPlan,
  countsOf,
  type Deed,
  type LeftAlone,
  type ListPlan,
  planList,
  type RetirementRefusal,
} from "../../contract/listed/list-plan";
import type { StoreList } from "../../contract/listed/listed-store";
import { plural } from "../../contract/plural";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { UP } from "../../contract/up";
import type { AwsPorts } from "../aws/ports";
import { atOnce } from "../fleet/at-once";
import type { Paint } from "../print/colour";

const SHOWN = 20;

const TITLES: readonly (readonly [Deed, string])[] = [
  ["retire", "Stores that leave, with their secrets"],
  ["create", "New stores"],
  ["restore", "Stores that come back"],
  ["change", "Changed stores"],
  ["finish", "Stores without a token, tried again"],
];

/** A store that is left alone, as it is shown. */
interface LeftShown extends LeftAlone {
  /** Whether its secret was looked at, and not only listed: then config's `up` is through. */
  readonly isNow?: true;
}

/** The same, where each secret that seems to be in other hands is looked at: AWS's list of them may be five minutes behind. */
export async function planOfNow(
  list: StoreList,
  listed: readonly ListedSecret[],
  {
    secrets,
    retireAtMost,
  }: { readonly secrets: Finding; readonly retireAtMost: number | undefined },
): Promise<ListPlan> {
  const seen = planOf(list, listed, retireAtMost);
  const doubted = seen.left.filter(({ why }) => why === "store_not_of_list");
  const found = await atOnce(doubted, ({ secretArn }) => secrets.find(secretArn));
  const fresh = new Map(found.flatMap((one) => (one ? [[one.secretArn, one] as const] : [])));
  const now = listed.map((one) => fresh.get(one.secretArn) ?? one);
  const plan = fresh.size === 0 ? seen : planOf(list, now, retireAtMost);
  return { ...plan, left: plan.left.map((left): LeftShown => ({ ...left, isNow: true })) };
}

type Finding = Pick<AwsPorts["secrets"], "find">;

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

/** The same, and why it is refused where it is, with the command that has it done all the same. */
export function formatPlanWhole(plan: ListPlan, paint: Paint): string {
  const { refusal } = plan;
  if (refusal === undefined) return formatPlan(plan, paint);
  const { code, says, next } = toldOfRefusal(refusal);
  return `${formatPlan(plan, paint)}${paint(`${code}: ${says}. Next: ${next}`, "red")}\n`;
}

/** Why a plan is refused, and what comes next. */
export function toldOfRefusal({ retired, there, atMost }: RetirementRefusal) {
  const code = "retirement_refused";
  const share = `${retired} of ${plural(there, "store")}, and it may retire ${atMost} percent`;
  const enough = Math.ceil((retired * 100) / there);
  return {
    code,
    says: `${adviceOf(code).says}: ${share}`,
    next: `mend the list, or on purpose: shopify-secrets apply --retire-at-most ${enough}`,
  } as const;
}

function leftText(left: LeftShown): string {
  const { store, twin } = left;
  const { says, next } = adviceOnLeft(left);
  const other = twin === undefined ? "" : ` (${twin})`;
  return `${store}: ${says}${other}. Next: ${next}`;
}

/** What becomes of a store that is left alone; before an `up` nobody knows which way one goes that moves. */
function adviceOnLeft({
  store,
  why,
  twin,
  ofConfig,
  isNow,
}: LeftShown): Pick<Told, "says" | "next"> {
  if (ofConfig === undefined) return adviceOf(why, { store: twin ?? store });
  if (isNow === undefined) {
    return {
      says: "it is on its way between config and the list, and its secret is config's",
      next: `${UP}, then the same shopify-secrets move again`,
    };
  }
  return {
    says: "it is on its way to config, and its secret is config's already",
    next: `shopify-secrets move --to-config ${store} --file Pulumi.<stack>.yaml`,
  };
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
  const { refusal } = plan;
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
    left: plan.left.map((left) => {
      const { store, why, twin } = left;
      const { says, next } = adviceOnLeft(left);
      return { store, code: why, says, next, ...(twin === undefined ? {} : { twin }) };
    }),
    refused: refusal === undefined ? null : refusalJson(refusal),
    dollars_a_month: { now, after },
  };
}

function refusalJson(refusal: RetirementRefusal): object {
  const { says, next } = toldOfRefusal(refusal);
  return { ...refusal, at_most: refusal.atMost, says, next };
}
