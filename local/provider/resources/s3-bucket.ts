import {
  type _Object,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { during, unlessMissing } from "../aws-error";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { flag, needText, present, textMap } from "../values";
import type { Properties } from "../wire";

export const bucketTable = table("internal/service/s3/bucket.go", {
  ...regional,
  ...tagged,
  arn: computed("string"),
  bucket: either("string", {
    forceNew: true,
    longest: 63,
    shape: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  }),
  forceDestroy: optional("boolean", { initial: false, read: "kept" }),
});

const GONE = ["NoSuchBucket", "NotFound", "404"];

async function create(session: Creation, news: Properties) {
  const { s3 } = session.aws;
  const Bucket = needText(news, "bucket");
  await during(`creating S3 Bucket (${Bucket})`, s3.send(new CreateBucketCommand({ Bucket })));
  session.made(Bucket);
  await putTags(session, Bucket, newTags(news));
  return { id: Bucket };
}

async function putTags({ aws }: Session, Bucket: string, tags: Record<string, string>) {
  if (Object.keys(tags).length === 0) return;
  const Tagging = { TagSet: tagList(tags) };
  const sent = aws.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
  await during(`setting S3 Bucket (${Bucket}) tags`, sent);
}

async function read({ aws: { s3 } }: Session, id: string): Promise<Properties | undefined> {
  const found = await unlessMissing(s3.send(new HeadBucketCommand({ Bucket: id })), GONE);
  if (!found) return undefined;
  const asked = s3.send(new GetBucketTaggingCommand({ Bucket: id }));
  const tags = await unlessMissing(asked, ["NoSuchTagSet"]);
  return { ...present({ arn: `arn:aws:s3:::${id}`, bucket: id }), tags: tagMap(tags?.TagSet) };
}

async function update(session: Session, change: Change): Promise<undefined> {
  if (tagChange(change)) await putTags(session, change.id, textMap(change.news, "tagsAll"));
  return undefined;
}

async function remove({ aws: { s3 } }: Session, id: string, olds: Properties): Promise<void> {
  if (flag(olds, "forceDestroy")) await unlessMissing(empty(s3, id), GONE);
  const deleted = s3.send(new DeleteBucketCommand({ Bucket: id }));
  await during(`deleting S3 Bucket (${id})`, unlessMissing(deleted, GONE));
}

/** Deletes every version of every object. */
export async function empty(s3: S3Client, Bucket: string, Prefix?: string): Promise<void> {
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    for (const { Key, VersionId } of found as (_Object & { VersionId?: string })[]) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
    if (found.length === 0 || !page.IsTruncated) return;
  }
}

export const s3Bucket: ResourceType = {
  token: "aws:s3/bucket:Bucket",
  table: bucketTable,
  autoName: { property: "bucket", max: 63 },
  create,
  read,
  update,
  remove,
};
