import { readFileSync } from "node:fs";
import { join } from "node:path";
import { complaintsAbout } from "../../scripts/check-budgets";

// `npm run check` measures the bundles after it has built them; this is what it says of them.

test("a bundle within its budget is no complaint, one byte more names the bundle and what to do", () => {
  const size = { file: "lambda/rotate/index.mjs", zippedBytes: 100, budget: 100 };
  expect(complaintsAbout([size])).toEqual([]);
  const [complaint, ...more] = complaintsAbout([size, { ...size, zippedBytes: 101 }]);
  expect(complaint).toMatch(/dist\/lambda\/rotate\/index\.mjs has 101 bytes zipped, 1 more than/);
  expect(more).toEqual([]);
});

test("the check runs it after the build", () => {
  const { scripts } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(scripts["check"]).toMatch(/build && npm run --silent budgets/);
  expect(scripts["budgets"]).toBe("tsx scripts/check-budgets.ts");
});
