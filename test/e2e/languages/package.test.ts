import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { languagesHere } from "./program";

const PROJECT = join(__dirname, "../../..");
const RUN_PLUGIN = join(PROJECT, "node_modules/@pulumi/pulumi/cmd/run-plugin");
/** What the provider may take at its start, in KiB; measured at about 75 MB. */
const MOST_MEMORY_KIB = 120 * 1_024;

/** The protocol's own client of providers, whose types the SDK leaves out. */
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb") as {
  ResourceProviderClient: new (
    address: string,
    given: unknown,
    options: object,
  ) => { getSchema(request: unknown, answer: (error: unknown, schema: Schema) => void): void };
};
const { GetSchemaRequest } = require("@pulumi/pulumi/proto/provider_pb") as {
  GetSchemaRequest: new () => object;
};

interface Schema {
  getSchema(): string;
}

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill();
});

/** Starts a provider as the engine does, and gives its port once it prints it. */
async function start(...args: string[]): Promise<{ readonly port: string; readonly pid: number }> {
  const child = spawn(process.execPath, [...args, "127.0.0.1:1"], { cwd: tmpdir() });
  running.push(child);
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the provider ended with ${code}`)));
  });
  return { port, pid: child.pid ?? 0 };
}

function schemaOf(port: string): Promise<unknown> {
  const options = { "grpc.max_receive_message_length": 16 * 1_024 ** 2 };
  const client = new ResourceProviderClient(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
    options,
  );
  return new Promise((resolve, reject) => {
    client.getSchema(new GetSchemaRequest(), (error, answer) => {
      if (error) reject(error);
      else resolve(JSON.parse(answer.getSchema()));
    });
  });
}

const servedFrom = (folder: string): unknown =>
  JSON.parse(readFileSync(join(folder, "infra/package/schema.json"), "utf8"));

test("the provider serves the schema from its file, and loads no component for it", async () => {
  const { port, pid } = await start(join(PROJECT, "dist/package/main.js"));
  expect(port).toMatch(/^\d+$/);
  expect(await schemaOf(port)).toEqual(servedFrom(PROJECT));
  const status = existsSync(`/proc/${pid}/status`)
    ? readFileSync(`/proc/${pid}/status`, "utf8")
    : "";
  const [, memory = "0"] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  expect(Number(memory)).toBeLessThan(MOST_MEMORY_KIB);
});

test("the program in Go names what its SDK has", async () => {
  const { sdkGenerator } = await languagesHere();
  const folder = mkdtempSync(join(tmpdir(), "go-sdk-"));
  try {
    execFileSync(sdkGenerator, ["go", join(PROJECT, "infra/package/schema.json"), folder]);
    const files = readdirSync(join(folder, "shopifysecrets")).filter((name) =>
      name.endsWith(".go"),
    );
    const sdk = files
      .map((name) => readFileSync(join(folder, "shopifysecrets", name), "utf8"))
      .join("\n");
    const program = readFileSync(join(PROJECT, "examples/go/main.go"), "utf8");
    const used = [...program.matchAll(/shopifysecrets\.(\w+)/g)].map(([, name = ""]) => name);
    const fields = [...program.matchAll(/^\t+(\w+):/gm)].map(([, name = ""]) => name);
    expect(used.length).toBeGreaterThan(5);
    const isThere = (name: string) => new RegExp(`(?:func |type |^\\t)${name}\\b`, "m").test(sdk);
    expect([...used, ...fields].filter((name) => !isThere(name))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What `pulumi package add` has: a clone with its packages installed, and nothing built. */
describe("a plain clone", () => {
  let clone: string;

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), "plain-clone-"));
    const own = [
      "PulumiPlugin.yaml",
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "contract",
      "infra",
      "lambda",
      "scripts",
    ];
    for (const name of own) cpSync(join(PROJECT, name), join(clone, name), { recursive: true });
    mkdirSync(join(clone, "node_modules"));
    rmSync(join(clone, "node_modules"), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(clone, "node_modules"));
  });

  afterAll(() => rmSync(clone, { recursive: true }));

  test("is built once by what Pulumi starts there, and serves the schema", async () => {
    expect(existsSync(join(clone, "dist"))).toBe(false);
    const { port } = await start(RUN_PLUGIN, clone);
    expect(await schemaOf(port)).toEqual(servedFrom(clone));
    expect(existsSync(join(clone, "dist/lambda/sweep/index.mjs"))).toBe(true);
  });
});
