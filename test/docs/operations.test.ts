import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsOf } from "../../contract/alarms";
import type { ShopDomain, StoreKey } from "../../contract/brands";
import { ADVICE, adviceOf, ERROR_CODES } from "../../contract/errors";
import { FUNCTION_ROLES } from "../../contract/names";
import { decideNotice, encodeChatNotice } from "../../contract/notice";
import { evaluateAlarm } from "../../local/alarms/evaluate-alarm";
import { sectionOfCode } from "../../scripts/site/sections";
import { PROJECT } from "./code-blocks";

const page = readFileSync(join(PROJECT, "docs", "operations.md"), "utf8").replaceAll("\\<", "<");

test("has one section for every code, and for nothing else", () => {
  const headings = [...page.matchAll(/^### `([a-z_]+)`$/gm)].map(([, code]) => code);
  expect(headings.sort()).toEqual([...ERROR_CODES].sort());
});

test.each(ERROR_CODES)("%s: what it means, whose it is and what is next", (code) => {
  const section = sectionOfCode(page, code);
  const { owner, says, next, retryable } = ADVICE[code];
  const [meaning = ""] = section.trim().split("\n\n");
  expect(meaning.toLowerCase()).toContain(says.toLowerCase());
  expect(meaning.length).toBeGreaterThan(says.length + 40);
  expect(section).toContain(`\n- Owner: ${owner}\n`);
  expect(section).toContain(`\n- Next: ${next}\n`);
  expect(section).toContain(`\n- Tried again by itself: ${retryable ? "yes" : "no"}\n`);
});

describe("the notice that the page shows", () => {
  const store = "partner" as StoreKey;
  const { says, next } = adviceOf("token_dead", { store, kind: "offline" });
  const notice = decideNotice(
    { prefix: "shopify/prod", store, shop: "partner.myshopify.com" as ShopDomain },
    {
      before: undefined,
      after: {
        state: "dead",
        code: "token_dead",
        needsPerson: true,
        owner: "operator",
        says,
        next,
      },
    },
  );

  test("is the one that is sent, as e-mail", () => {
    expect(page).toContain(`\nSubject: ${notice?.subject}\n\n${notice?.message}\n`);
  });

  test("and as a card in a channel", () => {
    if (notice === undefined) throw new Error("a dead store is told of");
    const { content } = JSON.parse(encodeChatNotice(notice)) as {
      content: { title: string; description: string; nextSteps: string[] };
    };
    const lines = [
      content.title.replace(":warning:", "⚠"),
      content.description,
      "Next steps",
      ...content.nextSteps.map((step) => ` • ${step}`),
    ];
    expect(page).toContain(lines.map((line) => `┃ ${line}`).join("\n"));
  });
});

describe("what new alarms say", () => {
  const alarms = alarmsOf("shopify/prod", FUNCTION_ROLES);

  test("comes at most once from each, and the page says how often that is", () => {
    expect(page).toContain(`one such message for each new alarm, ${alarms.length} at most,`);
    // Without data at the start: those that take silence for well are OK at once.
    const state = "INSUFFICIENT_DATA";
    const now = Date.UTC(2026, 10, 2);
    const states = alarms.map((alarm) => evaluateAlarm(alarm, { points: [], now, state }));
    expect(states.filter((one) => one === "OK").length).toBeGreaterThanOrEqual(alarms.length - 3);
  });

  test("is what the filter of a pager leaves out, and nothing else", () => {
    const [, filter = ""] =
      /--attribute-name FilterPolicy --attribute-value '(.+)'/.exec(page) ?? [];
    const { $or } = JSON.parse(filter) as { $or: Record<string, string[]>[] };
    // "$or" is the operator where it is a list of two and more (SNS developer guide, "OR operator").
    expect($or).toHaveLength(2);
    const passes = (OldStateValue: string, NewStateValue: string) => {
      const message: Record<string, string> = { OldStateValue, NewStateValue };
      return $or.some((one) =>
        Object.entries(one).every(([name, values]) => values.includes(message[name] ?? "")),
      );
    };
    const states = ["OK", "ALARM", "INSUFFICIENT_DATA"];
    const left = states.flatMap((from) =>
      states.filter((to) => from !== to && !passes(from, to)).map((to) => `${from} to ${to}`),
    );
    expect(left).toEqual(["OK to INSUFFICIENT_DATA", "INSUFFICIENT_DATA to OK"]);
  });
});
