import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { queuedMessages } from "../../../local/world/queues";
import { allow, callerWith, createFunction, createRole, outcomeOf } from "./account";
import { AwsWorld } from "./aws-world";

let world: AwsWorld;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "queues-test-"));
  world = await AwsWorld.start();
});

afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

const POLLING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const PARTIAL: Pick<CreateEventSourceMappingCommandInput, "FunctionResponseTypes"> = {
  FunctionResponseTypes: ["ReportBatchItemFailures"],
};
const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

async function createQueue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { sqs } = world.clients();
  const made = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return made.QueueUrl ?? "";
}

/** A worker's function, whose handler has `records` and notes what it got. */
async function createWorker(name: string, handler = ""): Promise<void> {
  const statements = [{ Action: POLLING, Resource: arnOf(name) }];
  const roleArn = await createRole(world, name, { statements });
  const source = `exports.handler = async ({ Records: records }) => {
    const seen = records.map(({ body, attributes }) => body + " " + attributes.ApproximateReceiveCount);
    require("node:fs").appendFileSync(${JSON.stringify(join(folder, name))}, JSON.stringify(seen) + "\\n");
    ${handler}
  };`;
  await createFunction(world, name, { roleArn, source });
}

/** The batches that the function got: each message's body, and how often it was received. */
function seenBy(name: string): string[][] {
  const lines = readFileSync(join(folder, name), { encoding: "utf8", flag: "a+" }).trim();
  return lines === "" ? [] : lines.split("\n").map((line) => JSON.parse(line) as string[]);
}

const mapping = (
  name: string,
  about: Partial<CreateEventSourceMappingCommandInput> = {},
): CreateEventSourceMappingCommand =>
  new CreateEventSourceMappingCommand({
    EventSourceArn: arnOf(name),
    FunctionName: name,
    BatchSize: 10,
    ...about,
  });

/** A queue that calls a function of the same name. */
async function connect(
  name: string,
  handler?: string,
  about: Partial<CreateEventSourceMappingCommandInput> = PARTIAL,
): Promise<string> {
  const url = await createQueue(name, { VisibilityTimeout: "60" });
  await createWorker(name, handler);
  await world.clients().lambda.send(mapping(name, about));
  return url;
}

const send = (QueueUrl: string, MessageBody: string, DelaySeconds?: number) =>
  world.clients().sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));

/** What waits in the queue: visible, delayed, and received and not deleted. */
async function countsOf(QueueUrl: string): Promise<number[]> {
  const kinds: QueueAttributeName[] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
  ];
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: kinds });
  const { Attributes } = await world.clients().sqs.send(asked);
  return kinds.map((kind) => Number(Attributes?.[kind]));
}

const delivered = () => queuedMessages(world.front).runDue();

/** Moves the world to the next message that is due, and waits for its function; gives the seconds until then. */
async function moveOn(since: number): Promise<number> {
  const at = await queuedMessages(world.front).nextDueAt();
  if (at === undefined) throw new Error("no message is due");
  world.moveClockUntil(at);
  await delivered();
  return Math.round((at - since) / 1_000);
}

const sentAt = () => world.now();

describe("what a queue has for a function", () => {
  test("comes at once, and what is delayed at its time", async () => {
    const url = await connect("delayed");
    const since = sentAt();
    await send(url, "later", 600);
    await send(url, "at once");
    await delivered();
    expect(seenBy("delayed")).toEqual([["at once 1"]]);
    expect(await countsOf(url)).toEqual([0, 1, 0]);
    expect(await moveOn(since)).toBe(600);
    expect(seenBy("delayed")).toEqual([["at once 1"], ["later 1"]]);
    expect(await countsOf(url)).toEqual([0, 0, 0]);
    expect(await queuedMessages(world.front).nextDueAt()).toBeUndefined();
  });

  test("comes again after the visibility timeout, as far as the function says that it failed", async () => {
    const url = await connect(
      "partly",
      `const bad = records.filter(({ body, attributes }) => body === "bad" && attributes.ApproximateReceiveCount === "1");
       return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
    );
    const Entries = ["good", "bad", "fine"].map((MessageBody, at) => ({
      Id: `${at}`,
      MessageBody,
    }));
    const since = sentAt();
    await world.clients().sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    await delivered();
    expect(seenBy("partly").flat().sort()).toEqual(["bad 1", "fine 1", "good 1"]);
    expect(await countsOf(url)).toEqual([0, 0, 1]);
    expect(await moveOn(since)).toBeCloseTo(60, -1);
    expect(seenBy("partly").flat().sort()).toEqual(["bad 1", "bad 2", "fine 1", "good 1"]);
    expect(await countsOf(url)).toEqual([0, 0, 0]);
  });

  test("comes again after the visibility timeout when the function is killed over it", async () => {
    const url = await connect(
      "killed",
      `if (records[0].attributes.ApproximateReceiveCount === "1") process.kill(process.pid, "SIGKILL");`,
    );
    const since = sentAt();
    await send(url, "work");
    await delivered();
    expect(seenBy("killed")).toEqual([["work 1"]]);
    expect(await countsOf(url)).toEqual([0, 0, 1]);
    expect(await moveOn(since)).toBeCloseTo(60, -1);
    expect(seenBy("killed")).toEqual([["work 1"], ["work 2"]]);
    expect(await countsOf(url)).toEqual([0, 0, 0]);
  });

  test("is judged by what the function answers of its batch", async () => {
    const url = await connect("answers", "return JSON.parse(records[0].body);", {
      ...PARTIAL,
      BatchSize: 1,
    });
    const done = ["null", "{}", '{"batchItemFailures":[]}', '{"batchItemFailures":null}'];
    for (const body of done) await send(url, body);
    await delivered();
    expect(await countsOf(url)).toEqual([0, 0, 0]);
    const failed = [
      '"all done"',
      '{"batchItemFailures":"none"}',
      '{"batchItemFailures":[{"itemIdentifier":""}]}',
      '{"batchItemFailures":[{"itemIdentifier":null}]}',
      '{"batchItemFailures":[{"messageId":"m"}]}',
      '{"batchItemFailures":[{"itemIdentifier":"of another batch"}]}',
    ];
    for (const body of failed) await send(url, body);
    await delivered();
    expect(await countsOf(url)).toEqual([0, 0, failed.length]);
  });

  test("is all done without ReportBatchItemFailures, whatever the function answers", async () => {
    const handler = "return { batchItemFailures: [{ itemIdentifier: records[0].messageId }] };";
    const url = await connect("whole", handler, {});
    await send(url, "work");
    await delivered();
    expect(await countsOf(url)).toEqual([0, 0, 0]);
  });

  test("waits while the function's role may not receive, and then comes", async () => {
    const url = await connect("stripped");
    await allow(world, "stripped", [{ Action: "sqs:DeleteMessage", Resource: arnOf("stripped") }]);
    await send(url, "work");
    await delivered();
    expect(seenBy("stripped")).toEqual([]);
    expect(await countsOf(url)).toEqual([1, 0, 0]);
    await allow(world, "stripped", [{ Action: POLLING, Resource: arnOf("stripped") }]);
    await delivered();
    expect(seenBy("stripped")).toEqual([["work 1"]]);
  });

  test("wakes a function that is asleep, and comes again", async () => {
    const url = await connect("asleep");
    await send(url, "one");
    await delivered();
    world.moveClockUntil(world.now() + 15 * 24 * 3_600_000);
    const since = sentAt();
    await send(url, "two");
    await delivered();
    expect(seenBy("asleep")).toEqual([["one 1"]]);
    expect(await moveOn(since)).toBeCloseTo(60, -1);
    expect(seenBy("asleep")).toEqual([["one 1"], ["two 2"]]);
  });

  test("comes twice where the world is asked for it, as SQS may do of itself", async () => {
    const url = await connect("twice");
    await world.front.setTwiceEvery(2);
    const Entries = ["one", "two", "three"].map((MessageBody, at) => ({
      Id: `${at}`,
      MessageBody,
    }));
    await world.clients().sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    await delivered();
    await world.front.setTwiceEvery(0);
    const bodies = seenBy("twice")
      .flat()
      .map((seen) => seen.split(" ")[0]);
    expect(bodies.sort()).toEqual(["one", "three", "two", "two"]);
    expect(await countsOf(url)).toEqual([0, 0, 0]);
  });

  test("never runs more at once than the mapping says", async () => {
    const name = "bounded";
    const file = JSON.stringify(join(folder, "running"));
    const handler = `const fs = require("node:fs");
      fs.appendFileSync(${file}, "+");
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.appendFileSync(${file}, "-");`;
    const scaling = { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } };
    const url = await connect(name, handler, { ...PARTIAL, ...scaling });
    const Entries = Array.from({ length: 8 }, (_, at) => ({ Id: `${at}`, MessageBody: `${at}` }));
    await world.clients().sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    await delivered();
    expect(seenBy(name)).toHaveLength(8);
    let running = 0;
    const most = [...readFileSync(join(folder, "running"), "utf8")].map((mark) => {
      running += mark === "+" ? 1 : -1;
      return running;
    });
    expect(Math.max(...most)).toBe(2);
  });
});

describe("making a mapping", () => {
  const refused = (command: CreateEventSourceMappingCommand) =>
    outcomeOf(world.clients().lambda.send(command));

  test("needs each right of a poller in the function's role", async () => {
    await createQueue("unready");
    const roleArn = await createRole(world, "unready", {});
    await createFunction(world, "unready", { roleArn, source: "exports.handler = async () => 1;" });
    const words = "The provided execution role does not have permissions to call";
    for (const [at, missing] of [
      "ReceiveMessage",
      "DeleteMessage",
      "GetQueueAttributes",
    ].entries()) {
      expect(await refused(mapping("unready"))).toBe(
        `InvalidParameterValueException: ${words} ${missing} on SQS`,
      );
      const Action = POLLING.slice(0, at + 1);
      await allow(world, "unready", [{ Action, Resource: arnOf("unready") }]);
    }
    expect(await refused(mapping("unready"))).toBe("allowed");
    expect(await refused(mapping("unready"))).toMatch(
      /^ResourceConflictException: An event source mapping with SQS arn \(" arn:aws:sqs:us-east-1:000000000000:unready "\) and function \(" unready "\) already exists\. Please update or delete the existing mapping with UUID [0-9a-f-]{36}$/,
    );
  });

  test("needs a queue that hides messages for as long as the function may take", async () => {
    await createQueue("hasty", { VisibilityTimeout: "29" });
    await createWorker("hasty");
    expect(await refused(mapping("hasty"))).toBe(
      "InvalidParameterValueException: Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds",
    );
  });

  test.each([
    [{ BatchSize: 11 }, /^InvalidParameterValueException: Maximum batch window in seconds must be/],
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, /^ValidationException: .*MaximumConcurrency/i],
    [{ ScalingConfig: { MaximumConcurrency: 1_001 } }, /^ValidationException: .*Concurrency/i],
    [{ StartingPosition: "LATEST" }, /StartingPosition is not valid for SQS event sources/],
    [{ EventSourceArn: arnOf("nowhere") }, /The specified queue does not exist/],
    [{ FunctionName: "nobody" }, /^ResourceNotFoundException: Function not found/],
  ] as const)("is refused with %j", async (about, words) => {
    if ((await outcomeOf(createQueue("strict"))) === "allowed" && !made.has("strict")) {
      made.add("strict");
      await createWorker("strict");
    }
    expect(await refused(mapping("strict", about))).toMatch(words);
    world.front.takeViolations();
  });
  const made = new Set<string>();

  test("passes through its states, is changed in place, and says no more than Lambda does", async () => {
    await createQueue("stated");
    await createWorker("stated");
    const { lambda } = world.clients();
    const first = await lambda.send(mapping("stated", { ...PARTIAL, Tags: { team: "shop" } }));
    const { UUID = "", EventSourceMappingArn: Resource = "" } = first;
    expect(first.State).toBe("Creating");
    const found = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    expect(found).toMatchObject({ State: "Enabled", BatchSize: 10, ...PARTIAL });
    expect(found.LastProcessingResult).toBeUndefined();
    expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ team: "shop" });
    const ScalingConfig = { MaximumConcurrency: 5 };
    const change = (about: object) =>
      lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...about }));
    expect((await change({ ScalingConfig })).State).toBe("Updating");
    const again = () => lambda.send(new GetEventSourceMappingCommand({ UUID }));
    expect(await again()).toMatchObject({ State: "Enabled", ScalingConfig });
    await change({ ScalingConfig: {}, Enabled: false });
    expect((await again()).ScalingConfig).toBeUndefined();
    expect((await again()).State).toBe("Disabled");
    const removed = await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    expect(removed.State).toBe("Deleting");
    expect(await outcomeOf(again())).toMatch(/^ResourceNotFoundException/);
  });
});

describe("permissions", () => {
  const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:permitted";
  const MAPPINGS = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:*";

  test("each operation on a mapping needs its own, for the function where the policy says so", async () => {
    await createQueue("permitted");
    await createWorker("permitted");
    const { lambda } = world.clients(
      await callerWith(world, "mapping", [{ Action: "lambda:ListFunctions", Resource: "*" }]),
    );
    const may = (Action: string, Resource: string, functionArn = FUNCTION) =>
      allow(world, "mapping", [
        { Action, Resource, Condition: { ArnEquals: { "lambda:FunctionArn": functionArn } } },
      ]);
    const refusedFor = (action: string) =>
      expect.stringMatching(`^AccessDeniedException: .*lambda:${action} on`);
    const create = () => outcomeOf(lambda.send(mapping("permitted")));
    expect(await create()).toEqual(refusedFor("CreateEventSourceMapping"));
    await may("lambda:CreateEventSourceMapping", "*", `${FUNCTION}-2`);
    expect(await create()).toEqual(refusedFor("CreateEventSourceMapping"));
    await may("lambda:CreateEventSourceMapping", "*");
    const tagged = mapping("permitted", { Tags: { team: "shop" } });
    expect(await outcomeOf(lambda.send(tagged))).toEqual(refusedFor("TagResource"));
    expect(await create()).toBe("allowed");
    const list = new ListEventSourceMappingsCommand({ FunctionName: "permitted" });
    const { EventSourceMappings: [{ UUID = "" } = {}] = [] } = await world
      .clients()
      .lambda.send(list);
    const calls = {
      GetEventSourceMapping: () => lambda.send(new GetEventSourceMappingCommand({ UUID })),
      UpdateEventSourceMapping: () =>
        lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 5 })),
      DeleteEventSourceMapping: () => lambda.send(new DeleteEventSourceMappingCommand({ UUID })),
    };
    for (const [action, call] of Object.entries(calls)) {
      expect(await outcomeOf(call())).toEqual(refusedFor(action));
      await may(`lambda:${action}`, MAPPINGS, `${FUNCTION}-2`);
      expect(await outcomeOf(call())).toEqual(refusedFor(action));
      await may(`lambda:${action}`, MAPPINGS);
      expect(await outcomeOf(call())).toBe("allowed");
    }
  });

  test("a batch needs that of its single operation, and SQS says so in its own words", async () => {
    const QueueUrl = await createQueue("guarded");
    const { sqs } = world.clients(
      await callerWith(world, "sending", [{ Action: "sqs:SendMessageBatch", Resource: "*" }]),
    );
    const Entries = [{ Id: "one", MessageBody: "work" }];
    const sendBatch = () => outcomeOf(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
    expect(await sendBatch()).toMatch(
      /^AccessDenied(?:Exception)?: User: arn:aws:sts::000000000000:assumed-role\/sending\/session is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:guarded because no identity-based policy allows the sqs:sendmessage action$/,
    );
    await allow(world, "sending", [{ Action: "sqs:SendMessage", Resource: arnOf("guarded") }]);
    expect(await sendBatch()).toBe("allowed");
  });

  test("a queue that is made with tags needs sqs:TagQueue", async () => {
    const all = ["sqs:CreateQueue", "sqs:GetQueueAttributes"];
    const { sqs } = world.clients(
      await callerWith(world, "making", [{ Action: all, Resource: arnOf("made") }]),
    );
    const make = () =>
      outcomeOf(sqs.send(new CreateQueueCommand({ QueueName: "made", tags: { team: "shop" } })));
    expect(await make()).toMatch(
      /^AccessDenied(?:Exception)?: .*sqs:tagqueue on resource: arn:aws:sqs:us-east-1:000000000000:made/,
    );
    await allow(world, "making", [{ Action: [...all, "sqs:TagQueue"], Resource: arnOf("made") }]);
    expect(await make()).toBe("allowed");
    const QueueUrl = await createQueue("made");
    const { Tags } = await world.clients().sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ team: "shop" });
  });
});

describe("what SQS refuses", () => {
  let QueueUrl: string;
  beforeAll(async () => {
    QueueUrl = await createQueue("limited");
  });
  const refusedBatch = (Entries: { Id: string; MessageBody: string }[]) =>
    outcomeOf(world.clients().sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));

  test("a delay of more than a quarter of an hour, of a batch's entry alone", async () => {
    const words =
      "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.";
    expect(await outcomeOf(send(QueueUrl, "work", 901))).toBe(`InvalidParameterValue: ${words}`);
    const Entries = [
      { Id: "far", MessageBody: "work", DelaySeconds: 901 },
      { Id: "near", MessageBody: "work", DelaySeconds: 900 },
    ];
    const { sqs } = world.clients();
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(["near"]);
    expect(answer.Failed).toEqual([
      { Id: "far", SenderFault: true, Code: "InvalidParameterValue", Message: words },
    ]);
  });

  test("more than ten entries, more than 1 MiB, and two of one name", async () => {
    const entries = (count: number, size = 1) =>
      Array.from({ length: count }, (_, at) => ({ Id: `${at}`, MessageBody: "x".repeat(size) }));
    expect(await refusedBatch(entries(11))).toMatch(
      /TooManyEntriesInBatchRequest: Maximum number of entries per request are 10\. You have sent 11\.$/,
    );
    expect(await refusedBatch(entries(2, 524_289))).toMatch(/BatchRequestTooLong/);
    expect(await refusedBatch(entries(2, 524_288))).toBe("allowed");
    expect(await refusedBatch([...entries(1), ...entries(1)])).toMatch(/BatchEntryIdsNotDistinct/);
  });

  test("a name that was deleted less than a minute ago, one that is none, and unknown attributes", async () => {
    const url = await createQueue("brief");
    await world.clients().sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    expect(await outcomeOf(createQueue("brief"))).toMatch(
      /QueueDeletedRecently: You must wait 60 seconds after deleting a queue/,
    );
    world.moveClockUntil(world.now() + 60_000);
    expect(await outcomeOf(createQueue("brief"))).toBe("allowed");
    expect(await outcomeOf(createQueue("no spaces"))).toMatch(/Can only include alphanumeric/);
    expect(await outcomeOf(createQueue("odd", { QueueArn: "red" }))).toMatch(
      /InvalidAttributeName/,
    );
    const Attributes = { VisibilityTimeout: "43201" };
    const change = new SetQueueAttributesCommand({ QueueUrl: url, Attributes });
    expect(await outcomeOf(world.clients().sqs.send(change))).toMatch(/InvalidAttributeValue/);
    world.front.takeViolations();
  });

  test("nothing is told of a queue that is not asked for; its messages are encrypted", async () => {
    const ask = async (AttributeNames?: QueueAttributeName[]) =>
      (await world.clients().sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames })))
        .Attributes ?? {};
    expect(await ask()).toEqual({});
    expect(await ask(["All"])).toMatchObject({
      SqsManagedSseEnabled: "true",
      VisibilityTimeout: "30",
    });
  });
});
