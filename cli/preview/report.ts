import { isStoreKey } from "../../contract/brands";
import { sentenceOf } from "../../contract/errors";
import type { Paint } from "../print/colour";
import { costOf } from "./cost";
import type { Step } from "./steps";

const SECRET = "aws:secretsmanager/secret:Secret";
const ENROLMENT = "aws:lambda/invocation:Invocation";

/** What a preview means for stores. */
export interface StoreReport {
  /** Stores whose secret would be deleted or replaced: their values go with it. */
  readonly lost: readonly string[];
  readonly added: readonly string[];
  /** Each with what changes. */
  readonly changed: readonly string[];
  /** Enrolments that will run, each with the reason. */
  readonly enrolled: readonly string[];
  /** New stores whose names are still taken by secrets that are on their way out. */
  readonly blocked: readonly string[];
  /** Everything else that is not the same, as a count by what is done. */
  readonly others: Readonly<Record<string, number>>;
  readonly cost: { readonly now: number; readonly after: number };
}

/** Sorts a preview's steps by what they mean; the names that are pending deletion come from AWS. */
export function reportOn(
  given: readonly Step[],
  pendingDeletion: ReadonlySet<string> = new Set(),
): StoreReport {
  // The engine lists independent resources in any order.
  const steps = [...given].sort((one, other) => storeOf(one).localeCompare(storeOf(other)));
  const secrets = steps.filter(({ ofStore, type }) => ofStore && type === SECRET);
  const doing = (...ops: string[]) => secrets.filter(({ op }) => ops.includes(op));
  const enrolments = steps.filter(({ ofStore, type }) => ofStore && type === ENROLMENT);
  const blocked = doing("create", "replace").filter((step) =>
    pendingDeletion.has(step.physicalName),
  );
  return {
    lost: doing("delete", "replace").map((step) => `${storeOf(step)} (${step.op})`),
    added: doing("create").map(storeOf),
    changed: changedStores(steps),
    enrolled: enrolments
      .filter(({ op }) => op === "create" || op === "replace")
      .map((step) => `${storeOf(step)}: ${reasonOf(step)}`),
    blocked: blocked.map((step) => blockedSentence(storeOf(step))),
    others: countOthers(steps),
    cost: costOf(steps),
  };
}

/** Whether a pipeline should stop: a store would lose its secret. */
export function losesSecrets({ lost }: StoreReport): boolean {
  return lost.length > 0;
}

/** The report in lines, what cannot be taken back first. */
export function formatReport(report: StoreReport, paint: Paint): string {
  const { lost, added, changed, enrolled, blocked, others, cost } = report;
  const lines = [
    ...section("Stores that would lose their secret, its values and its history", lost).map(
      (line) => paint(line, "red"),
    ),
    ...section("Stores that cannot be created", blocked).map((line) => paint(line, "red")),
    ...section("New stores", added),
    ...section("Changed stores", changed),
    ...section("Enrolments that will run", enrolled),
    ...section(
      "Other resources",
      Object.entries(others).map(([op, count]) => `${op}: ${count}`),
    ),
  ];
  const body = lines.length === 0 ? ["No changes."] : lines;
  return [
    ...body,
    `A month: ${dollars(cost.now)} now, ${dollars(cost.after)} after, without calls.`,
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

function storeOf({ name }: Step): string {
  return name.replace(/-(?:secret|enrolment|rotation)$/, "");
}

function blockedSentence(store: string): string {
  return `${store}: ${sentenceOf("secret_pending_deletion", isStoreKey(store) ? { store } : {})}`;
}

function changedStores(steps: readonly Step[]): string[] {
  const byStore = new Map<string, Set<string>>();
  for (const step of steps) {
    if (!step.ofStore || step.op !== "update" || !step.type.startsWith("aws:")) continue;
    const changes = byStore.get(storeOf(step)) ?? new Set();
    for (const path of step.changed) changes.add(path);
    byStore.set(storeOf(step), changes);
  }
  return [...byStore].map(
    ([store, changes]) => `${store}: ${[...changes].join(", ") || "details"}`,
  );
}

/** Why an enrolment runs: what its triggers say, in plain sight beside an input that is a secret. */
function reasonOf({ op, changed }: Step): string {
  if (op === "create") return "first value";
  const triggers = changed.flatMap((path) => /^triggers\.(.+)$/.exec(path)?.[1] ?? []);
  if (triggers.length > 0) return `changed ${triggers.join(", ")}`;
  return changed.includes("functionName")
    ? "the enrol function is replaced"
    : "changed token, key or secret";
}

function countOthers(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { ofStore, op, type } of steps) {
    const isOne = type.startsWith("aws:") && !ofStore && !UNCOUNTED.has(op);
    if (isOne) counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

const UNCOUNTED = new Set(["same", "read", "refresh", "create-replacement", "delete-replaced"]);
