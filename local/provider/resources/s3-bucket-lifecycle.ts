import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from "@aws-sdk/client-s3";
import { fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import type { Problem, ResourceType, Session } from "../resource-type";
import { either, optional, regional, required, table } from "../table";
import { needText, object, present } from "../values";
import { isObject, isUnknown, type Properties, type Value } from "../wire";

/** Rules by prefix; moves to other storage classes and filters by tag or size are not stood in for. */
export const bucketLifecycleTable = table("internal/service/s3/bucket_lifecycle_configuration.go", {
  ...regional,
  bucket: required("string", { forceNew: true, longest: 63 }),
  expectedBucketOwner: either("string", { forceNew: true, read: "kept" }),
  rules: optional("list", {
    of: {
      abortIncompleteMultipartUpload: optional("object", {
        of: { daysAfterInitiation: optional("number") },
      }),
      expiration: optional("object", {
        of: { days: either("number"), expiredObjectDeleteMarker: either("boolean") },
      }),
      filter: optional("object", { of: { prefix: either("string") } }),
      id: required("string", { longest: 255 }),
      noncurrentVersionExpiration: optional("object", {
        of: {
          newerNoncurrentVersions: either("number", { between: [1, 100] }),
          noncurrentDays: required("number", { between: [1, 2_147_483_647] }),
        },
      }),
      status: required("string", { among: ["Enabled", "Disabled"] }),
    },
  }),
  transitionDefaultMinimumObjectSize: either("string", {
    among: ["varies_by_storage_class", "all_storage_classes_128K"],
  }),
});

/** The parts of a rule that are objects, with what is in them. */
const PARTS = {
  abortIncompleteMultipartUpload: ["daysAfterInitiation"],
  expiration: ["days", "expiredObjectDeleteMarker"],
  filter: ["prefix"],
  noncurrentVersionExpiration: ["newerNoncurrentVersions", "noncurrentDays"],
} as const;
const ACTIONS = ["abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration"];
const RENAMED = { id: "ID" };

function ruleToApi(rule: Properties): LifecycleRule {
  const parts = Object.entries(PARTS).flatMap(([part, names]) => {
    const given = object(rule, part);
    return given === undefined ? [] : [[part, toApi<object>(given, names)] as const];
  });
  const whole = { ...rule, ...Object.fromEntries(parts) };
  return toApi(whole as Properties, ["id", "status", ...Object.keys(PARTS)], RENAMED);
}

function ruleFromApi(rule: LifecycleRule): Properties {
  const parts = Object.entries(PARTS).flatMap(([part, names]) => {
    const [given] = Object.values(fromApi(rule, [part]));
    return given === undefined ? [] : [[part, fromApi(given as object, names)] as const];
  });
  return { ...fromApi(rule, ["id", "status"], RENAMED), ...Object.fromEntries(parts) };
}

function rulesOf({ rules }: Properties): Properties[] {
  return Array.isArray(rules) ? rules.filter(isObject) : [];
}

/** What S3 refuses of a whole configuration (API reference of PutBucketLifecycleConfiguration; user guide, "Lifecycle configuration elements"). */
function validate(news: Properties): Problem[] {
  if (isUnknown(news["rules"])) return [];
  const rules = rulesOf(news);
  const problem = (reason: string): Problem => ({ property: "rules", reason });
  if (rules.length === 0) return [problem("rules: list must contain at least 1 element")];
  if (rules.length > 1_000)
    return [problem("MalformedXML: a configuration has 1,000 rules at most")];
  const ids = rules.map(({ id }) => id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return [
    ...twice.map((id) =>
      problem(
        `InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: ${String(id)}`,
      ),
    ),
    ...rules.flatMap((rule) => mistakesIn(rule).map(problem)),
  ];
}

function mistakesIn(rule: Properties): string[] {
  const { days, expiredObjectDeleteMarker } = object(rule, "expiration") ?? {};
  const { daysAfterInitiation } = object(rule, "abortIncompleteMultipartUpload") ?? {};
  const hasAction = ACTIONS.some((action) => rule[action] !== undefined);
  const isPositive = (value: Value | undefined) =>
    value === undefined || isUnknown(value) || (Number.isInteger(value) && Number(value) > 0);
  return [
    ...(hasAction ? [] : ["InvalidRequest: At least one action needs to be specified in a rule"]),
    ...(rule["filter"] === undefined
      ? ["MalformedXML: a rule has a filter, be it an empty one"]
      : []),
    ...(days !== undefined && expiredObjectDeleteMarker === true
      ? ["MalformedXML: ExpiredObjectDeleteMarker cannot be specified with Days"]
      : []),
    ...(isPositive(days)
      ? []
      : ["InvalidArgument: 'Days' for Expiration action must be a positive integer"]),
    ...(isPositive(daysAfterInitiation)
      ? []
      : [
          "InvalidArgument: 'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        ]),
  ];
}

async function put({ aws }: Session, Bucket: string, news: Properties): Promise<void> {
  const LifecycleConfiguration = { Rules: rulesOf(news).map(ruleToApi) };
  const input = new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration });
  await during(`creating S3 Bucket (${Bucket}) Lifecycle Configuration`, aws.s3.send(input));
}

const GONE = ["NoSuchBucket", "NoSuchLifecycleConfiguration"];

export const s3BucketLifecycle: ResourceType = {
  token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  table: bucketLifecycleTable,
  validate,
  create: async (session, news) => {
    const id = needText(news, "bucket");
    await put(session, id, news);
    return { id };
  },
  read: async ({ aws }, id) => {
    const asked = aws.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: id }));
    const found = await unlessMissing(asked, GONE);
    if (!found?.Rules) return undefined;
    return present({
      bucket: id,
      rules: found.Rules.map(ruleFromApi),
      transitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize,
    });
  },
  update: async (session, { id, news }) => {
    await put(session, id, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.s3.send(new DeleteBucketLifecycleCommand({ Bucket: id }));
    const what = `deleting S3 Bucket (${id}) Lifecycle Configuration`;
    await during(what, unlessMissing(deleted, GONE));
  },
};
