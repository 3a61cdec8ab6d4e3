import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CodedError } from "../../contract/errors";
import { type Deadline, limited } from "../deadline";
import { awsErrorNameOf } from "../secrets/aws-errors";

/** The bucket of the list; every failure is a coded one. */
export interface ListBucket {
  readonly name: string;
  read(key: string): Promise<{ readonly text: string; readonly etag: string }>;
  /** What S3 calls the content of an object: another for another content. */
  etagOf(key: string): Promise<string>;
  write(key: string, text: string): Promise<void>;
}

/** The part of the SDK's client that is used. */
export type S3Send = Pick<S3Client, "send">;

/** The bucket over an SDK client; no call outlives the deadline. */
export function createListBucket(client: S3Send, name: string, deadline: Deadline): ListBucket {
  return {
    name,
    read: (Key) =>
      coded(async () => {
        const command = new GetObjectCommand({ Bucket: name, Key });
        return await limited(deadline, async (abortSignal) => {
          const { Body, ETag = "" } = await client.send(command, { abortSignal });
          return { text: (await Body?.transformToString("utf8")) ?? "", etag: ETag };
        });
      }),
    etagOf: (Key) =>
      coded(async () => {
        const command = new HeadObjectCommand({ Bucket: name, Key });
        const { ETag = "" } = await limited(deadline, (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        return ETag;
      }),
    write: (Key, Body) =>
      coded(async () => {
        const command = new PutObjectCommand({ Bucket: name, Key, Body });
        await limited(deadline, (abortSignal) => client.send(command, { abortSignal }));
      }),
  };
}

async function coded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const awsError = awsErrorNameOf(error);
    throw new CodedError("list_unreachable", awsError === undefined ? {} : { awsError });
  }
}
