import { RESOURCE_TYPES } from "../../../local/provider/resource-types";
import type { Row, Table } from "../../../local/provider/table";
import { FACTS } from "./official-facts";
import { AGREEMENT } from "./sdk-agreement";

test("every table is compared with the official SDK by the type checker", () => {
  expect(Object.keys(AGREEMENT)).toHaveLength(RESOURCE_TYPES.length);
});

const rowsOf = (table: Table): Row[] =>
  Object.values(table).flatMap((row) => [row, ...(row.of ? rowsOf(row.of) : [])]);

test.each(RESOURCE_TYPES.map((type) => [type.token, type] as const))(
  "every row of %s names the provider's source file",
  (_token, type) => {
    for (const row of rowsOf(type.table)) expect(row.source).toMatch(/^internal\/.+\.go$/);
  },
);

const namesWhere = (table: Table, matches: (row: Row) => boolean): string[] =>
  Object.entries(table)
    .filter(([, row]) => matches(row))
    .map(([name]) => name)
    .sort();

test("the facts cover every resource type", () => {
  expect(FACTS.map(({ token }) => token as string).sort()).toEqual(
    RESOURCE_TYPES.map(({ token }) => token).sort(),
  );
});

test.each(FACTS.map((facts) => [facts.token, facts] as const))(
  "%s replaces, keeps and fills in as the official provider does",
  (token, facts) => {
    const type = RESOURCE_TYPES.find((candidate) => candidate.token === token);
    const table = type?.table ?? {};
    const initial = Object.entries(table).flatMap(([name, row]) =>
      row.initial === undefined ? [] : [[name, row.initial] as const],
    );
    expect(namesWhere(table, (row) => Boolean(row.forceNew))).toEqual(facts.forceNew);
    expect(namesWhere(table, (row) => row.read === "kept")).toEqual(facts.kept);
    expect(Object.fromEntries(initial)).toEqual(facts.initial);
  },
);

test("read sees nothing of the state but what locates the resource", () => {
  const locating = RESOURCE_TYPES.map(
    (type) => [type.token, namesWhere(type.table, (row) => Boolean(row.locates))] as const,
  ).filter(([, names]) => names.some((name) => name !== "region"));
  expect(Object.fromEntries(locating)).toEqual({
    "aws:apigatewayv2/integration:Integration": ["apiId", "region"],
    "aws:apigatewayv2/route:Route": ["apiId", "region"],
    "aws:apigatewayv2/stage:Stage": ["apiId", "region"],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
    "aws:lambda/permission:Permission": ["function", "qualifier", "region"],
    "aws:s3/bucketObjectv2:BucketObjectv2": ["bucket", "key", "region"],
  });
});
