import * as pulumi from "@pulumi/pulumi";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { listedSecretsOf } from "../../contract/store/secret-facts";
import { warnOfAbandonedList } from "../../infra/abandoned-list";
import { parseFleet } from "../../infra/config/parse-fleet";
import type { ListedFleet } from "../../infra/config/spec";
import { LONGEST_LOOK_MS, type StorePages } from "../../infra/store-list";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/";

const secretsOf = (origin: string, keys: readonly string[]) =>
  listedSecretsOf(
    keys.map((key) => ({
      ARN: `${ARN}${key}/token-AbCdEf`,
      Name: `shopify/prod/stores/${key}/token`,
      Tags: [{ Key: SECRET_TAGS.origin, Value: origin }],
    })),
  );

type Pages = readonly ReturnType<typeof secretsOf>[];

async function* paged(pages: Pages): StorePages {
  for (const page of pages) {
    await new Promise((resolve) => setTimeout(resolve, LONGEST_LOOK_MS / 2));
    yield page;
  }
}

async function warningsOf(
  list: ListedFleet | undefined,
  pages: Pages | undefined,
  from = paged,
): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  const { settings } = parseFleet({}, reading("shopify/prod")).fleet;
  warnOfAbandonedList({ listed: list, settings }, pulumi.output(PLACE), () => from(pages ?? []));
  await jest.advanceTimersByTimeAsync(LONGEST_LOOK_MS * 1_000);
  return warnings;
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test("stores of a list that config names no more are told of, with the way back and the way on", async () => {
  expect(await warningsOf(undefined, [[], secretsOf(LISTED, ["one", "two"])])).toEqual([
    `stores of a list are there (one and others), and config names no list: nothing changes or retires them, and they are renewed only as long as this stack and its apps are there. Next: pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl, or retire them, see "End a list" in docs/fleets.md`,
  ]);
});

test("it is told of a list that no courtesy has the time to read, and nothing is read beyond the first", async () => {
  let asked = 0;
  const pages = Array.from({ length: 1_000 }, (_, index) => secretsOf(LISTED, [`store-${index}`]));
  const warnings = await warningsOf(undefined, [[], [], [], ...pages], async function* (given) {
    for await (const page of paged(given)) {
      asked += 1;
      yield page;
    }
  });
  expect(warnings).toEqual([expect.stringMatching(/^stores of a list are there \(store-0\), /)]);
  expect(asked).toBe(4);
});

test("nothing is told of a stack that has its list, of no such stores, or where AWS is silent", async () => {
  const list = {
    file: "stores.jsonl",
    stores: [],
    retireAtMost: 10,
    toleratedFailures: 20,
    concurrency: 20,
  };
  expect(await warningsOf(list, [secretsOf(LISTED, ["one"])])).toEqual([]);
  expect(await warningsOf(undefined, [[], []])).toEqual([]);
  const silent = async function* (pages: Pages) {
    await new Promise(() => undefined);
    yield* pages;
  };
  expect(await warningsOf(undefined, undefined, silent)).toEqual([]);
});
