import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RENAMED } from "./aliases";
import { type Names, namesOfToday } from "./names";
import { RECORDS } from "./recorded-stack";

const today = namesOfToday();

/** Names that people outside hold on to are kept, or have an alias that goes on working. */
describe.each(RECORDS)("names since %s", (record) => {
  const recorded = JSON.parse(readFileSync(join(__dirname, record, "names.json"), "utf8")) as Names;

  test.each(Object.entries(recorded))("%s are kept", (of, names) => {
    const kept = new Set([...(today[of] ?? []), ...Object.keys(RENAMED[of] ?? {})]);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !kept.has(name))).toEqual([]);
  });
});

test("an alias stands for a name of today", () => {
  const astray = Object.entries(RENAMED).flatMap(([of, renamed]) =>
    Object.values(renamed).filter((name) => !today[of]?.includes(name)),
  );
  expect(astray).toEqual([]);
});

test("the names are found in the sources", () => {
  expect(today["log events"]).toContain("shopify.check");
  expect(today["log events"]).toContain("shopify.token_endpoint");
  expect(today["config keys"]).toContain("store.rotationHours");
  expect(today["config keys"]).toContain("shopify-secrets:vpc.subnetIds");
  expect(today["config keys"]).toContain("shopify-secrets:alarms.topicArn");
  expect(today["exports of the library"]).toContain("type StoreSecretArgs");
  expect(today["exports of the session storage"]).not.toEqual([]);
});
