import { createInterface } from "node:readline/promises";
import { SIGNING_ASSUMPTIONS } from "../catalogue";
import { Findings, type Say } from "../findings";
import { checkSigning, type SigningApp } from "./signing-checks";

/** Runs the checks of a real app that signs; whether everything that matters holds. */
export async function runSigning(app: SigningApp, say: Say, signal: AbortSignal): Promise<boolean> {
  say("Tries an app that signs at Shopify: some thirty requests, a minute, and no AWS account.");
  say("It makes a key in this process's memory, which ends with it, stores nothing, and prints no");
  say("secret: what it prints may be sent to the maintainers as it stands.\n");
  const all = Object.values(SIGNING_ASSUMPTIONS);
  const findings = new Findings(say, signal, { all, saysAll: true });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const lines = terminal[Symbol.asyncIterator]();
  const entered = async (question: string): Promise<boolean> => {
    say(question);
    return (await lines.next()).done !== true;
  };
  try {
    await checkSigning(app, { say, findings, signal, entered });
  } finally {
    terminal.close();
  }
  const { isSound } = findings.conclude();
  say("Take the key out of the app's settings, if it is still there.");
  return isSound;
}
