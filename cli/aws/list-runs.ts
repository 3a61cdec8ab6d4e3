import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from "@aws-sdk/client-sfn";
import { failureHead, LIST_KEY } from "../../contract/listed/list-bucket";
import type { ListFailure } from "../../contract/listed/list-steps";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { EpochMs } from "../../contract/time";
import { atOnce } from "../fleet/at-once";
import { during } from "./aws-refusal";
import type { ListRunsPort, MapRun } from "./ports";

/** What the clients are made with: an address, limits, a way through a proxy. */
type ClientOptions = ConstructorParameters<typeof SFNClient>[0] & object;

/** The runs of a list's state machine, and its bucket, through the SDK's clients. */
export function createListRunsPort(options: ClientOptions): ListRunsPort {
  const steps = new SFNClient(options);
  const s3 = new S3Client(options as object);
  return {
    start: (stateMachineArn, name, input) =>
      during("starting the run", async () => {
        const command = { stateMachineArn, name, input: JSON.stringify(input) };
        const { executionArn = "" } = await steps.send(new StartExecutionCommand(command));
        return executionArn;
      }),
    latest: (stateMachineArn) =>
      during("looking at the runs", async () => {
        const input = { stateMachineArn, maxResults: 20 };
        const { executions = [] } = await steps.send(new ListExecutionsCommand(input));
        const begun = (at: Date | undefined) => at?.getTime() ?? 0;
        const [latest] = executions.sort(
          (one, other) => begun(other.startDate) - begun(one.startDate),
        );
        return latest?.executionArn;
      }),
    look: (executionArn) =>
      during("looking at the run", async () => {
        const found = await steps.send(new DescribeExecutionCommand({ executionArn }));
        const { status = "RUNNING", error, name = "" } = found;
        return { name, status, error };
      }),
    mapRun: (executionArn) => during("looking at the run", () => mapRunOf(steps, executionArn)),
    stop: (executionArn) =>
      during("stopping the run", async () => {
        await steps.send(new StopExecutionCommand({ executionArn }));
      }),
    redrive: (executionArn) =>
      during("going on with the run", async () => {
        await steps.send(new RedriveExecutionCommand({ executionArn }));
      }),
    setConcurrency: (mapRunArn, maxConcurrency) =>
      during("changing the run", async () => {
        await steps.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency }));
      }),
    readList: (Bucket) =>
      during("reading the list", async () => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: LIST_KEY }));
        return (await Body?.transformToString("utf8")) ?? "";
      }),
    writeWork: (Bucket, Key, Body) =>
      during("writing what the run has to do", async () => {
        await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      }),
    failures: (bucket, run, since) =>
      during("reading what failed", () => failuresOf(s3, { bucket, run, since })),
  };
}

async function mapRunOf(steps: SFNClient, executionArn: string): Promise<MapRun | undefined> {
  const { mapRuns = [] } = await steps.send(new ListMapRunsCommand({ executionArn }));
  const arns = mapRuns.flatMap(({ mapRunArn }) => mapRunArn ?? []);
  const found = await Promise.all(arns.map((arn) => describeMapRun(steps, arn)));
  // A run in waves has a map for each; the one that works is the one to change.
  const current = found.find(({ running }) => running > 0) ?? found[0];
  if (current === undefined) return undefined;
  const sumOf = (count: "total" | "succeeded" | "failed" | "running") =>
    found.reduce((sum, map) => sum + map[count], 0);
  return {
    ...current,
    total: sumOf("total"),
    succeeded: sumOf("succeeded"),
    failed: sumOf("failed"),
    running: sumOf("running"),
  };
}

async function describeMapRun(steps: SFNClient, mapRunArn: string): Promise<MapRun> {
  const { itemCounts, maxConcurrency = 0 } = await steps.send(
    new DescribeMapRunCommand({ mapRunArn }),
  );
  const { total = 0, succeeded = 0, failed = 0, running = 0 } = itemCounts ?? {};
  return { mapRunArn, total, succeeded, failed, running, concurrency: maxConcurrency };
}

async function failuresOf(
  s3: S3Client,
  { bucket, run, since }: { bucket: string; run: string; since: EpochMs },
): Promise<ListFailure[]> {
  const keys: string[] = [];
  const question = { Bucket: bucket, Prefix: failureHead(run) };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, question)) {
    const fresh = Contents.filter(({ LastModified }) => (LastModified?.getTime() ?? 0) >= since);
    keys.push(...fresh.flatMap(({ Key }) => Key ?? []));
  }
  return await atOnce(keys, async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return parseJsonQuietly((await Body?.transformToString("utf8")) ?? "") as ListFailure;
  });
}
