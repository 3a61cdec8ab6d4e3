import { GetBucketVersioningCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { during, unlessMissing } from "../aws-error";
import type { ResourceType, Session } from "../resource-type";
import { either, optional, regional, required, table } from "../table";
import { needText, object, present, text } from "../values";
import type { Properties } from "../wire";

export const bucketVersioningTable = table("internal/service/s3/bucket_versioning.go", {
  ...regional,
  bucket: required("string", { forceNew: true }),
  expectedBucketOwner: optional("string", { forceNew: true, read: "kept" }),
  mfa: optional("string", { read: "kept" }),
  versioningConfiguration: required("object", {
    of: {
      mfaDelete: either("string", { among: ["Enabled", "Disabled"] }),
      status: required("string", { among: ["Enabled", "Suspended", "Disabled"] }),
    },
  }),
});

async function put({ aws }: Session, Bucket: string, status: string): Promise<void> {
  const VersioningConfiguration = { Status: status as "Enabled" | "Suspended" };
  const input = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration });
  await during(`putting S3 Bucket Versioning (${Bucket})`, aws.s3.send(input));
}

const statusOf = (news: Properties) =>
  text(object(news, "versioningConfiguration") ?? {}, "status") ?? "Enabled";

export const s3BucketVersioning: ResourceType = {
  token: "aws:s3/bucketVersioning:BucketVersioning",
  table: bucketVersioningTable,
  create: async (session, news) => {
    const id = needText(news, "bucket");
    await put(session, id, statusOf(news));
    return { id };
  },
  read: async ({ aws }, id) => {
    const asked = aws.s3.send(new GetBucketVersioningCommand({ Bucket: id }));
    const found = await unlessMissing(asked, ["NoSuchBucket"]);
    if (!found?.Status) return undefined;
    const configuration = { status: found.Status, mfaDelete: found.MFADelete };
    return present({ bucket: id, versioningConfiguration: configuration });
  },
  update: async (session, { id, news }) => {
    await put(session, id, statusOf(news));
    return undefined;
  },
  remove: async (session, id) => {
    await unlessMissing(put(session, id, "Suspended"), ["NoSuchBucket"]);
  },
};
