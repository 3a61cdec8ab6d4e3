import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import type { World } from "../world/world";
import { clientConfigOf } from "./root-client";

/**
 * Makes an IAM user that may do what the given policies say and nothing else, and returns its credentials.
 * They are managed policies: inline ones of a user hold 2,048 characters together.
 */
export async function createReaderUser(
  world: World,
  name: string,
  policies: readonly string[],
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const iam = new IAMClient(clientConfigOf(world));
  try {
    await iam.send(new CreateUserCommand({ UserName: name }));
    for (const [index, PolicyDocument] of policies.entries()) {
      const PolicyName = `${name}-${index}`;
      const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
      await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: Policy?.Arn }));
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
    return {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
  } finally {
    iam.destroy();
  }
}
