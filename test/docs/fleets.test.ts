import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseFleets } from "../../cli/fleet/fleets-file";
import { readTokenList } from "../../cli/fleet/token-list";
import {
  mostPairs,
  mostPairsByQueue,
  ORDER_COMES_AGAIN_SECONDS,
  QUEUE_WRITES_A_SECOND,
  RENEWALS_A_PASS,
  WORKERS,
} from "../../contract/capacity";
import { Sealed } from "../../contract/sealed";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { parseFleet } from "../../infra/config/parse-fleet";
import { reading } from "../infra/config/at";
import { blocksOf, PROJECT } from "./code-blocks";

const PAGE = "docs/fleets.md";
const text = readFileSync(join(PROJECT, PAGE), "utf8");

function block(mark: string): string {
  const found = blocksOf(PAGE).find((one) => one.mark === mark);
  if (found === undefined) throw new Error(`${PAGE} has no block marked ${mark}`);
  return found.code;
}

test("the file of fleets is one that status --fleet takes", () => {
  expect(parseFleets(block("fleets"), "fleets.yaml").map(({ name }) => name)).toEqual(["eu", "us"]);
});

test("the list of tokens is one that put --from takes", () => {
  const reading = readTokenList(Sealed.of(block("tokens")));
  expect("tokens" in reading && reading.tokens.map(({ store }) => store)).toEqual([
    "heritage",
    "partner",
  ]);
});

test("the list of stores and its settings are ones that config takes", () => {
  const apps = { fulfilment: { clientId: "client-id" } };
  const config = {
    apps,
    clientSecrets: { fulfilment: "shpss_secret" },
    ...Object.fromEntries(
      Object.entries(parse(block("list")) as object).map(([key, value]) => [
        key.replace("shopify-secrets:", ""),
        value as unknown,
      ]),
    ),
  };
  const readLines = () => block("lines").split("\n");
  const { fleet, problems } = parseFleet(config, { ...reading("shopify/prod"), readLines });
  expect(problems).toEqual([]);
  expect(fleet.listed?.stores.map(({ key }) => key)).toEqual(["acme", "heritage"]);
  const { stores: _, file, ...defaults } = fleet.listed ?? {};
  const bare = parseFleet({ ...config, fleet: { list: file } }, { ...reading("x"), readLines });
  expect(bare.fleet.listed).toMatchObject(defaults);
});

test("the numbers of pairs are those of the arithmetic", () => {
  expect(text).toContain(`${mostPairs(SWEEP_EVERY_MS).toLocaleString("en")} pairs in time`);
  expect(text).toContain(
    `With \`workQueue: true\` it is\n  ${mostPairsByQueue().toLocaleString("en")}`,
  );
  expect(text).toContain(`at most ${WORKERS} workers`);
  expect(text).toContain(`${QUEUE_WRITES_A_SECOND} writes of its 50`);
  expect(text).toContain(`again after ${ORDER_COMES_AGAIN_SECONDS} seconds`);
  const planned = Math.floor((2.5 * RENEWALS_A_PASS) / 1_000) * 1_000;
  expect(text).toContain(`Plan with ${planned.toLocaleString("en")}`);
});
