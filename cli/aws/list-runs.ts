import {
  GetObjectCommand,
  HeadObjectCommand,
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
import type { ListFailure, ListRunInput } from "../../contract/listed/list-steps";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { EpochMs } from "../../contract/time";
import { atOnce } from "../fleet/at-once";
import { during } from "./aws-refusal";
import type { ListRun, ListRunsPort, MapRun } from "./ports";

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
        const { status = "RUNNING", error, cause, name = "", startDate, input = "" } = found;
        return { name, status, error, cause, beganAt: instantOf(startDate), ...askedOf(input) };
      }),
    mapRuns: (executionArn) => during("looking at the run", () => mapRunsOf(steps, executionArn)),
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
    lookAtList: (Bucket) =>
      during("looking at the list", async () => {
        const found = await s3.send(new HeadObjectCommand({ Bucket, Key: LIST_KEY }));
        return { etag: found.ETag ?? "", changedAt: instantOf(found.LastModified) };
      }),
    writeWork: (Bucket, Key, Body) =>
      during("writing what the run has to do", async () => {
        await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      }),
    failures: (bucket, run, stands) =>
      during("reading what failed", () => failuresOf(s3, { bucket, run, stands })),
  };
}

/** What a run was begun with. */
function askedOf(input: string): Pick<ListRun, "listEtag" | "waves"> {
  const asked = parseJsonQuietly(input) as
    | Partial<ListRunInput & Pick<Required<ListRun>, "waves">>
    | undefined;
  return { listEtag: asked?.listEtag, waves: asked?.waves };
}

function instantOf(at: Date | undefined): EpochMs {
  return (at?.getTime() ?? 0) as EpochMs;
}

async function mapRunsOf(steps: SFNClient, executionArn: string): Promise<MapRun[]> {
  const { mapRuns = [] } = await steps.send(new ListMapRunsCommand({ executionArn }));
  const arns = mapRuns.flatMap(({ mapRunArn }) => mapRunArn ?? []);
  const found = await Promise.all(arns.map((arn) => describeMapRun(steps, arn)));
  return found.sort((one, other) => one.beganAt - other.beganAt);
}

async function describeMapRun(steps: SFNClient, mapRunArn: string): Promise<MapRun> {
  const found = await steps.send(new DescribeMapRunCommand({ mapRunArn }));
  const { itemCounts, maxConcurrency = 0, startDate, redriveDate } = found;
  const { total = 0, succeeded = 0, failed = 0, timedOut = 0 } = itemCounts ?? {};
  const { running = 0, aborted = 0 } = itemCounts ?? {};
  return {
    mapRunArn,
    total,
    succeeded,
    failed: failed + timedOut,
    running,
    aborted,
    concurrency: maxConcurrency,
    beganAt: instantOf(startDate),
    redrivenAt: redriveDate && instantOf(redriveDate),
  };
}

interface Noted {
  readonly bucket: string;
  readonly run: string;
  readonly stands: (at: EpochMs) => boolean;
}

async function failuresOf(s3: S3Client, { bucket, run, stands }: Noted): Promise<ListFailure[]> {
  const keys: string[] = [];
  const question = { Bucket: bucket, Prefix: failureHead(run) };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, question)) {
    const standing = Contents.filter(({ LastModified }) => stands(instantOf(LastModified)));
    keys.push(...standing.flatMap(({ Key }) => Key ?? []));
  }
  return await atOnce(keys, async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return parseJsonQuietly((await Body?.transformToString("utf8")) ?? "") as ListFailure;
  });
}
