import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ShopDomain, StoreKey } from "../../contract/brands";
import { ADVICE, adviceOf, ERROR_CODES } from "../../contract/errors";
import { decideNotice, encodeChatNotice } from "../../contract/notice";
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
