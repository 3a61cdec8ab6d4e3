import type { types } from "@pulumi/aws";
import { FAILED_HEAD, KEPT_DAYS, RESULTS_HEAD, WORK_HEAD } from "../../contract/listed/list-bucket";

type Rule = types.input.s3.BucketLifecycleConfigurationRule;

/** Parts of an upload that never came to its end, such as of results. */
const UNFINISHED_DAYS = 7;

/** The newest list stays for ever; what was before it, and what runs left, goes. */
export const LIFECYCLE_RULES: Rule[] = [
  {
    id: "former-versions",
    status: "Enabled",
    filter: { prefix: "" },
    noncurrentVersionExpiration: { noncurrentDays: KEPT_DAYS },
    // Whatever is deleted leaves a marker, which goes with the last version behind it.
    expiration: { expiredObjectDeleteMarker: true },
    abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_DAYS },
  },
  ...[WORK_HEAD, FAILED_HEAD, `${RESULTS_HEAD}/`].map(runsUnder),
];

/** In a versioned bucket what expires becomes a former version first: of the shorter of two times S3 takes the shorter. */
function runsUnder(prefix: string): Rule {
  return {
    id: `runs-${prefix.replace("/", "")}`,
    status: "Enabled",
    filter: { prefix },
    expiration: { days: KEPT_DAYS },
    noncurrentVersionExpiration: { noncurrentDays: 1 },
  };
}
