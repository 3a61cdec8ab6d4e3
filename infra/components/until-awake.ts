import { setTimeout as pause } from "node:timers/promises";
import { getInvocation } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { PING } from "../../contract/ping";
import { MINUTE_MS, SECOND_MS } from "../../contract/time";

/**
 * What AWS says of a call to a function that slept, or that is waking up (Lambda developer guide, "Lambda function
 * states"; the first as terraform-provider-aws PR 48214 has it).
 */
const ASLEEP = /CodeArtifactUserPendingException|in the following state: (?:Inactive|Pending)/;

const PAUSE_MS = 5 * SECOND_MS;
/** Functions were seen to wake within two minutes. */
const LONGEST_WAKING_MS = 5 * MINUTE_MS;

/**
 * The name of a function, known once it answers.
 *
 * A function that nobody called for two weeks sleeps: its first call fails and wakes it, and the provider's Invocation
 * does not try again. The call that does nothing is made with the provider's own rights, in `up` alone.
 */
export function nameOnceAwake(
  functionName: pulumi.Output<string>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return functionName;
  return functionName.apply(async (name) => {
    const question = { functionName: name, input: JSON.stringify(PING) };
    await wake(() => getInvocation(question, { parent }), {
      tell: () => void pulumi.log.info(`${name} ${WAKES}`, parent),
    });
    return name;
  });
}

const WAKES =
  "was asleep, because nobody had called it for weeks: it wakes up within two minutes, and the stores wait for it";

interface Around {
  /** Says that it takes a while, once. */
  tell(): void;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Calls a function until it is awake. Of any other failure its next caller has more to say. */
export async function wake(
  call: () => Promise<unknown>,
  { tell, wait = pause }: Around,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < LONGEST_WAKING_MS; waitedMs += PAUSE_MS) {
    try {
      await call();
      return;
    } catch (error) {
      if (!ASLEEP.test(String(error))) return;
    }
    if (waitedMs === 0) tell();
    await wait(PAUSE_MS);
  }
}
