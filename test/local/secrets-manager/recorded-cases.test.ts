import { ANSWER_CASES } from "./answer-cases";
import { type RecordedCase, runCase } from "./case-table";
import { LABEL_CASES } from "./label-cases";
import { LIFECYCLE_CASES } from "./lifecycle-cases";
import { LIMIT_CASES } from "./limit-cases";
import { LIST_CASES } from "./list-cases";
import { VALIDATION_CASES } from "./validation-cases";

const CASES: readonly RecordedCase[] = [
  ...LABEL_CASES,
  ...ANSWER_CASES,
  ...LIFECYCLE_CASES,
  ...LIMIT_CASES,
  ...LIST_CASES,
  ...VALIDATION_CASES,
];

describe("what sources outside the project say about Secrets Manager", () => {
  test.each(CASES.map((recorded) => [recorded.title, recorded] as const))(
    "%s",
    async (_title, recorded) => {
      await runCase(recorded);
    },
  );

  test("every case names its source, and there are at least forty", () => {
    expect(CASES.length).toBeGreaterThanOrEqual(40);
    for (const { source } of CASES) expect(source).toMatch(/^(LocalStack|moto|AWS's API model)/);
  });
});
