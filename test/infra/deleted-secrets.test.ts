import * as pulumi from "@pulumi/pulumi";
import { parseFleet } from "../../infra/config/parse-fleet";
import { type ListDeleted, warnOfDeletedSecrets } from "../../infra/deleted-secrets";
import { reading } from "./config/at";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const { fleet } = parseFleet(
  {
    stores: {
      acme: { kind: "offline", shop: "acme.myshopify.com" },
      heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
    },
  },
  reading("shopify/prod"),
);

function arnOf(store: string, place = "eu-west-1:123456789012"): string {
  return `arn:aws:secretsmanager:${place}:secret:shopify/prod/stores/${store}/token-AbCdEf`;
}

async function warningsWith(listDeleted: ListDeleted): Promise<string[]> {
  const warnings: string[] = [];
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  warnOfDeletedSecrets(fleet, pulumi.output(PLACE), listDeleted);
  await new Promise((resolve) => setImmediate(resolve)); // outputs settle without any waiting
  return warnings;
}

test("a store whose name is taken is told with the command that restores", async () => {
  const asked: unknown[] = [];
  const warnings = await warningsWith(async (...question) => {
    asked.push(question);
    return [arnOf("heritage"), arnOf("gone")];
  });
  expect(asked).toEqual([[PLACE, "shopify/prod", expect.any(AbortSignal)]]);
  expect(warnings).toEqual([
    "heritage: secret_pending_deletion: the secret is scheduled for deletion. Next: shopify-secrets restore heritage",
  ]);
});

test.each(["eu-west-1:999999999999", "us-east-1:123456789012"])(
  "secrets of %s, which other credentials see, are none of ours",
  async (elsewhere) => {
    expect(await warningsWith(async () => [arnOf("heritage", elsewhere)])).toEqual([]);
  },
);

test("who may not list secrets is told nothing", async () => {
  const refused = async () => {
    throw new Error("AccessDeniedException");
  };
  expect(await warningsWith(refused)).toEqual([]);
});

describe("AWS that never answers", () => {
  afterEach(() => jest.useRealTimers());

  test("is waited for five seconds, and then let go", async () => {
    let given: AbortSignal | undefined;
    jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
    const warnings = await warningsWith((_place, _prefix, signal) => {
      given = signal;
      return new Promise<never>(() => undefined);
    });
    await jest.advanceTimersByTimeAsync(4_999);
    expect(given?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(given?.aborted).toBe(true);
    expect(warnings).toEqual([]);
  });
});
