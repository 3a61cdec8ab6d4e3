import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readRecord } from "../../../local/demo/records";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import { Engine } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";

const PROJECT = join(__dirname, "../../..");
const EXAMPLE = join(PROJECT, "examples/as-a-library");
const TAGS_ARE_IGNORED = "  ignoreTags: { keyPrefixes: [STATUS_TAG_PREFIX] },\n";
const { clientId, clientSecret } = DEV_APPS.fulfilment;
const CLIENT_SECRET = "shopify-secrets:clientSecrets.fulfilment";

/** A program of somebody else's with the packed package. The tests build on each other. */
describe("shopify-secrets as a library", () => {
  let world: World;
  let folder: string;
  let engine: Engine;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = join(world.folder, "shops");
    cpSync(EXAMPLE, folder, { recursive: true });
    installInto(folder);
    engine = new Engine({
      projectDir: folder,
      stack: "dev",
      environment: {
        HOME: world.folder,
        ...world.operatorEnvironment,
        ...world.clockEnvironment,
      },
    });
    await must("stack", "init");
    await must("config", "set", "aws:region", "us-east-1");
    await must("config", "set", "clientId", clientId);
    await must("config", "set", "--secret", "--path", CLIENT_SECRET, clientSecret);
  });

  afterAll(async () => {
    await world?.stop();
  });

  /** Runs a command of the engine that has to succeed, and returns what it printed. */
  async function must(...command: string[]): Promise<string> {
    const { exitCode, output } = await engine.run(command);
    if (exitCode !== 0) throw new Error(`pulumi ${command.join(" ")} failed:\n${output}`);
    return output;
  }

  test("the program type-checks against the packed package", () => {
    const compiler = join(folder, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "-p", folder], { stdio: "pipe" });
  });

  test("a provider that does not ignore the status tags is told of at preview", async () => {
    const program = readFileSync(join(EXAMPLE, "index.ts"), "utf8");
    expect(program).toContain(TAGS_ARE_IGNORED);
    writeFileSync(join(folder, "index.ts"), program.replace(TAGS_ARE_IGNORED, ""));
    const output = await must("preview");
    writeFileSync(join(folder, "index.ts"), program);
    expect(output).toContain("does not ignore tags that begin with shopify-secrets:");
    expect(output).toContain('ignoreTags: { keyPrefixes: ["shopify-secrets:"] }');
  });

  test("up provisions its stores, without a warning", async () => {
    const output = await must("up", "--yes", "--skip-preview", "--continue-on-error");
    expect(output).not.toContain("does not ignore tags");
    const heritage = /heritage was enrolled: the store has no access token yet.*/;
    expect(output).toMatch(heritage);
    await pasteToken(heritage.exec(output)?.[0] ?? "");
    const { record } = await readRecord(world, "shops/dev/stores/acme/token");
    expect(record).toMatchObject({ shop: DEV_STORES.acme.shop, checked: "ok" });
  });

  /** The printed way by config has its effect in this program too. */
  async function pasteToken(line: string): Promise<void> {
    const [, path = ""] = /pulumi config set --secret --path '([^']+)'/.exec(line) ?? [];
    const { shop } = DEV_STORES.heritage;
    await must("config", "set", "--secret", "--path", path, DEV_STORES.heritage.accessToken);
    await must("up", "--yes", "--skip-preview", "--continue-on-error");
    const { record } = await readRecord(world, "shops/dev/stores/heritage/token");
    expect(record).toMatchObject({ kind: "custom-app", shop });
  }

  test("its outputs name each secret, and hold none", async () => {
    const output = await must("stack", "output", "--json");
    const { stores, acmeReaderPolicy } = JSON.parse(output) as {
      stores: Record<string, StoreOutput>;
      acmeReaderPolicy: string;
    };
    expect(Object.keys(stores).sort()).toEqual(["acme", "heritage"]);
    expect(stores["acme"]).toEqual({
      secretArn: expect.stringMatching(/:secret:shops\/dev\/stores\/acme\/token-\w{6}$/),
      secretName: "shops/dev/stores/acme/token",
      kind: "client-credentials",
      shop: "acme.myshopify.com",
      readerPolicy: acmeReaderPolicy,
    });
    const { record } = await readRecord(world, "shops/dev/stores/acme/token");
    for (const secret of [clientSecret, record.accessToken.unseal(), "[secret]"]) {
      expect(output).not.toContain(secret);
    }
  });

  test("afterwards nothing changes, also after a refresh, and destroy takes it all away", async () => {
    await must("preview", "--refresh", "--expect-no-changes");
    await must("destroy", "--yes", "--skip-preview", "--continue-on-error");
    expect(await must("stack", "--show-urns")).not.toContain("aws:");
  });
});

/** What `npm install` of the packed package leaves: its files, and the packages that it depends on. */
type Named = Readonly<Record<string, string>>;

/** What npm installs for a program: what it names, and what our package names, its peers included. */
function declaredBy(folder: string): string[] {
  const own = packageIn(folder);
  const ours = packageIn(PROJECT);
  const named = { ...own.dependencies, ...own.devDependencies, ...ours.dependencies };
  return Object.keys({ ...named, ...ours.peerDependencies }).filter(
    (name) => name !== "shopify-secrets",
  );
}

function packageIn(folder: string) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly dependencies?: Named;
    readonly devDependencies?: Named;
    readonly peerDependencies?: Named;
  };
}

function installInto(folder: string): void {
  execFileSync("npm", ["run", "--silent", "build:library"], { cwd: PROJECT });
  const packed = join(folder, "packed");
  mkdirSync(packed);
  // Without its scripts: they build what the line above and whoever runs these tests have built.
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", packed], {
    cwd: PROJECT,
  });
  const [archive = ""] = readdirSync(packed);
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  // What it declares and nothing else: a checkout's own packages would hide what is missing.
  for (const name of declaredBy(folder)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules", name), join(modules, name));
  }
  const own = join(modules, "shopify-secrets");
  mkdirSync(own);
  execFileSync("tar", ["-xzf", join(packed, archive), "-C", own, "--strip-components=1"]);
}
