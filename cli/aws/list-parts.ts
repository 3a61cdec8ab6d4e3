import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { LIST_KEY } from "../../contract/listed/list-bucket";
import { during, isThere } from "./aws-refusal";
import type { BucketFacts, StackPort } from "./ports";

/** What the clients are made with: an address, limits, a way through a proxy. */
type ClientOptions = ConstructorParameters<typeof SFNClient>[0] & object;

/** What applies a list, through the SDK's clients. */
export function createListParts(
  options: ClientOptions,
): Pick<StackPort, "hasStateMachine" | "bucketNamed"> {
  const steps = new SFNClient(options);
  const s3 = new S3Client(options as object);
  return {
    hasStateMachine: (stateMachineArn) =>
      isThere("looking at the state machine", () =>
        steps.send(new DescribeStateMachineCommand({ stateMachineArn })),
      ),
    bucketNamed: (name) => bucketOf(s3, name),
  };
}

async function bucketOf(s3: S3Client, Bucket: string): Promise<BucketFacts | undefined> {
  const look = (send: () => Promise<unknown>) => isThere("looking at the list's bucket", send);
  if (!(await look(() => s3.send(new HeadBucketCommand({ Bucket }))))) return undefined;
  const [versioning, isPrivate, hasLifecycle, hasList] = await Promise.all([
    during("looking at the list's bucket", () =>
      s3.send(new GetBucketVersioningCommand({ Bucket })),
    ),
    look(() => s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    look(() => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
    look(() => s3.send(new HeadObjectCommand({ Bucket, Key: LIST_KEY }))),
  ]);
  return { isVersioned: versioning.Status !== undefined, isPrivate, hasLifecycle, hasList };
}
