import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-secrets-manager";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import type { ResourceType, Session } from "../resource-type";
import { optional, regional, required, table } from "../table";
import { flag, needText } from "../values";
import type { Properties } from "../wire";

export const secretPolicyTable = table("internal/service/secretsmanager/secret_policy.go", {
  ...regional,
  blockPublicPolicy: optional("boolean", { read: "kept" }),
  policy: required("json", { same: samePolicy }),
  secretArn: required("string", { forceNew: true }),
});

const GONE = ["ResourceNotFoundException"];

async function put({ aws, patience }: Session, news: Properties): Promise<string> {
  const SecretId = needText(news, "secretArn");
  const input = new PutResourcePolicyCommand({
    BlockPublicPolicy: flag(news, "blockPublicPolicy"),
    ResourcePolicy: needText(news, "policy"),
    SecretId,
  });
  const isLate = (error: unknown) =>
    isAwsError(error, ["MalformedPolicyDocumentException"], "contains an unsupported principal");
  const sent = patience.retry(() => aws.secretsManager.send(input), isLate);
  return (
    (await during(`putting Secrets Manager Secret (${SecretId}) policy`, sent)).ARN ?? SecretId
  );
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const asked = aws.secretsManager.send(new GetResourcePolicyCommand({ SecretId: id }));
  const found = await unlessMissing(asked, GONE);
  return found?.ResourcePolicy ? { policy: found.ResourcePolicy, secretArn: id } : undefined;
}

export const secretPolicy: ResourceType = {
  token: "aws:secretsmanager/secretPolicy:SecretPolicy",
  table: secretPolicyTable,
  create: async (session, news) => ({ id: await put(session, news) }),
  read,
  update: async (session, { news }) => {
    await put(session, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.secretsManager.send(new DeleteResourcePolicyCommand({ SecretId: id }));
    await during(`deleting Secrets Manager Secret (${id}) policy`, unlessMissing(deleted, GONE));
  },
};
