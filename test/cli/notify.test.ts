import { ago, HOUR_MS, Operator, PREFIX } from "./arrange";

/** An operator of one store; what the sweep function answers, and what is typed when the word is asked for. */
async function operatorOf(outcome: string, type?: (word: string) => string): Promise<Operator> {
  const operator = new Operator();
  await operator.addStore({ key: "heritage", kind: "custom-app", lastSuccessAt: ago(HOUR_MS) });
  operator.answer = (_name, { word }) => {
    operator.consent = type?.(String(word));
    return { outcome };
  };
  return operator;
}

const wordOf = ({ invocations }: Operator) => String(invocations.at(-1)?.payload["word"]);

describe("notify --test", () => {
  test("asks the sweep function for a notice, and whoever types its word is reached", async () => {
    const operator = await operatorOf("handed_over", (word) => ` ${word.toUpperCase()}\n`);
    const { code, out } = await operator.type("notify --test");
    expect(operator.invocations).toMatchObject([
      { name: "shopify-prod-sweep", payload: { action: "notify" } },
    ]);
    expect(wordOf(operator)).toMatch(/^[a-z]{6}$/);
    expect(out).toContain("people are reached");
    // Only who read the notice can know it.
    expect(out).not.toContain(wordOf(operator));
    expect(code).toBe(0);
  });

  test.each([
    ["nothing", () => "", "It did not arrive."],
    ["another word", () => "lemon", "That is not the word of this notice."],
  ])("%s is no proof: what to look at is said", async (_what, type, says) => {
    const { code, out } = await (await operatorOf("handed_over", type)).type("notify --test");
    expect(code).toBe(1);
    expect(out).toContain(says);
    expect(out).toContain(
      "Next: pulumi stack output noticeTopicArn, then aws sns list-subscriptions",
    );
  });

  test("where nobody sits the word is printed, to be compared", async () => {
    const operator = await operatorOf("handed_over");
    const { code, out } = await operator.type("notify --test");
    expect(code).toBe(0);
    expect(out).toContain(`ends with the word ${wordOf(operator)}`);
    const asJson = await operator.type("notify --test --json");
    expect(JSON.parse(asJson.out)).toEqual({
      prefix: PREFIX,
      outcome: "handed_over",
      word: wordOf(operator),
    });
  });

  test("every test has another word", async () => {
    const operator = await operatorOf("handed_over");
    const words = new Set<string>();
    for (let time = 0; time < 5; time += 1) {
      await operator.type("notify --test");
      words.add(wordOf(operator));
    }
    expect(words.size).toBe(5);
  });

  test("a stack that tells nobody is told how it would", async () => {
    const { code, err } = await (await operatorOf("no_topic")).type("notify --test");
    expect(code).toBe(3);
    expect(err).toContain("tells nobody of a store: it has no topic. Next: pulumi config set");
  });

  test("sends nothing but a test, and asks nobody otherwise", async () => {
    const operator = await operatorOf("handed_over");
    expect((await operator.type("notify")).code).toBe(2);
    expect(operator.invocations).toEqual([]);
  });

  test("of a stack whose functions are older says so", async () => {
    const operator = await operatorOf("never heard of it");
    expect((await operator.type("notify --test")).err).toContain("does not know");
  });
});
