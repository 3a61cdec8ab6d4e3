/**
 * Stands in for the language hosts that the engine's own release has: those that can be had as Go modules neither run a
 * provider from its sources nor link a package, which is what `pulumi package add` asks of them. Everything else is
 * the older host's to answer.
 *
 * Its environment: OLDER_HOST, the host's program; SDK_GENERATOR; PACKAGES and PYTHON, the
 * installed packages of a clone and the environment of a program.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";

const { LanguageRuntimeService, LanguageRuntimeClient } =
  require("@pulumi/pulumi/proto/language_grpc_pb") as {
    readonly LanguageRuntimeService: grpc.ServiceDefinition;
    readonly LanguageRuntimeClient: grpc.ServiceClientConstructor;
  };
type Messages = "GetRequiredPackages" | "GeneratePackage" | "Link" | "RunPlugin";
const messages = require("@pulumi/pulumi/proto/language_pb") as Readonly<
  Record<`${Messages}Response`, new () => Readonly<Record<string, (value: unknown) => void>>>
>;

const [language = "", ...given] = process.argv.slice(2);
const LIMITS = { "grpc.max_receive_message_length": 400 * 1_024 ** 2 };

type Request = Readonly<Record<string, () => unknown>>;
interface Unary {
  readonly request: Request;
}
interface Stream extends Unary {
  write(message: unknown): void;
  end(): void;
  emit(event: "error", error: Error): void;
}
type Answer = (error: unknown, message?: unknown) => void;

const OWN: Readonly<Record<string, (call: Stream, answer: Answer) => void>> = {
  // The packages are there; an installation brings the same ones again.
  installDependencies: (call) => {
    const folder = String(call.request["getDirectory"]?.());
    const [name, from] =
      language === "python" ? ["venv", "PYTHON"] : (["node_modules", "PACKAGES"] as const);
    if (!existsSync(join(folder, name))) {
      symlinkSync(process.env[from] ?? "", join(folder, name));
    }
    call.end();
  },
  getRequiredPackages: (_call, answer) => answer(null, new messages.GetRequiredPackagesResponse()),
  generatePackage: ({ request }, answer) => {
    const folder = String(request["getDirectory"]?.());
    const schema = `${folder}.json`;
    writeFileSync(schema, String(request["getSchema"]?.()));
    execFileSync(process.env["SDK_GENERATOR"] ?? "", [language, schema, folder]);
    answer(null, new messages.GeneratePackageResponse());
  },
  link: (_call, answer) => answer(null, new messages.LinkResponse()),
  runPlugin,
};

/** Runs a provider from its sources: with the SDK's own program, as the host of the engine's release does. */
function runPlugin(call: Stream): void {
  const { request } = call;
  const info = request["getInfo"]?.() as Request;
  const folder = String(info["getProgramDirectory"]?.());
  const program = join(folder, "node_modules/@pulumi/pulumi/cmd/run-plugin");
  const args = [program, folder, ...textsIn(request, "getArgsList")];
  const variables = textsIn(request, "getEnvList").map((one) => one.split(/=(.*)/s));
  const child = spawn(process.execPath, args, {
    cwd: String(request["getPwd"]?.()),
    env: { ...process.env, ...Object.fromEntries(variables) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const say = (set: string) => (value: unknown) => {
    const message = new messages.RunPluginResponse();
    message[set]?.(value);
    call.write(message);
  };
  child.stdout.on("data", say("setStdout"));
  child.stderr.on("data", say("setStderr"));
  child.once("close", (code) => {
    say("setExitcode")(code ?? 1);
    call.end();
  });
}

function textsIn(request: Request, list: string): string[] {
  return (request[list]?.() ?? []) as string[];
}

const running: ChildProcess[] = [];

process.once("exit", () => {
  for (const child of running) child.kill();
});
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => process.exit());

let older: Promise<grpc.Client> | undefined;

function olderHost(): Promise<grpc.Client> {
  older ??= new Promise((resolve, reject) => {
    const child = spawn(process.env["OLDER_HOST"] ?? "", given, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.push(child);
    child.once("error", reject);
    createInterface({ input: child.stdout }).once("line", (port) =>
      resolve(
        new LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), LIMITS),
      ),
    );
  });
  return older;
}

type Forward = (request: unknown, answer?: Answer) => grpc.ClientReadableStream<unknown>;

async function forward(name: string, call: Stream, answer: Answer | undefined): Promise<void> {
  const client = await olderHost();
  const method = (client as unknown as Readonly<Record<string, Forward>>)[name]?.bind(client);
  if (answer !== undefined) {
    method?.(call.request, answer);
    return;
  }
  const stream = method?.(call.request);
  stream?.on("data", (message) => call.write(message));
  stream?.on("error", (error) => call.emit("error", error));
  stream?.on("end", () => call.end());
}

const server = new grpc.Server(LIMITS);
server.addService(
  LanguageRuntimeService,
  Object.fromEntries(
    Object.keys(LanguageRuntimeService).map((name) => [
      name,
      OWN[name] ?? ((call: Stream, answer?: Answer) => void forward(name, call, answer)),
    ]),
  ) as unknown as grpc.UntypedServiceImplementation,
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
