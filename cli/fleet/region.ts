import { shownWord } from "../print/shown-word";
import { usageError } from "../refusal";

/** The regions of all partitions, such as `us-east-1`, `us-gov-west-1` and `us-iso-east-1`. */
const REGION = /^[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}$/;

/** Refuses what can be no region; nobody is asked for it. */
export function judgeRegion(given: string | undefined): void {
  if (given === undefined || REGION.test(given)) return;
  throw usageError(`${shownWord(given)} is no AWS region`, "give one such as --region us-east-1");
}
