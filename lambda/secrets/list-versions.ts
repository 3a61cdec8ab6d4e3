import { ListSecretVersionIdsCommand } from "@aws-sdk/client-secrets-manager";
import type { SecretArn } from "../../contract/brands";
import { type DatedVersion, datedVersionsOf } from "../../contract/store/secret-facts";
import type { Deadline } from "../deadline";
import { codedAwsError } from "./aws-errors";
import { answered, createCall, type SecretsManagerSend } from "./secrets-manager";

/** Lists the versions of a secret that AWS still has, without reading a value. */
export type ListVersions = (secretArn: SecretArn) => Promise<readonly DatedVersion[]>;

/** AWS keeps about a hundred, and those of a day: three pages are more than there are. */
const MOST_PAGES = 3;

/** Lists versions over an SDK client; no call outlives the deadline. */
export function createListVersions(client: SecretsManagerSend, deadline: Deadline): ListVersions {
  const call = createCall(client, deadline);
  return async (secretArn) => {
    try {
      const versions: DatedVersion[] = [];
      let NextToken: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const command = new ListSecretVersionIdsCommand({
          SecretId: secretArn,
          IncludeDeprecated: true,
          MaxResults: 100,
          ...(NextToken === undefined ? {} : { NextToken }),
        });
        const reply = answered(await call((send, options) => send.send(command, options)));
        versions.push(...datedVersionsOf(reply.Versions));
        NextToken = reply.NextToken;
        if (NextToken === undefined) break;
      }
      return versions;
    } catch (error) {
      throw codedAwsError(error);
    }
  };
}
