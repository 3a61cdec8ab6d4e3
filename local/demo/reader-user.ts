import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { World } from "../world/world";
import { clientConfigOf } from "./root-client";

/** Makes an IAM user that may do what the given policies say and nothing else, and returns its credentials. */
export async function createReaderUser(
  world: World,
  name: string,
  policies: readonly string[],
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const iam = new IAMClient(clientConfigOf(world));
  try {
    await iam.send(new CreateUserCommand({ UserName: name }));
    for (const [index, PolicyDocument] of policies.entries()) {
      const PolicyName = `read-${index}`;
      await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }));
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
