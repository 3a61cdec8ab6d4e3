import {
  meanWritesASecond,
  mostPairs,
  mostPairsByQueue,
  QUEUE_WRITES_A_SECOND,
} from "../../contract/capacity";
import { kindFactsOf } from "../../contract/kinds";
import { functionRolesOf, listBucketName, sweepCallerRoleName } from "../../contract/names";
import { type Place, partitionProblem } from "../../contract/policy";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { encodeSecretsKeyPolicy } from "../policies/key";
import { encodeAudiencePolicy } from "../policies/secret";
import type { Problem } from "./node";
import type { FleetSpec } from "./spec";

/** In characters: IAM and STS quotas, Secrets Manager quotas, KMS quotas. */
const LONGEST_ROLE_NAME = 64;
const LONGEST_SECRET_POLICY = 20_480;
const LONGEST_KEY_POLICY = 32_768;
/** S3 user guide, "General purpose bucket naming rules". */
const LONGEST_BUCKET_NAME = 63;

/** What AWS would refuse in the middle of `up`, because it is too long or because of where it is. */
export function limitProblems(fleet: FleetSpec, place: Place): Problem[] {
  return [
    ...placeProblems(fleet.settings.prefix, place),
    ...secretPolicyProblems(fleet, place),
    ...keyPolicyProblems(fleet, place),
    ...capacityProblems(fleet),
    ...environmentProblems(fleet),
    ...bucketProblems(fleet, place),
  ];
}

/** Of the 4 kB that all variables of a function hold together (Lambda quotas), what is left beside the others. */
const LONGEST_OPEN_INSTALLS = 3_500;

/** An open app's stores bear the stack's tags, of which its function is told in its environment. */
function environmentProblems({ apps, settings }: FleetSpec): Problem[] {
  const open = apps.filter((app) => app.open !== undefined).map(({ app }) => app);
  const told = Buffer.byteLength(JSON.stringify([open, settings.tags]));
  if (open.length === 0 || told <= LONGEST_OPEN_INSTALLS) return [];
  return [
    {
      path: "shopify-secrets:tags",
      says: `hold ${told} bytes with the names of the open apps, and the function that makes the stores of such apps can be told ${LONGEST_OPEN_INSTALLS}: shorten them, or open fewer apps`,
    },
  ];
}

/** More than one sweep can renew in time: some of them would die, and which is chance. */
function capacityProblems({ stores, listed, settings }: FleetSpec): Problem[] {
  const staying = stores.filter(({ moving }) => moving === undefined);
  const all = [...staying, ...(listed?.stores ?? [])];
  const swept = all.filter(({ declaration }) => kindFactsOf(declaration).renewer === "sweep");
  const most = settings.workQueue ? mostPairsByQueue() : mostPairs(SWEEP_EVERY_MS);
  const rotated = all.flatMap(({ rotationHours }) => rotationHours ?? []);
  const writes = meanWritesASecond(swept.length, rotated);
  if (swept.length <= most && writes <= QUEUE_WRITES_A_SECOND) return [];
  if (swept.length <= most) {
    return [
      {
        path: "shopify-secrets:stores",
        says: `would write ${writes.toFixed(1)} times a second on the mean (${swept.length} tokens of one hour, ${rotated.length} that are rotated), and Secrets Manager takes 50 in an account and region, some of which have to be left for bursts; move some of the stores to a stack in another region or account, or rotate them less often (rotationHours)`,
      },
    ];
  }
  const wayOn = settings.workQueue
    ? "move"
    : `set shopify-secrets:workQueue to true, which carries ${mostPairsByQueue()}, or move`;
  return [
    {
      path: "shopify-secrets:stores",
      says: `hold ${swept.length} tokens of one hour, and one sweep renews at most ${most} in time (Secrets Manager takes 50 writes a second in an account and region); ${wayOn} some of the stores to a stack in another region or account`,
    },
  ];
}

/** Why a stack of this prefix cannot be in this place. */
function placeProblems(prefix: string, { partition, region }: Place): Problem[] {
  const says = partitionProblem(partition);
  if (says !== undefined) return [{ path: "aws:region", says: `is ${region}: ${says}` }];
  const spare = LONGEST_ROLE_NAME - sweepCallerRoleName(prefix, region).length;
  if (spare >= 0) return [];
  return [
    {
      path: "shopify-secrets:prefix",
      says: `must have at most ${prefix.length + spare} characters in ${region}: a role's name holds ${LONGEST_ROLE_NAME}, the prefix and the region included`,
    },
  ];
}

/** The bucket of a list is called after the prefix, the region and the account. */
function bucketProblems({ listed, settings: { prefix } }: FleetSpec, place: Place): Problem[] {
  const over = listBucketName(prefix, place).length - LONGEST_BUCKET_NAME;
  if (listed === undefined || over <= 0) return [];
  return [
    {
      path: "shopify-secrets:prefix",
      says: `must have at most ${prefix.length - over} characters in ${place.region}: the name of the list's bucket holds ${LONGEST_BUCKET_NAME}, the prefix, the region and the account included`,
    },
  ];
}

/** Every reader stands in its secret's policy twice. */
function secretPolicyProblems({ stores, settings }: FleetSpec, place: Place): Problem[] {
  return stores.flatMap(({ key, readers }) => {
    if (readers.length === 0) return [];
    const { length } = encodeAudiencePolicy(
      place,
      { ...settings, functions: functionRolesOf({ workQueue: true }) },
      readers,
    );
    if (length <= LONGEST_SECRET_POLICY) return [];
    return [
      {
        path: `shopify-secrets:stores.${key}.readers`,
        says: `are too many: the secret's policy would have ${length} characters, and AWS takes ${LONGEST_SECRET_POLICY}; let several applications share a role`,
      },
    ];
  });
}

/** Every reader of another account stands in the policy of the stack's key. */
function keyPolicyProblems({ stores, settings }: FleetSpec, place: Place): Problem[] {
  if (settings.kmsKeyArn !== undefined) return [];
  const readers = [...new Set(stores.flatMap((store) => store.readers))];
  const { length } = encodeSecretsKeyPolicy(place, settings.prefix, readers);
  if (length <= LONGEST_KEY_POLICY) return [];
  return [
    {
      path: "shopify-secrets:stores",
      says: `name too many readers of other accounts: the key's policy would have ${length} characters, and AWS takes ${LONGEST_KEY_POLICY}; set kmsKeyArn to a key that admits those accounts, or split the fleet over stacks`,
    },
  ];
}
