import { LIST_KEY } from "../../contract/listed/list-bucket";
import { parseStoreList } from "../../contract/listed/listed-store";
import { listBucketName } from "../../contract/names";
import { limitProblems } from "../../infra/config/limits";
import { parseFleet } from "../../infra/config/parse-fleet";
import type { FleetSpec } from "../../infra/config/spec";
import { provisionFleet } from "../../infra/fleet";
import { linesOfList } from "../../infra/list-machine/list-file";
import { keepingPairs } from "../../infra/refresh-tokens";
import { reading } from "./config/at";
import { VALID } from "./config/mistakes";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const LINES = [
  '{"store":"west","kind":"custom-app","shop":"west.myshopify.com"}',
  '{"store":"east","kind":"client-credentials","shop":"east.myshopify.com","app":"fulfilment"}',
];

function parse(fleet: object | undefined, lines: readonly string[] = LINES) {
  const { fleet: spec, problems } = parseFleet(
    { ...VALID, tags: { team: "orders" }, ...(fleet && { fleet }) },
    { ...reading("shopify/test"), readLines: () => lines },
  );
  expect(problems).toEqual([]);
  return spec;
}

async function record(
  fleet: object | undefined,
  spec: FleetSpec = parse(fleet),
): Promise<Recorded[]> {
  const bundles = stubBundles();
  try {
    return await recordResources(() => {
      provisionFleet(spec, { bundlesFolder: bundles.folder });
    });
  } finally {
    bundles.remove();
  }
}

const plain = ({ inputs }: Recorded) => JSON.stringify(inputs);
const LIST = { list: "stores.jsonl", concurrency: 7, toleratedFailures: 5 };
const namesOf = (recorded: readonly Recorded[]) => recorded.map(({ name }) => name).sort();

describe("a stack with a list of stores", () => {
  test("tells its install endpoint of it, which would read the whole list otherwise", async () => {
    const toldOf = async (fleet: object | undefined) => {
      const spec = parse(fleet);
      const settings = { ...spec.settings, installEndpoint: true };
      const recorded = await record(fleet, { ...spec, settings });
      return recorded.some((one) => plain(one).includes("SHOPIFY_SECRETS_HAS_LIST"));
    };
    expect([await toldOf(undefined), await toldOf(LIST)]).toEqual([false, true]);
  });

  test("has the machinery beside all that it had, and no store of the list", async () => {
    const [without, withList] = [await record(undefined), await record(LIST)];
    const more = namesOf(withList).filter((name) => !namesOf(without).includes(name));
    expect(more).toEqual([
      "apply",
      "apply-bucket",
      "apply-function",
      "apply-lifecycle",
      "apply-list",
      "apply-log",
      "apply-machine",
      "apply-policy",
      "apply-privacy",
      "apply-role",
      "apply-steps-policy",
      "apply-steps-role",
      "apply-versions",
    ]);
    // Nothing of a stack without a list is another because lists exist, but who else may keep a secret's value.
    const before = new Map(without.map((one) => [one.name, one]));
    for (const resource of withList) {
      const same = before.get(resource.name);
      if (same !== undefined) expect(plain(resource)).toBe(plain(same));
    }
  });

  test("a stack without one names neither a bucket, a machine nor the function", async () => {
    const text = JSON.stringify(await record(undefined));
    expect(text).not.toMatch(/aws:s3|aws:sfn|states:|s3:|-apply|shopify-origin|CreateSecret/);
  });

  test("leaves the functions what renews one-hour stores that left the list, until they were retired", async () => {
    const pair =
      '{"store":"north","kind":"offline-expiring","shop":"north.myshopify.com","app":"fulfilment"}';
    const deployed = await record(LIST, parse(LIST, [...LINES, pair]));
    const lastOutputs = async () => ({ refreshKeyArn: "arn:aws:kms:us-east-1:000000000000:key/1" });
    const emptied = await record(LIST, await keepingPairs(parse(LIST, []), lastOutputs));
    expect(namesOf(emptied)).toEqual(namesOf(deployed));
    expect(namesOf(emptied)).toEqual(
      expect.arrayContaining(["refresh-tokens-key", "install-function"]),
    );
    const isOfSweep = ({ name }: Recorded) => name.startsWith("sweep");
    expect(emptied.filter(isOfSweep).map(plain)).toEqual(deployed.filter(isOfSweep).map(plain));
    // Who never had them gets nothing by a list.
    const without = await record(LIST, await keepingPairs(parse(LIST), async () => ({})));
    expect(namesOf(without)).toEqual(namesOf(await record(LIST)));
  });

  test("its bucket is versioned and private, and the list is an asset", async () => {
    const recorded = await record(LIST);
    const [bucket] = ofType(recorded, "aws:s3/bucket:Bucket");
    expect(bucket?.inputs).toMatchObject({ bucket: listBucketName("shopify/test", PLACE) });
    const [versions] = ofType(recorded, "aws:s3/bucketVersioning:BucketVersioning");
    expect(versions?.inputs["versioningConfiguration"]).toEqual({ status: "Enabled" });
    const [privacy] = ofType(recorded, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    expect(Object.values(privacy?.inputs ?? {}).filter((value) => value === true)).toHaveLength(4);
    const [list] = ofType(recorded, "aws:s3/bucketObjectv2:BucketObjectv2");
    expect(list?.inputs["content"]).toBeUndefined();
    expect(JSON.stringify(recorded)).not.toContain("east.myshopify.com");
  });

  test("what runs left goes after 90 days, and so does a list that is not the newest, which stays", async () => {
    const token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    const [lifecycle] = ofType(await record(LIST), token);
    expect(lifecycle?.inputs["bucket"]).toBe(listBucketName("shopify/test", PLACE));
    const rules = lifecycle?.inputs["rules"] as Record<string, Record<string, unknown>>[];
    const of = (prefix: string) => rules.find(({ filter }) => filter?.["prefix"] === prefix);
    expect(of("")).toMatchObject({
      noncurrentVersionExpiration: { noncurrentDays: 90 },
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    });
    for (const prefix of ["work/", "failed/", "results/"]) {
      expect(of(prefix)).toMatchObject({ expiration: { days: 90 } });
    }
    const expiring = rules.filter(({ expiration }) => expiration?.["days"] !== undefined);
    expect(
      expiring.filter(({ filter }) => LIST_KEY.startsWith(String(filter?.["prefix"]))),
    ).toEqual([]);
    expect(rules.map(({ status }) => status)).toEqual(rules.map(() => "Enabled"));
  });

  test("its machine works on so many at once, and stops at so many failures", async () => {
    const [machine] = ofType(await record(LIST), "aws:sfn/stateMachine:StateMachine");
    const { States } = policyIn(machine, "definition") as {
      States: { Stores: object; Plan: object };
    };
    expect(States.Plan).toMatchObject({ Parameters: { Payload: { tolerated_failures: 5 } } });
    expect(States.Stores).toMatchObject({
      MaxConcurrency: 7,
      ToleratedFailurePercentagePath: "$.plan.tolerated",
    });
  });

  test("its function reads no value, and its machine touches no secret", async () => {
    const policies = ofType(await record(LIST), "aws:iam/rolePolicy:RolePolicy");
    const textOf = (name: string) =>
      String(policies.find((one) => one.name === name)?.inputs["policy"]);
    expect(textOf("apply-policy")).not.toMatch(
      /GetSecretValue|PutSecretValue|UpdateSecretVersionStage/,
    );
    expect(textOf("apply-steps-policy")).not.toMatch(/secretsmanager:|kms:/);
  });
});

test("the uploaded list is the same in whatever order the stores were written", () => {
  const spec = parse(LIST);
  const listed = spec.listed;
  if (listed === undefined) throw new Error("there is no list");
  const lines = [...linesOfList(spec, listed)];
  const backwards = { ...listed, stores: [...listed.stores].reverse() };
  expect([...linesOfList(spec, backwards)]).toEqual(lines);
  const { head, stores } = parseStoreList(lines.join("\n"));
  expect(head).toEqual({
    prefix: "shopify/test",
    tags: { team: "orders" },
    recoveryWindowDays: 30,
    retireAtMost: 10,
  });
  expect(
    stores.map(({ store, rotationHours, clientId }) => [store, rotationHours, clientId]),
  ).toEqual([
    ["east", 8, "client-id"],
    ["west", undefined, undefined],
  ]);
});

test("a prefix whose bucket would have too long a name is refused where there is a list", () => {
  const prefix = "a-prefix-of-thirty-six-characters-xx";
  const place = { ...PLACE, region: "ap-southeast-2" };
  const problemsOf = (listed: boolean) => {
    const spec = parse(listed ? LIST : undefined);
    return limitProblems({ ...spec, settings: { ...spec.settings, prefix } }, place).filter(
      ({ says }) => says.includes("bucket"),
    );
  };
  expect(problemsOf(false)).toEqual([]);
  expect(problemsOf(true)).toEqual([
    {
      path: "shopify-secrets:prefix",
      says: expect.stringMatching(/at most 35 characters/) as string,
    },
  ]);
});
