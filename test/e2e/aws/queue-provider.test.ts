import { createAwsClients } from "../../../local/provider/aws-clients";
import { createPatience } from "../../../local/provider/patience";
import { createLifecycle, type Lifecycle } from "../../../local/provider/provider";
import type { ProviderConfig } from "../../../local/provider/provider-config";
import { RESOURCE_TYPES } from "../../../local/provider/resource-types";
import type { Properties } from "../../../local/provider/wire";
import { createFunction, createRole } from "./account";
import { AwsWorld } from "./aws-world";

const CONFIG: ProviderConfig = {
  region: "us-east-1",
  allowedAccountIds: [],
  forbiddenAccountIds: [],
  ignoreTags: { keys: [], keyPrefixes: [] },
  defaultTags: {},
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};
const QUEUE = "urn:pulumi:dev::p::aws:sqs/queue:Queue::work";
const MAPPING = "urn:pulumi:dev::p::aws:lambda/eventSourceMapping:EventSourceMapping::work";
const ARN = "arn:aws:sqs:us-east-1:000000000000:work";

let world: AwsWorld;
let provider: Lifecycle;
const endpointBefore = process.env["AWS_ENDPOINT_URL"];

beforeAll(async () => {
  world = await AwsWorld.start();
  process.env["AWS_ENDPOINT_URL"] = world.front.url;
  provider = createLifecycle(RESOURCE_TYPES, {
    config: CONFIG,
    patience: createPatience({ seed: 1, maxDelayMs: 0, firstPauseMs: 10, patienceMs: 5_000 }),
    clientsIn: createAwsClients(CONFIG),
  });
});

afterAll(async () => {
  if (endpointBefore === undefined) delete process.env["AWS_ENDPOINT_URL"];
  else process.env["AWS_ENDPOINT_URL"] = endpointBefore;
  await world.stop();
});

const inputsOf = (urn: string, news: Properties, olds: Properties = {}): Properties => {
  const { inputs, failures } = provider.check(urn, { news, olds });
  expect(failures).toEqual([]);
  return inputs;
};

/** What an `up` would change of a resource that was just read. */
const changesOf = (urn: string, olds: Properties, news: Properties): readonly unknown[] =>
  provider.diff(urn, { olds, news: inputsOf(urn, news, olds), ignoreChanges: [] }).changes;

interface Deployed {
  readonly id: string;
  readonly state: Properties;
}

async function change(urn: string, { id, state: olds }: Deployed, asked: Properties) {
  const news = inputsOf(urn, asked, olds);
  const request = { id, urn, olds, news, ignoreChanges: [], preview: false };
  return { id, state: await provider.update(request) };
}

const create = (urn: string, news: Properties): Promise<Deployed> =>
  provider.create(urn, inputsOf(urn, news), false);

/** The same resource, read anew. */
async function refreshed(urn: string, { id, state }: Deployed) {
  return (await provider.read({ id, urn, state, inputs: state }))?.state;
}

test("a queue and its mapping are made, read back without a difference, changed in place and deleted", async () => {
  const statements = [{ Action: "sqs:*", Resource: ARN }];
  const roleArn = await createRole(world, "work", { statements });
  await createFunction(world, "work", { roleArn, source: "exports.handler = async () => null;" });

  const queueArgs = {
    name: "work",
    sqsManagedSseEnabled: true,
    visibilityTimeoutSeconds: 180,
    messageRetentionSeconds: 3_600,
    tags: { team: "shop" },
  };
  const queue = await create(QUEUE, queueArgs);
  expect(queue.state).toMatchObject({ ...queueArgs, arn: ARN, url: queue.id, delaySeconds: 0 });
  expect(changesOf(QUEUE, queue.state, queueArgs)).toEqual([]);

  const mappingArgs = {
    eventSourceArn: ARN,
    functionName: "work",
    batchSize: 10,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: 5 },
    tags: { team: "shop" },
  };
  const mapping = await create(MAPPING, mappingArgs);
  expect(mapping.state).toMatchObject({ state: "Enabled", enabled: true, uuid: mapping.id });
  expect(changesOf(MAPPING, mapping.state, mappingArgs)).toEqual([]);
  expect(await refreshed(MAPPING, mapping)).toEqual(mapping.state);

  const longer = { ...queueArgs, visibilityTimeoutSeconds: 240, tags: { team: "other" } };
  const changedQueue = await change(QUEUE, queue, longer);
  expect(changedQueue.state).toMatchObject(longer);
  expect(changesOf(QUEUE, changedQueue.state, longer)).toEqual([]);

  const { scalingConfig: _limit, ...unlimited } = mappingArgs;
  const fewer = { ...unlimited, batchSize: 5, enabled: false, tags: {} };
  const changedMapping = await change(MAPPING, mapping, fewer);
  expect(changedMapping.state).toMatchObject({ state: "Disabled", batchSize: 5 });
  expect(changedMapping.state["scalingConfig"]).toBeUndefined();
  expect(changesOf(MAPPING, changedMapping.state, fewer)).toEqual([]);

  await provider.remove(MAPPING, mapping.id, changedMapping.state);
  await provider.remove(QUEUE, queue.id, changedQueue.state);
  expect(await refreshed(MAPPING, changedMapping)).toBeUndefined();
  expect(await refreshed(QUEUE, changedQueue)).toBeUndefined();
});
