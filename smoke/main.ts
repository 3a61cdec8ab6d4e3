import { createInterface } from "node:readline/promises";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { nameOf, type Say } from "./findings";
import { type Options, parseOptions, USAGE } from "./options";
import { checkRotations } from "./rotation-checks";
import { createRun, type Run, stackOf } from "./run";
import { checkStore } from "./shopify-checks";
import { runSigning } from "./signing/run-signing";
import { checkDeployments, checkDestroy, checkRefresh, deployStack } from "./stack-checks";
import { checkVersions } from "./version-checks";

/** Exit codes: everything that matters holds; an assumption fails; misuse; something is left in the account. */
const EXIT = { sound: 0, failed: 1, misuse: 2, left: 3, interrupted: 130 } as const;

const say: Say = (line) => void process.stdout.write(`${line}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv, process.env);
  if (typeof options === "string") {
    say(`${options}\n\n${USAGE}`);
    return EXIT.misuse;
  }
  const interruption = new AbortController();
  if ("clientId" in options) {
    const isSound = await runSigning(options, say, interruption.signal);
    return isSound ? EXIT.sound : EXIT.failed;
  }
  const run = createRun(options.region, say, interruption.signal);
  if (!(await isAgreed(run, options))) return EXIT.misuse;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      say("\nStopping; everything is deleted first. This takes a moment.");
      interruption.abort();
    });
  }
  return await runAndCleanUp(run, options);
}

/** Says what will be done, and what it costs, before anything is. */
async function isAgreed(run: Run, options: Options): Promise<boolean> {
  const identity = await run.sts.send(new GetCallerIdentityCommand({}));
  const minutes = options.store === undefined ? "5 to 10" : "8 to 15";
  say(`Account ${identity.Account}, region ${options.region}, as ${identity.Arn}.`);
  say(`Makes and deletes the stack ${stackOf(run)}; everything in it has that name in its own:`);
  say(
    "secrets, functions, roles, policies, log groups, a schedule and KMS keys (AWS keeps deleted",
  );
  say("keys for a waiting time, disabled and unbilled).");
  say(`Takes ${minutes} minutes and costs less than US$0.10.`);
  if (options.isAgreed) return true;
  if (!process.stdin.isTTY) {
    say("Nobody to ask: say --yes to begin.");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Begin? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function runAndCleanUp(run: Run, options: Options): Promise<number> {
  let failure: unknown;
  try {
    await checkEverything(run, options);
  } catch (error) {
    failure = error;
    if (!run.signal.aborted) say(`The run broke off: ${nameOf(error)}`);
  }
  say("Deleting");
  const left = await run.cleanUp.run(say);
  const { isSound } = run.findings.conclude();
  if (left.length > 0) {
    say(`STILL IN THE ACCOUNT, delete by hand: ${left.join("; ")}`);
    return EXIT.left;
  }
  say("Everything that the run made is deleted.");
  if (run.signal.aborted) return EXIT.interrupted;
  return isSound && failure === undefined ? EXIT.sound : EXIT.failed;
}

async function checkEverything(run: Run, { store }: Options): Promise<void> {
  await checkVersions(run);
  await checkRotations(run);
  const stack = await deployStack(run, store);
  if (stack === undefined) return;
  await checkDeployments(run, stack);
  if (store !== undefined) await checkStore(run, stack.secretArn, store);
  await checkRefresh(run, stack);
  await checkDestroy(run, stack);
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    say(nameOf(error));
    process.exitCode = EXIT.failed;
  },
);
