import * as pulumi from "@pulumi/pulumi";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { listedSecretsOf } from "../../contract/store/secret-facts";
import { warnOfAbandonedList } from "../../infra/abandoned-list";
import type { ListedFleet } from "../../infra/config/spec";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/";

const secretsOf = (origin: string, keys: readonly string[], DeletedDate?: Date) =>
  listedSecretsOf(
    keys.map((key) => ({
      ARN: `${ARN}${key}/token-AbCdEf`,
      Name: `shopify/prod/stores/${key}/token`,
      DeletedDate,
      Tags: [{ Key: SECRET_TAGS.origin, Value: origin }],
    })),
  );

async function warningsOf(
  list: ListedFleet | undefined,
  there: ReturnType<typeof secretsOf> | undefined,
): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  warnOfAbandonedList({ listed: list }, pulumi.output(PLACE), async () => there);
  await new Promise((resolve) => setImmediate(resolve)); // outputs settle without any waiting
  return warnings;
}

test("stores of a list that config names no more are told of, with the way back", async () => {
  expect(await warningsOf(undefined, secretsOf(LISTED, ["one", "two"]))).toEqual([
    expect.stringMatching(/^2 stores of a list are there.*fleet\.list' stores\.jsonl$/),
  ]);
});

test("nothing is told of a stack that has its list, of other stores, of what is deleted, or where AWS is silent", async () => {
  const list = {
    file: "stores.jsonl",
    stores: [],
    retireAtMost: 10,
    toleratedFailures: 20,
    concurrency: 20,
  };
  expect(await warningsOf(list, secretsOf(LISTED, ["one"]))).toEqual([]);
  expect(await warningsOf(undefined, secretsOf("installed-by-merchant", ["one"]))).toEqual([]);
  expect(await warningsOf(undefined, secretsOf(LISTED, ["one"], new Date(0)))).toEqual([]);
  expect(await warningsOf(undefined, undefined)).toEqual([]);
});
