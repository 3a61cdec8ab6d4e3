import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createOperatorSecrets } from "../../cli/aws/secrets";
import { run } from "../../cli/run";
import { type EpochMs, parseIso } from "../../contract/time";
import { RECORDS, type RecordedStack, recordedStack, STACKS } from "./recorded-stack";

const DATES = ["CreatedDate", "LastChangedDate", "LastRotatedDate", "NextRotationDate"];

/** Secrets Manager as far as ListSecrets and DescribeSecret go, with what was recorded. */
function clientOf({ secrets }: RecordedStack): SecretsManagerClient {
  const entries = secrets.map((secret) =>
    Object.fromEntries(
      Object.entries(secret).map(([name, value]) => [
        name,
        DATES.includes(name) ? new Date(String(value)) : value,
      ]),
    ),
  );
  const send = async ({ input }: { readonly input: { readonly SecretId?: string } }) =>
    input.SecretId === undefined
      ? { SecretList: entries }
      : entries.find(({ ARN }) => ARN === input.SecretId);
  return { send } as never;
}

/** Types a command at the time of the record; whatever else it asks for is not there. */
async function type(stack: RecordedStack, words: string): Promise<string> {
  let out = "";
  const output = (write: (text: string) => void) => ({ isTerminal: false, columns: 160, write });
  await run(words.split(" "), {
    env: {},
    out: output((text) => {
      out += text;
    }),
    err: output(() => undefined),
    clock: { now: () => parseIso(stack.at) as EpochMs },
    connect: () => ({
      secrets: createOperatorSecrets(clientOf(stack)),
      functions: {} as never,
      clockLeadMs: () => 0,
    }),
    sleep: async () => undefined,
    every: () => () => undefined,
  } as never);
  return out;
}

type Shown = Readonly<Record<string, unknown>>;

/** What was said wrongly then and is mended since, each with its reason. */
function corrected(store: Shown, { secrets }: RecordedStack): Shown {
  // A store whose secret kept an older name was called by that name, which config does not know.
  const { Tags = [] } = secrets.find(({ ARN }) => ARN === store["secret_arn"]) ?? {};
  const key = Tags.find(({ Key }) => Key === "shopify-store")?.Value ?? store["store"];
  // An empty list read as "none granted", where no scope was wanted and nobody looked.
  const isAnyScope = Array.isArray(store["scopes_wanted"]) && store["scopes_wanted"].length === 0;
  return {
    ...store,
    store: key,
    ...(isAnyScope ? { scopes_granted: null } : {}),
    ...(isEndless(store) ? ENDING : {}),
  };
}

/** A token without an end was called well, five weeks before Shopify invalidates those of public apps. */
const isEndless = ({ kind, state, code }: Shown) =>
  kind === "offline" && state === "ok" && code === null;

const ENDING = {
  code: "non_expiring_ending",
  needs_person: true,
  owner: "operator",
  says: expect.stringContaining("2027-01-01"),
  next: expect.stringContaining("shopify-secrets migrate"),
};

/** The most urgent stood first, which is for people. */
const inOrder = (stores: readonly Shown[]) =>
  [...stores].sort((one, other) => (String(one["store"]) < String(other["store"]) ? -1 : 1));

describe.each(RECORDS)("stacks of %s", (record) => {
  test.each(STACKS)("%s: status says what it said then", async (name) => {
    const stack = recordedStack(record, name);
    const said = JSON.parse(await type(stack, "status --json")) as RecordedStack["status"];
    expect(stack.status.stores.length).toBeGreaterThan(3);
    // Keys that came later are no matter; those that a script may read stay, with what they held.
    const then = stack.status.stores.map((store) => corrected(store, stack));
    expect(inOrder(said.stores)).toEqual(
      inOrder(then).map((store) => expect.objectContaining(store)),
    );
  });
});
