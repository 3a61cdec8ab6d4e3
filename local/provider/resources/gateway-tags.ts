import {
  type ApiGatewayV2Client,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-apigatewayv2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AwsClients } from "../aws-clients";
import type { Change } from "../resource-type";
import { tagChange } from "../tags";

/** API Gateway's own resources have ARNs without an account. */
export const gatewayArn = (region: string, path: string): string =>
  `arn:aws:apigateway:${region}::${path}`;

export async function executionArn(
  { sts }: AwsClients,
  region: string,
  path: string,
): Promise<string> {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  return `arn:aws:execute-api:${region}:${Account}:${path}`;
}

export async function updateGatewayTags(
  apiGateway: ApiGatewayV2Client,
  ResourceArn: string,
  change: Change,
): Promise<void> {
  const tags = tagChange(change);
  if (tags?.drop.length) {
    await apiGateway.send(new UntagResourceCommand({ ResourceArn, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await apiGateway.send(new TagResourceCommand({ ResourceArn, Tags: tags.set }));
  }
}
