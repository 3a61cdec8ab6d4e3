import { type ChildProcess, spawn } from "node:child_process";
import type { DeployerCredentials } from "./deployer-role";
import type { StackProject } from "./stack-project";

/** How one command of the engine ended. */
export interface EngineRun {
  readonly exitCode: number;
  readonly output: string;
}

interface EngineAbout {
  readonly stack: string;
  readonly region: string;
  readonly credentials: DeployerCredentials;
}

/** The `pulumi` on PATH, on the run's own stack. */
export class Engine {
  readonly #project: StackProject;
  readonly #stack: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #running: ChildProcess | undefined;

  /** With credentials of its own, not the caller's. */
  constructor(project: StackProject, about: EngineAbout) {
    this.#project = project;
    this.#stack = about.stack;
    this.#environment = {
      ...process.env,
      AWS_REGION: about.region,
      AWS_PROFILE: undefined,
      AWS_ACCESS_KEY_ID: about.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: about.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: about.credentials.sessionToken,
      PULUMI_BACKEND_URL: project.backendUrl,
      PULUMI_CONFIG_PASSPHRASE: undefined,
      PULUMI_CONFIG_PASSPHRASE_FILE: project.passphraseFile,
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
  }

  /** Runs one command to its end; `input` arrives on its standard input. */
  async run(command: readonly string[], input = ""): Promise<EngineRun> {
    const args = [...command, "--stack", this.#stack, "--non-interactive", "--color", "never"];
    // A group of its own: Ctrl-C reaches us alone, and we let the engine finish in order.
    const child = spawn("pulumi", args, {
      cwd: this.#project.folder,
      env: this.#environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#running = child;
    child.stdin.end(input);
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    }
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
    this.#running = undefined;
    return { exitCode, output: Buffer.concat(chunks).toString("utf8") };
  }

  /** Asks the engine to end what it is doing: it finishes the resources under way. */
  interrupt(): void {
    this.#running?.kill("SIGINT");
  }
}

/** One resource that an `up` changed. */
export interface ChangedResource {
  readonly type: string;
  readonly name: string;
}

/** The resources that an `up` created, updated, replaced or deleted, out of what it printed. */
export function changedResources(output: string): readonly ChangedResource[] {
  const line =
    /^\s*(?:[~+-]{1,2}|\+-)\s+(\S+:\S+)\s+(\S+)\s+(?:created|updated|deleted|replaced)\b/;
  return output.split("\n").flatMap((text) => {
    const [, type, name] = line.exec(text) ?? [];
    return type === undefined || name === undefined || type.startsWith("pulumi:")
      ? []
      : [{ type, name }];
  });
}
