import { withOtherSizes } from "../../bench/page";

const PAGE = `## A fleet

*a machine.*

### 10 stores

ten, of yesterday

### 300 stores

many, of yesterday
`;

test("a size that is measured by itself takes the place of its own table alone", () => {
  const fresh =
    "## A fleet\n\n*another machine.*\n\n### 100 stores\n\nhundred\n\n### 10 stores\n\nten";
  expect(withOtherSizes(fresh, PAGE)).toBe(
    [
      "## A fleet\n\n*another machine.*",
      "### 10 stores\n\nten",
      "### 100 stores\n\nhundred",
      "### 300 stores\n\nmany, of yesterday",
    ].join("\n\n"),
  );
});
