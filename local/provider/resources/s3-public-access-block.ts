import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import type { ResourceType, Session } from "../resource-type";
import { optional, regional, required, table } from "../table";
import { needText } from "../values";
import type { Properties } from "../wire";

const SWITCHES = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
];

export const publicAccessBlockTable = table("internal/service/s3/bucket_public_access_block.go", {
  ...regional,
  blockPublicAcls: optional("boolean", { initial: false }),
  blockPublicPolicy: optional("boolean", { initial: false }),
  bucket: required("string", { forceNew: true }),
  ignorePublicAcls: optional("boolean", { initial: false }),
  restrictPublicBuckets: optional("boolean", { initial: false }),
  skipDestroy: optional("boolean", { read: "kept" }),
});

async function put({ aws }: Session, Bucket: string, news: Properties): Promise<void> {
  const PublicAccessBlockConfiguration = toApi<object>(news, SWITCHES);
  const input = new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration });
  await during(`putting S3 Bucket (${Bucket}) Public Access Block`, aws.s3.send(input));
}

const GONE = ["NoSuchBucket", "NoSuchPublicAccessBlockConfiguration"];

export const s3PublicAccessBlock: ResourceType = {
  token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  table: publicAccessBlockTable,
  create: async (session, news) => {
    const id = needText(news, "bucket");
    await put(session, id, news);
    return { id };
  },
  read: async ({ aws }, id) => {
    const asked = aws.s3.send(new GetPublicAccessBlockCommand({ Bucket: id }));
    const found = await unlessMissing(asked, GONE);
    const block = found?.PublicAccessBlockConfiguration;
    return block && { ...fromApi(block, SWITCHES), bucket: id };
  },
  update: async (session, { id, news }) => {
    await put(session, id, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.s3.send(new DeletePublicAccessBlockCommand({ Bucket: id }));
    await during(`deleting S3 Bucket (${id}) Public Access Block`, unlessMissing(deleted, GONE));
  },
};
