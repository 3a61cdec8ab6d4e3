import { spawn } from "node:child_process";
import { EXIT } from "./exit-codes";
import type { Host } from "./host";
import { Refusal } from "./refusal";

/** What a run of Pulumi that prints JSON ended with. */
export interface PulumiRun {
  readonly exitCode: number;
  readonly json: string;
}

/** The shell's own code for a program that is not there. */
const NOT_FOUND = 127;

/** Runs the `pulumi` on PATH; what it prints beside its result goes to the terminal. `then`: what to type once it is there. */
export function runPulumi(
  args: readonly string[],
  { env }: Pick<Host, "env">,
  then: string,
): Promise<PulumiRun> {
  const child = spawn("pulumi", args, { env, stdio: ["inherit", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", () => {
      const next = `install Pulumi as https://www.pulumi.com/docs/install says, then ${then}`;
      reject(new Refusal("there is no pulumi on PATH", next, { exitCode: NOT_FOUND }));
    });
    child.on("close", (code) => {
      const json = Buffer.concat(chunks).toString("utf8");
      resolve({ exitCode: code ?? EXIT.needsPerson, json });
    });
  });
}
