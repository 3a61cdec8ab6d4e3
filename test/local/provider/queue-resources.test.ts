import { check } from "../../../local/provider/check";
import { diff } from "../../../local/provider/diff";
import type { Properties } from "../../../local/provider/wire";
import { awsError, CONFIG, fakeAws, sessionOn, typeNamed } from "./stand-in";

const QUEUE = typeNamed("aws:sqs/queue:Queue");
const MAPPING = typeNamed("aws:lambda/eventSourceMapping:EventSourceMapping");

const problemsOf = (type: typeof QUEUE, news: Properties) =>
  check(type, { logicalName: "work", olds: {}, news }, CONFIG).failures.map(({ reason }) => reason);

const changesOf = (type: typeof QUEUE, olds: Properties, news: Properties) =>
  diff(type, { olds, news: check(type, { logicalName: "work", olds, news }, CONFIG).inputs })
    .changes;

describe("a queue", () => {
  const URL = "https://sqs.us-east-1.amazonaws.com/000000000000/work";
  const NOT_THERE = awsError("QueueDoesNotExist", "The specified queue does not exist.");

  test("is created with what was chosen, zeros left out, once its name is free again", async () => {
    let left = 1;
    const recently = awsError("QueueDeletedRecently", "You must wait 60 seconds");
    const CreateQueue = () => (left-- > 0 ? recently : { QueueUrl: URL });
    const { aws, calls } = fakeAws({ CreateQueue });
    const news = {
      name: "work",
      delaySeconds: 0,
      sqsManagedSseEnabled: false,
      visibilityTimeoutSeconds: 180,
      tagsAll: { team: "shop" },
    };
    await expect(QUEUE.create(sessionOn(aws).session, news)).resolves.toEqual({ id: URL });
    expect(calls.at(-1)?.input).toEqual({
      QueueName: "work",
      Attributes: { SqsManagedSseEnabled: "false", VisibilityTimeout: "180" },
      tags: { team: "shop" },
    });
    expect(calls).toHaveLength(2);
  });

  test("is read from AWS alone, and is gone when AWS has it no more", async () => {
    const Attributes = {
      QueueArn: "arn:aws:sqs:us-east-1:000000000000:work",
      VisibilityTimeout: "180",
      SqsManagedSseEnabled: "true",
      DelaySeconds: "0",
    };
    const answers = {
      GetQueueAttributes: { Attributes },
      ListQueueTags: { Tags: { team: "shop" } },
    };
    const { session } = sessionOn(fakeAws(answers).aws);
    await expect(QUEUE.read(session, URL, { visibilityTimeoutSeconds: 5 })).resolves.toEqual({
      arn: Attributes.QueueArn,
      delaySeconds: 0,
      name: "work",
      sqsManagedSseEnabled: true,
      tags: { team: "shop" },
      url: URL,
      visibilityTimeoutSeconds: 180,
    });
    const gone = sessionOn(fakeAws({ GetQueueAttributes: NOT_THERE }).aws).session;
    await expect(QUEUE.read(gone, URL, {})).resolves.toBeUndefined();
  });

  test("is changed in place, attributes and tags, and nothing else is called", async () => {
    const { aws, calls } = fakeAws({ SetQueueAttributes: {}, TagQueue: {}, UntagQueue: {} });
    await QUEUE.update?.(sessionOn(aws).session, {
      id: URL,
      olds: { tagsAll: { old: "1", team: "a" } },
      news: { tagsAll: { team: "b" }, visibilityTimeoutSeconds: 240, delaySeconds: 0 },
      changed: new Set(["visibilityTimeoutSeconds", "delaySeconds", "tags", "tagsAll"]),
    });
    expect(calls).toEqual([
      {
        name: "SetQueueAttributes",
        input: { QueueUrl: URL, Attributes: { VisibilityTimeout: "240", DelaySeconds: "0" } },
      },
      { name: "UntagQueue", input: { QueueUrl: URL, TagKeys: ["old"] } },
      { name: "TagQueue", input: { QueueUrl: URL, Tags: { team: "b" } } },
    ]);
  });

  test("that is gone already is deleted without a word", async () => {
    const { session } = sessionOn(fakeAws({ DeleteQueue: NOT_THERE }).aws);
    await expect(QUEUE.remove(session, URL, {})).resolves.toBeUndefined();
  });

  test("is refused in the provider's words before AWS hears of it", () => {
    expect(problemsOf(QUEUE, { name: "no spaces" })).toEqual(["invalid queue name: no spaces"]);
    expect(problemsOf(QUEUE, { delaySeconds: 901 })).toEqual([
      expect.stringContaining("expected delaySeconds to be in the range (0 - 900), got 901"),
    ]);
    expect(problemsOf(QUEUE, { kmsMasterKeyId: "k", sqsManagedSseEnabled: true })).toEqual([
      '"kmsMasterKeyId": conflicts with sqsManagedSseEnabled',
    ]);
  });
});

describe("an event source mapping", () => {
  const ARN = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:u";
  const SOURCE = "arn:aws:sqs:us-east-1:000000000000:work";
  const news = {
    enabled: true,
    eventSourceArn: SOURCE,
    functionName: "work",
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: 5 },
    tagsAll: { team: "shop" },
  };

  test("waits for the rights of its function's role, and until it is made", async () => {
    let late = 1;
    let creating = 1;
    const noRight = awsError(
      "InvalidParameterValueException",
      "The provided execution role does not have permissions to call ReceiveMessage on SQS",
    );
    const { aws, calls } = fakeAws({
      CreateEventSourceMapping: () => (late-- > 0 ? noRight : { UUID: "u", State: "Creating" }),
      GetEventSourceMapping: () => ({ State: creating-- > 0 ? "Creating" : "Enabled" }),
    });
    const { session, made } = sessionOn(aws);
    await expect(MAPPING.create(session, news)).resolves.toEqual({ id: "u" });
    expect(made).toEqual(["u"]);
    expect(calls.map(({ name }) => name)).toEqual([
      ...Array(2).fill("CreateEventSourceMapping"),
      ...Array(2).fill("GetEventSourceMapping"),
    ]);
    expect(calls[1]?.input).toEqual({
      Enabled: true,
      EventSourceArn: SOURCE,
      FunctionName: "work",
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 5 },
      Tags: { team: "shop" },
    });
  });

  test("fails at once, and says where, when waiting would not help", async () => {
    const words = "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds";
    const CreateEventSourceMapping = awsError("InvalidParameterValueException", words);
    const { aws, calls } = fakeAws({ CreateEventSourceMapping });
    await expect(MAPPING.create(sessionOn(aws).session, news)).rejects.toThrow(
      `creating Lambda Event Source Mapping (${SOURCE}): InvalidParameterValueException: ${words}`,
    );
    expect(calls).toHaveLength(1);
  });

  test("is read from AWS alone", async () => {
    const { session } = sessionOn(
      fakeAws({
        GetEventSourceMapping: {
          BatchSize: 10,
          EventSourceArn: SOURCE,
          EventSourceMappingArn: ARN,
          FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:work",
          LastModified: new Date("2026-11-23T09:35:00.123Z"),
          ScalingConfig: { MaximumConcurrency: 5 },
          State: "Disabling",
          UUID: "u",
        },
        ListTags: { Tags: {} },
      }).aws,
    );
    await expect(MAPPING.read(session, "u", { batchSize: 1 })).resolves.toEqual({
      arn: ARN,
      batchSize: 10,
      enabled: false,
      eventSourceArn: SOURCE,
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:work",
      functionName: "arn:aws:lambda:us-east-1:000000000000:function:work",
      lastModified: "2026-11-23T09:35:00Z",
      scalingConfig: { maximumConcurrency: 5 },
      state: "Disabling",
      tags: {},
      uuid: "u",
    });
  });

  test("shows no change between a function's name and its ARN, or ten and nothing", () => {
    const { tagsAll: _tags, ...asked } = news;
    const functionName = "arn:aws:lambda:us-east-1:000000000000:function:work";
    const olds = { ...asked, batchSize: 10, functionName };
    expect(changesOf(MAPPING, olds, asked)).toEqual([]);
    expect(changesOf(MAPPING, olds, { ...asked, batchSize: 5 })).toEqual([
      { path: "batchSize", kind: "update", replace: false },
    ]);
    expect(changesOf(MAPPING, olds, { ...asked, eventSourceArn: `${SOURCE}-2` })).toEqual([
      { path: "eventSourceArn", kind: "update", replace: true },
    ]);
  });

  test("sends what has changed, and an empty block for a limit that was taken away", async () => {
    const { aws, calls } = fakeAws({
      UpdateEventSourceMapping: { State: "Updating" },
      GetEventSourceMapping: { State: "Enabled" },
      TagResource: {},
    });
    const { scalingConfig: _limit, ...without } = news;
    await MAPPING.update?.(sessionOn(aws).session, {
      id: "u",
      olds: { arn: ARN, ...news },
      news: { ...without, batchSize: 5, tagsAll: { team: "other" } },
      changed: new Set(["batchSize", "scalingConfig", "tags"]),
    });
    expect(calls.map(({ name, input }) => [name, input])).toEqual([
      ["UpdateEventSourceMapping", { UUID: "u", BatchSize: 5, ScalingConfig: {} }],
      ["GetEventSourceMapping", { UUID: "u" }],
      ["TagResource", { Resource: ARN, Tags: { team: "other" } }],
    ]);
  });

  test("is gone only when AWS says so, and may be in use before", async () => {
    const missing = awsError("ResourceNotFoundException", "no such mapping");
    let busy = 1;
    let deleting = 1;
    const { aws, calls } = fakeAws({
      DeleteEventSourceMapping: () =>
        busy-- > 0 ? awsError("ResourceInUseException", "in use") : { State: "Deleting" },
      GetEventSourceMapping: () => (deleting-- > 0 ? { State: "Deleting" } : missing),
    });
    await MAPPING.remove(sessionOn(aws).session, "u", {});
    expect(calls.map(({ name }) => name)).toEqual([
      ...Array(2).fill("DeleteEventSourceMapping"),
      ...Array(2).fill("GetEventSourceMapping"),
    ]);
  });

  test("is refused in the provider's words before AWS hears of it", () => {
    expect(problemsOf(MAPPING, { functionName: "work" })).toEqual([
      expect.stringContaining("`event_source_arn,self_managed_event_source` must be specified"),
    ]);
    const bad = {
      ...news,
      scalingConfig: { maximumConcurrency: 1 },
      functionResponseTypes: ["All"],
    };
    const { tagsAll: _tags, ...inputs } = bad;
    expect(problemsOf(MAPPING, inputs)).toEqual([
      "expected scaling_config.0.maximum_concurrency to be at least (2), got 1",
      'expected function_response_types to be one of ["ReportBatchItemFailures"], got All',
    ]);
  });
});
