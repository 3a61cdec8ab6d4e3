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
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { MAKE } from "../../../infra/package/components";
import { describedAs, languagesHere, makeSdk, type Tools } from "./program";

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

describe("the SDK that is made for", () => {
  let folder: string;
  let tools: Tools;

  beforeAll(async () => {
    tools = await languagesHere();
    folder = mkdtempSync(join(tmpdir(), "sdks-"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("Python is imported, has every component, and says what is secret", () => {
    const sdk = join(folder, "python");
    makeSdk(tools, "python", sdk);
    describedAs("0.1.0", sdk);
    const names = Object.keys(MAKE);
    const program = [
      "import inspect, pulumi_shopify_secrets as package",
      `for name in ${JSON.stringify(names)}: print(name, bool(inspect.getdoc(getattr(package, name).__init__)))`,
      "print(package.Distribution.OWN_ORGANIZATION.value)",
      "print('Output.secret(client_secret)' in inspect.getsource(package.AppSecret))",
    ];
    const python = join(tools.python, "bin/python3");
    const env = { PYTHONPATH: sdk, PYTHONWARNINGS: "error" };
    const said = execFileSync(python, ["-c", program.join("\n")], { env, encoding: "utf8" });
    const expected = [...names.map((name) => `${name} True`), "own-organization", "True"];
    expect(said.trim().split("\n")).toEqual(expected);
  });

  test("TypeScript is type-checked, with a program that uses it", () => {
    const sdk = join(folder, "nodejs");
    makeSdk(tools, "nodejs", sdk);
    symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "program.ts"), IN_TYPESCRIPT);
    const options = { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext" };
    const tsconfig = { compilerOptions: { ...options, types: ["node"] }, files: ["program.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    const compiler = join(PROJECT, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "-p", folder], { stdio: "pipe", encoding: "utf8" });
  });

  // languages.test.ts compiles and runs a program with it.
  test("Go is a module whose imports are its own", () => {
    const sdk = join(folder, "go");
    makeSdk(tools, "go", sdk);
    const [, module = ""] = /^module (\S+)$/m.exec(readFileSync(join(sdk, "go.mod"), "utf8")) ?? [];
    const files = readdirSync(join(sdk, "shopifysecrets")).filter((name) => name.endsWith(".go"));
    const imported = files
      .map((name) => readFileSync(join(sdk, "shopifysecrets", name), "utf8"))
      .flatMap((text) => [...text.matchAll(/"(example\.com\/[^"]+)"/g)].map(([, path]) => path));
    expect([...new Set(imported)]).toEqual([`${module}/shopifysecrets/internal`]);
    const program = readFileSync(join(PROJECT, "examples/go/main.go"), "utf8");
    expect(program).toContain(`"${module}/shopifysecrets"`);
  });
});

const IN_TYPESCRIPT = `import * as shopifySecrets from "./nodejs";

const shops = new shopifySecrets.Fleet("shops", {
  apps: { fulfilment: { clientId: "6f1c0a0c", distribution: shopifySecrets.Distribution.OwnOrganization } },
  stores: { acme: { kind: "client-credentials", app: "fulfilment", shop: "acme.myshopify.com" } },
});
export const acme = shops.stores.apply((stores) => stores["acme"]?.readerPolicy);
`;

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
