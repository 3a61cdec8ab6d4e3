import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LISTED, SECRET_TAGS } from "../../contract/names";
import { goingOn, inTime, LONGEST_LOOK_MS, listApps, pagesOfOrigin } from "../../infra/store-list";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const WHERE = { place: PLACE, prefix: "shopify/prod" };

interface Entry {
  readonly name: string;
  readonly origin?: string;
  readonly accountId?: string;
  readonly isDeleted?: boolean;
}

const entryOf = ({ name, origin, accountId = PLACE.accountId, isDeleted = false }: Entry) => ({
  ARN: `arn:aws:secretsmanager:eu-west-1:${accountId}:secret:${name}-AbCdEf`,
  Name: name,
  Tags: origin === undefined ? [] : [{ Key: SECRET_TAGS.origin, Value: origin }],
  ...(isDeleted ? { DeletedDate: 1_795_910_400 } : {}),
});

let server: Server;
let pages: readonly (readonly Entry[])[];
let asked: Record<string, unknown>[];
const before = { ...process.env };

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      const question = JSON.parse(body) as Record<string, unknown>;
      asked.push(question);
      const at = Number(question["NextToken"] ?? 0);
      const SecretList = (pages[at] ?? []).map(entryOf);
      const NextToken = at + 1 < pages.length ? { NextToken: String(at + 1) } : {};
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ SecretList, ...NextToken }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
});

afterEach(async () => {
  process.env = { ...before };
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const nameOf = (key: string, prefix = "shopify/prod") => `${prefix}/stores/${key}/token`;

test("the stores of an origin come a page at a time, and others, deleted ones and other stacks' are none", async () => {
  pages = [
    [
      { name: nameOf("one"), origin: LISTED },
      { name: nameOf("gone"), origin: LISTED, isDeleted: true },
      { name: nameOf("other"), origin: "listed-by-somebody" },
      { name: nameOf("config") },
      { name: nameOf("inner", "shopify/prod/stores/eu"), origin: LISTED },
      { name: nameOf("foreign"), origin: LISTED, accountId: "210987654321" },
    ],
    [{ name: nameOf("two"), origin: LISTED }],
  ];
  const seen: string[][] = [];
  for await (const page of pagesOfOrigin(LISTED, WHERE, new AbortController().signal)) {
    seen.push(page.map(({ facts }) => facts.name));
  }
  expect(seen).toEqual([[nameOf("one")], [nameOf("two")]]);
  expect(asked[0]?.["Filters"]).toEqual([
    { Key: "name", Values: ["shopify/prod/stores/"] },
    { Key: "tag-value", Values: [LISTED] },
  ]);
});

test("whoever has seen enough asks no further", async () => {
  pages = [[{ name: nameOf("one"), origin: LISTED }], []];
  for await (const _ of pagesOfOrigin(LISTED, WHERE, new AbortController().signal)) break;
  expect(asked).toHaveLength(1);
});

test("the apps that have a secret are those of this stack whose secret stays", async () => {
  pages = [
    [
      { name: "shopify/prod/apps/erp/credential" },
      { name: "shopify/prod/apps/gone/credential", isDeleted: true },
      { name: "shopify/prod/apps/foreign/credential", accountId: "210987654321" },
      { name: "shopify/prod/apps/odd" },
    ],
  ];
  expect(await listApps(WHERE, new AbortController().signal)).toEqual(["erp"]);
});

describe("an answer in parts", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const slowly = async function* (parts: readonly number[]) {
    for (const ms of parts) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      yield [];
    }
  };

  const countOf = (parts: readonly number[]) =>
    inTime(async (_, goOn) => {
      let count = 0;
      for await (const page of goingOn(slowly(parts), goOn)) count += 1 + page.length;
      return count;
    });

  test.each([
    ["has its time for each of them", [1, 1, 1, 1], 4],
    ["has no more for one", [1, 2.5, 1], undefined],
  ])("%s", async (_what, shares, expected) => {
    const answer = countOf(shares.map((share) => share * 0.5 * LONGEST_LOOK_MS));
    await jest.advanceTimersByTimeAsync(20 * LONGEST_LOOK_MS);
    expect(await answer).toBe(expected);
  });
});
