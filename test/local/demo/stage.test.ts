import { alignedRows, createStage, wantsColour } from "../../../local/demo/stage";

test("tables align, and lines end where their text ends", () => {
  expect(
    alignedRows([
      ["store", "kind"],
      ["acme", "client-credentials"],
      ["heritage", "custom-app"],
    ]),
  ).toEqual(["store     kind", "acme      client-credentials", "heritage  custom-app"]);
  expect(alignedRows([])).toEqual([]);
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{}, {}, false],
])("colour on %j with %j: %s", (stream, environment, expected) =>
  expect(wantsColour(stream, environment)).toBe(expected),
);

test("acts are numbered, and nothing is coloured unless asked", () => {
  const told: string[] = [];
  const stage = createStage({ write: (text) => told.push(text), colour: false });
  stage.act("The world");
  stage.good("up");
  stage.act("The end");
  expect(told.join("")).toBe("\n1. The world\n   ok  up\n\n2. The end\n");
});
