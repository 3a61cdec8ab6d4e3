import { check } from "../../../local/provider/check";
import { diff } from "../../../local/provider/diff";
import type { Properties } from "../../../local/provider/wire";
import { awsError, CONFIG, fakeAws, sessionOn, typeNamed } from "./stand-in";

const LIFECYCLE = typeNamed("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");

const checked = (news: Properties, olds: Properties = {}) =>
  check(LIFECYCLE, { logicalName: "lists", olds, news }, CONFIG);
const problemsOf = (...rules: Properties[]) =>
  checked({ bucket: "lists", rules }).failures.map(({ reason }) => reason);

const RULE = {
  id: "former",
  status: "Enabled",
  filter: { prefix: "" },
  noncurrentVersionExpiration: { noncurrentDays: 90 },
  expiration: { expiredObjectDeleteMarker: true },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
};
const AT_S3 = {
  ID: "former",
  Status: "Enabled",
  Filter: { Prefix: "" },
  NoncurrentVersionExpiration: { NoncurrentDays: 90 },
  Expiration: { ExpiredObjectDeleteMarker: true },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
};

describe("the lifecycle of a bucket", () => {
  test("is put as a whole, read from S3 alone, and is the same again", async () => {
    const { aws, calls } = fakeAws({
      PutBucketLifecycleConfiguration: {},
      GetBucketLifecycleConfiguration: {
        Rules: [AT_S3],
        TransitionDefaultMinimumObjectSize: "all_storage_classes_128K",
      },
    });
    const { session } = sessionOn(aws);
    const news = { bucket: "lists", rules: [RULE] };
    await expect(LIFECYCLE.create(session, news)).resolves.toEqual({ id: "lists" });
    expect(calls[0]?.input).toEqual({
      Bucket: "lists",
      LifecycleConfiguration: { Rules: [AT_S3] },
    });
    const read = await LIFECYCLE.read(session, "lists", {});
    expect(read).toEqual({
      ...news,
      transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
    });
    const { changes } = diff(LIFECYCLE, { olds: read ?? {}, news: checked(news).inputs });
    expect(changes).toEqual([]);
  });

  test("changes in place, and with another bucket is another one", () => {
    const olds = { bucket: "lists", rules: [RULE] };
    const longer = { ...RULE, noncurrentVersionExpiration: { noncurrentDays: 120 } };
    const changed = diff(LIFECYCLE, { olds, news: { bucket: "lists", rules: [longer] } });
    expect(changed.changes).toEqual([
      {
        path: "rules[0].noncurrentVersionExpiration.noncurrentDays",
        kind: "update",
        replace: false,
      },
    ]);
    expect(diff(LIFECYCLE, { olds, news: { ...olds, bucket: "others" } }).replaces).toEqual([
      "bucket",
    ]);
  });

  test("is gone when S3 has none, or no such bucket", async () => {
    for (const name of ["NoSuchLifecycleConfiguration", "NoSuchBucket"]) {
      const { aws } = fakeAws({ GetBucketLifecycleConfiguration: awsError(name, "none") });
      const { session } = sessionOn(aws);
      await expect(LIFECYCLE.read(session, "lists", {})).resolves.toBeUndefined();
    }
  });

  test("is taken away by its own call", async () => {
    const { aws, calls } = fakeAws({ DeleteBucketLifecycle: {} });
    await LIFECYCLE.remove(sessionOn(aws).session, "lists", {});
    expect(calls).toEqual([{ name: "DeleteBucketLifecycle", input: { Bucket: "lists" } }]);
  });

  const { noncurrentVersionExpiration: _, expiration: __, ...rest } = RULE;
  const { abortIncompleteMultipartUpload: ___, ...without } = rest;
  test.each<[string, Properties[], RegExp]>([
    ["no rule", [], /at least 1 element/],
    ["two rules of one name", [RULE, RULE], /Rule ID must be unique/],
    ["a rule that does nothing", [without], /At least one action/],
    [
      "a marker with days",
      [{ ...RULE, expiration: { days: 1, expiredObjectDeleteMarker: true } }],
      /cannot be specified with Days/,
    ],
    ["no days at all", [{ ...RULE, expiration: { days: 0 } }], /must be a positive integer/],
    [
      "parts of uploads at once",
      [{ ...RULE, abortIncompleteMultipartUpload: { daysAfterInitiation: 0 } }],
      /DaysAfterInitiation/,
    ],
    [
      "a version for no time",
      [{ ...RULE, noncurrentVersionExpiration: { noncurrentDays: 0 } }],
      /noncurrentDays to be in the range/,
    ],
    ["a state that is none", [{ ...RULE, status: "On" }], /Enabled/],
  ])("is refused with %s", (_what, rules, says) => {
    expect(problemsOf(...rules).join("\n")).toMatch(says);
  });

  test("of ours is refused nothing", () => expect(problemsOf(RULE)).toEqual([]));
});
