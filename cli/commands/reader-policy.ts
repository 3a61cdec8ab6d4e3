import { MANAGED_POLICY_MAX, type Place, placeOfArn } from "../../contract/policy";
import { encodeReaderPolicies } from "../../contract/reader-policy";
import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { pickStores, readFleet } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { PART_OPTION, writePolicies } from "../print/policies";
import { Refusal } from "../refusal";

/** `reader-policy`: what an application that reads these stores' tokens may do, in policies that IAM takes. */
export const readerPolicy: Command = {
  name: "reader-policy",
  usage: "[store…]",
  takes: "stores",
  summary: "print the policy of an application that reads these stores' tokens",
  options: { part: PART_OPTION },
  async run(call) {
    const stores = pickStores(await readFleet(call, call.words), call.words);
    // All secrets of a list are in one account and region.
    const place = placeOfArn(stores[0]?.secretArn ?? "");
    const secrets = stores.map((seen) => ({
      secretArn: seen.secretArn,
      kmsKeyArn: keyArnOf(seen, place),
    }));
    const policies = encodeReaderPolicies({ place, secrets }, MANAGED_POLICY_MAX);
    writePolicies(call, policies, call.host.out);
    return EXIT.well;
  },
};

function keyArnOf({ store, facts: { kmsKeyId } }: StoreSeen, place: Place): string | undefined {
  if (kmsKeyId === undefined || kmsKeyId === "alias/aws/secretsmanager") return undefined;
  if (/^arn:[^:]+:kms:[^:]+:\d{12}:key\//.test(kmsKeyId)) return kmsKeyId;
  if (/^[0-9a-f-]{32,36}$|^mrk-/.test(kmsKeyId)) {
    return `arn:${place.partition}:kms:${place.region}:${place.accountId}:key/${kmsKeyId}`;
  }
  throw new Refusal(
    `the secret of ${store} names its key by an alias, which no policy can name`,
    "set shopify-secrets:kmsKeyArn to the key's ARN, then pulumi up --continue-on-error",
  );
}
