import { paintOf } from "../../cli/print/colour";
import { whileTelling } from "../../cli/print/progress";
import { ageText, parseSpan, spanText } from "../../cli/print/spans";
import { formatTable } from "../../cli/print/table";
import { outputOf } from "../../cli/terminal";
import { plural } from "../../contract/plural";
import type { EpochMs } from "../../contract/time";

const plain = (text: string) => text;

describe("tables", () => {
  const columns = [
    { title: "STORE", shrinks: true },
    { title: "KIND", rank: 2 },
    { title: "AGE", align: "right" as const, rank: 1 },
  ];
  const rows = [
    [{ text: "a-store-with-a-name" }, { text: "offline" }, { text: "1h" }],
    [{ text: "b" }, { text: "custom-app" }, { text: "12h 3m" }],
  ];

  test.each([
    [
      undefined,
      [
        "STORE                KIND           AGE",
        "a-store-with-a-name  offline         1h",
        "b                    custom-app  12h 3m",
      ],
    ],
    [
      30,
      [
        "STORE       KIND           AGE",
        "a-store-w…  offline         1h",
        "b           custom-app  12h 3m",
      ],
    ],
    [24, ["STORE         KIND", "a-store-wit…  offline", "b             custom-app"]],
    [12, ["STORE", "a-store-wit…", "b"]],
  ])("in %p columns", (width, lines) => {
    expect(formatTable({ columns, rows }, width, plain)).toBe(`${lines.join("\n")}\n`);
  });

  test("colours take no width", () => {
    const paint = paintOf({ isTerminal: true, columns: 80, write: () => undefined }, {});
    const coloured = formatTable(
      {
        columns: [{ title: "A" }, { title: "B" }],
        rows: [[{ text: "x", colour: "red" }, { text: "y" }]],
      },
      80,
      paint,
    );
    expect(coloured.split("\n")[1]).toBe("\u001b[31mx\u001b[0m  y");
  });
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
])("terminal %p with %p: colours %p", (isTerminal, env, hasColours) => {
  const paint = paintOf({ isTerminal, columns: 80, write: () => undefined }, env);
  expect(paint("x", "red") !== "x").toBe(hasColours);
});

test.each([
  [59_999, "59s"],
  [60_000, "1m"],
  [3_600_000, "1h"],
  [5_400_000, "1h 30m"],
  [86_400_000, "1d"],
  [90_000_000, "1d 1h"],
  [864_000_000, "10d"],
  [-60_000, "1m ago"],
])("%i ms read as %s", (milliseconds, text) => {
  expect(spanText(milliseconds)).toBe(text);
});

test.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["30", undefined],
  ["-1m", undefined],
  ["1.5h", undefined],
])("%s is a span of %p ms", (text, milliseconds) => {
  expect(parseSpan(text)).toBe(milliseconds);
});

describe("progress", () => {
  async function told(isTerminal: boolean, seconds: number): Promise<string> {
    let text = "";
    let now = 0;
    let tick: () => void = () => {};
    const host = {
      err: {
        isTerminal,
        columns: 20,
        write: (more: string) => {
          text += more;
        },
      },
      clock: { now: () => now as EpochMs },
      every: (_ms: number, run: () => void) => {
        tick = run;
        return () => {
          tick = () => {};
        };
      },
    };
    await whileTelling(
      host,
      () => "renewing: 1 of 30 done",
      async () => {
        for (let half = 1; half <= seconds * 2; half += 1) {
          now += 500;
          tick();
        }
      },
    );
    tick();
    return text;
  }

  test("is silent for two seconds", async () => {
    expect(await told(false, 1.5)).toBe("");
    expect(await told(true, 1.5)).toBe("");
  });

  test("is told once of work inside work", async () => {
    const told: string[] = [];
    let now = 0;
    const ticks: (() => void)[] = [];
    const err = { isTerminal: false, columns: 80, write: (more: string) => void told.push(more) };
    const every = (_ms: number, run: () => void) => {
      ticks.push(run);
      return () => void ticks.splice(ticks.indexOf(run), 1);
    };
    const host = { err, clock: { now: () => now as EpochMs }, every };
    const wait = async () => {
      now += 3_000;
      for (const tick of ticks) tick();
    };
    await whileTelling(
      host,
      () => "outer",
      () => whileTelling(host, () => "inner", wait),
    );
    await whileTelling(host, () => "later", wait);
    expect(told).toEqual(["outer … 3s\n", "later … 3s\n"]);
  });

  test("says a line every ten seconds where nobody rewrites it", async () => {
    expect(await told(false, 15)).toBe(
      "renewing: 1 of 30 done … 2s\nrenewing: 1 of 30 done … 12s\n",
    );
  });

  test("rewrites one line of a terminal, cut to its width, and clears it at the end", async () => {
    const text = await told(true, 3);
    expect(text.startsWith("\r\u001b[2Krenewing: 1 of 30 d")).toBe(true);
    expect(text.endsWith("\r\u001b[2K")).toBe(true);
  });
});

test("nothing is older than now, also where the clock is behind AWS's", () => {
  const now = 1_800_000_000_000 as EpochMs;
  expect(ageText((now - 90_000) as EpochMs, now)).toBe("1m");
  expect(ageText((now + 19_000) as EpochMs, now)).toBe("0s");
});

test.each([
  [0, "0 stores"],
  [1, "1 store"],
  [2, "2 stores"],
])("%d of a thing is %s", (count, text) => {
  expect(plural(count, "store")).toBe(text);
});

test.each([
  [true, 120, 120],
  [true, 0, undefined],
  [true, undefined, undefined],
  [false, 80, undefined],
])("a stream (terminal: %s) of %s columns has %s", (isTTY, columns, expected) => {
  const stream = { isTTY, columns, write: () => true } as unknown as NodeJS.WriteStream;
  expect(outputOf(stream).columns).toBe(expected);
});
