import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { EpochMs } from "../../contract/time";
import { unlessMissing } from "./aws-refusal";
import type { LoggedLine, LogsPort } from "./ports";

/** The functions' logs through the SDK's client. */
export function createLogsPort(options: CloudWatchLogsClientConfig): LogsPort {
  const client = new CloudWatchLogsClient(options);
  return {
    // A function that a stack never had, or whose logs were deleted, has said nothing.
    linesOf: async (logGroupName, { store, since }) =>
      (await unlessMissing(`reading ${logGroupName}`, () =>
        readAll(client, { logGroupName, store, since }),
      )) ?? [],
  };
}

interface Question {
  readonly logGroupName: string;
  readonly store: string;
  readonly since: EpochMs;
}

async function readAll(
  client: Pick<CloudWatchLogsClient, "send">,
  { logGroupName, store, since }: Question,
): Promise<LoggedLine[]> {
  const found: LoggedLine[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: since,
        // A quoted term: lines that hold the store's key, in whatever place.
        filterPattern: `"${store}"`,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    found.push(
      ...(page.events ?? []).flatMap(({ timestamp, message }) => lineOf(timestamp, message)),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  // Only here is it sure whose line it is: another store may have the key within its own.
  return found.filter(({ fields }) => fields["store"] === store);
}

function lineOf(timestamp: number | undefined, message: string | undefined): LoggedLine[] {
  const fields = parseJsonQuietly(message ?? "");
  if (timestamp === undefined || typeof fields !== "object" || fields === null) return [];
  return [{ at: timestamp as EpochMs, fields: fields as LoggedLine["fields"] }];
}
