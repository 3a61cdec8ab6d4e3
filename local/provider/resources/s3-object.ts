import { readFileSync } from "node:fs";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { during, unlessMissing } from "../aws-error";
import type { ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table } from "../table";
import { needText, present, text } from "../values";
import { isAsset, type Properties } from "../wire";
import { empty } from "./s3-bucket";

export const objectTable = table("internal/service/s3/object.go", {
  ...regional,
  arn: computed("string"),
  bucket: required("string", { forceNew: true, locates: true }),
  contentType: either("string"),
  etag: either("string"),
  forceDestroy: optional("boolean", { initial: false, read: "kept" }),
  key: optional("string", { forceNew: true, locates: true }),
  serverSideEncryption: either("string", { among: ["AES256", "aws:kms", "aws:kms:dsse"] }),
  // An asset here, a path there (pulumi-aws, provider/resources.go).
  source: optional("asset", { read: "kept" }),
  versionId: computed("string"),
});

async function put({ aws }: Session, news: Properties): Promise<void> {
  const [Bucket, Key] = [needText(news, "bucket"), needText(news, "key")];
  const source = news["source"];
  if (!isAsset(source) || typeof source["path"] !== "string") {
    throw new Error("the object's source must be an asset that names a file");
  }
  const contentType = text(news, "contentType");
  const input = new PutObjectCommand({
    Bucket,
    Key,
    Body: readFileSync(source["path"]),
    ...(contentType === undefined ? {} : { ContentType: contentType }),
  });
  await during(`uploading S3 Object (${Key}) to Bucket (${Bucket})`, aws.s3.send(input));
}

async function read(
  { aws }: Session,
  id: string,
  found: Properties,
): Promise<Properties | undefined> {
  const Bucket = needText(found, "bucket");
  const asked = aws.s3.send(new HeadObjectCommand({ Bucket, Key: id }));
  const head = await unlessMissing(asked, ["NoSuchKey", "NotFound", "NoSuchBucket"]);
  if (!head) return undefined;
  return present({
    arn: `arn:aws:s3:::${Bucket}/${id}`,
    bucket: Bucket,
    contentType: head.ContentType,
    etag: head.ETag?.replaceAll('"', ""),
    key: id,
    serverSideEncryption: head.ServerSideEncryption,
    versionId: head.VersionId,
  });
}

export const s3Object: ResourceType = {
  token: "aws:s3/bucketObjectv2:BucketObjectv2",
  table: objectTable,
  unsettledBy: ({ olds, news }) =>
    JSON.stringify(olds["source"]) === JSON.stringify(news["source"]) ? [] : ["versionId", "etag"],
  // "bucket/key" (documentation of aws_s3_object, "Import").
  imported: (id) => {
    const at = id.indexOf("/");
    const [bucket, key] = [id.slice(0, at), id.slice(at + 1)];
    return { id: key, where: { bucket, key } };
  },
  create: async (session, news) => {
    await put(session, news);
    return { id: needText(news, "key") };
  },
  read,
  update: async (session, { news }) => {
    await put(session, news);
    return undefined;
  },
  remove: async ({ aws }, id, olds) => {
    const emptied = empty(aws.s3, needText(olds, "bucket"), id);
    await during(`deleting S3 Object (${id})`, unlessMissing(emptied, ["NoSuchBucket"]));
  },
};
