import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const LAMBDA = join(ROOT, "lambda");
const THE_PROMOTION = "engine/promote.ts";

/** The functions' own code, without comments. */
const sources = (): [file: string, text: string][] =>
  readdirSync(LAMBDA, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => {
      const text = readFileSync(join(LAMBDA, file), "utf8");
      return [file, text.replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm, "")];
    });

const filesWith = (pattern: RegExp): string[] =>
  sources().flatMap(([file, text]) => (pattern.test(text) ? [file] : []));

describe("one succession", () => {
  test("AWSCURRENT moves in one function", () => {
    const throughThePort = filesWith(/\b(?:secrets|port)\.promote\(/).filter(
      (file) => !file.startsWith("secrets/") && !file.endsWith("-port.ts"),
    );
    expect(throughThePort).toEqual([THE_PROMOTION]);
  });

  test("no version is stored as AWSCURRENT", () => {
    expect(filesWith(/stages:?\s*(?:=\s*)?\[[^\]]*AWSCURRENT/)).toEqual([]);
  });

  test("what a version is stored under stands in the table of plans", () => {
    const labels = filesWith(/stages: \[\s*(?!\]|PLANS\.|plan\.)/).filter(
      (file) => !file.startsWith("secrets/"),
    );
    expect(labels).toEqual([]);
  });

  test("the walls see what they forbid", () => {
    expect(/stages: \[\s*(?!\]|PLANS\.|plan\.)/.test("stages: [INSTALLING] };")).toBe(true);
    expect(filesWith(/export async function promote\(/)).toEqual([THE_PROMOTION]);
    expect(
      /stages:?\s*(?:=\s*)?\[[^\]]*AWSCURRENT/.test('const stages = [x ? "AWSCURRENT" : y];'),
    ).toBe(true);
  });
});
