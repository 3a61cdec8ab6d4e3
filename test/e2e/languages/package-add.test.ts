import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { readRecord } from "../../../local/demo/records";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { blocksOf } from "../../docs/code-blocks";
import { beginWorld } from "../begin-world";
import { changesIn } from "../infra/declared-stack";
import { runnable, shell } from "../terminal";
import { type GitServer, serveRepository } from "./git-server";
import { describedAs, environmentOf, languagesHere, type Tools } from "./program";

const PROJECT = join(__dirname, "../../..");
const STAND_IN = join(__dirname, "stand-in-host.ts");
/** Where the engine puts an SDK: the folder is called after the owner of the repository too. */
const SDK = "sdks/acme-shopify-secrets";
const PROVIDER = "pulumi-resource-shopify-secrets";
const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  readonly version: string;
};

const PAGE = "docs/languages.md";
const ADDRESS = "https://github.com/<owner>/shopify-secrets";

/**
 * The engine clones, starts the provider there and asks for an SDK; the hosts beside it stand in, or are those in the
 * folder SHOPIFY_SECRETS_HOSTS, of the engine's own release.
 */
describe("pulumi package add <repository>@<version>, by somebody who knows only Python", () => {
  let world: World;
  let server: GitServer;
  let folder: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    const tools = await languagesHere();
    world = await beginWorld("2026-11-23T09:35:00Z");
    server = await serveRepository(world.folder, { project: PROJECT, tag: `v${version}` });
    folder = join(world.folder, "empty");
    mkdirSync(folder);
    const metadata = join(world.folder, "metadata");
    environment = {
      ...environmentOf(world, tools),
      ...server.environment,
      PATH: pathWithHosts(world, tools),
      // What the engine's own host installs into the environment.
      PYTHONPATH: [join(folder, SDK), metadata].join(delimiter),
    };
    describedAs(version, metadata);
    for (const [file, language] of FILES) {
      writeFileSync(join(folder, file), blockOf(language));
    }
    knowApp(world, folder);
  });

  afterAll(async () => {
    await server?.stop();
    await world?.stop();
  });

  const run = (script: string) => shell(script, { cwd: folder, env: environment });

  test("the commands of the page, in a folder with the files of the page", async () => {
    const commands = blockOf("sh");
    expect(commands).toContain(`pulumi package add ${ADDRESS}@v${version}\n`);
    const { status, output } = await run(runnable(commands.replace(ADDRESS, server.url)));
    expect([status, output]).toEqual([0, expect.stringMatching(/Added package .*Shopify Secrets/)]);
    expect(output).not.toMatch(/\berror:/);
    expect(output).toContain("heritage: the store has no access token yet");
  });

  test("leave a store whose token works, and an SDK and a package in the project", async () => {
    const { record } = await readRecord(world, "shops/dev/stores/acme/token");
    expect(record).toMatchObject({ shop: DEV_STORES.acme.shop, checked: "ok" });
    const accessToken = record.accessToken.unseal();
    expect(world.shopify.imitation.control.tokenLife({ accessToken }).death).toBeNull();
    const project: unknown = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8"));
    expect(project).toMatchObject({
      packages: {
        "shopify-secrets": expect.stringMatching(
          new RegExp(`^${server.url.replace("https://", "")}@v?${version}$`),
        ),
      },
    });
    expect(existsSync(join(folder, SDK, "pulumi_shopify_secrets/fleet.py"))).toBe(true);
  });

  test("and a second up changes nothing, by the provider in the clone", async () => {
    const { output } = await run("pulumi up --yes --skip-preview --continue-on-error");
    expect(changesIn(output)).toEqual([]);
    const plugins = readdirSync(join(environment["PULUMI_HOME"] ?? "", "plugins"));
    expect(plugins.filter((name) => name.endsWith(`shopify-secrets.git-v${version}`))).toHaveLength(
      1,
    );
  });
});

/** The files of the page, and the languages of their blocks. */
const FILES = [
  ["Pulumi.yaml", "yaml"],
  ["requirements.txt", "text"],
  ["__main__.py", "python"],
] as const;

/** The block of the walk in a language; of Python there is only one. */
function blockOf(language: string): string {
  const [found] = blocksOf(PAGE).filter(
    (block) =>
      block.language === language && block.mark === (language === "python" ? "" : "python"),
  );
  return `${found?.code}\n`;
}

/** Makes Shopify know the app of the page, and puts its client secret where the page reads it. */
function knowApp(world: World, folder: string): void {
  const [, clientId = ""] = /clientId ([0-9a-f]{32})/.exec(blockOf("sh")) ?? [];
  const { control } = world.shopify.imitation;
  const clientSecret = `${DEV_APPS.fulfilment.clientSecret}-of-the-page`;
  control.addApp({ clientId, clientSecret });
  control.install({ clientId, shop: DEV_STORES.acme.shop, scopes: ["read_orders"] });
  writeFileSync(join(folder, "client-secret.txt"), `${clientSecret}\n`);
}

/** PATH with language hosts that know what `pulumi package add` asks of them, and without the provider. */
function pathWithHosts(world: World, tools: Tools): string {
  const path = (environmentOf(world, tools)["PATH"] ?? "").split(delimiter);
  const hosts = process.env["SHOPIFY_SECRETS_HOSTS"] ?? standInHosts(world, tools, path);
  // What stands on PATH would be taken in the place of the clone.
  return [hosts, ...path.filter((bin) => !existsSync(join(bin, PROVIDER)))].join(delimiter);
}

function standInHosts(world: World, tools: Tools, path: readonly string[]): string {
  const folder = join(world.folder, "hosts");
  mkdirSync(folder);
  for (const language of ["nodejs", "python"]) {
    const name = `pulumi-language-${language}`;
    const older = path.map((bin) => join(bin, name)).find((file) => existsSync(file));
    const lines = [
      "#!/bin/sh",
      `export OLDER_HOST='${older}' SDK_GENERATOR='${tools.sdkGenerator}'`,
      `export PACKAGES='${join(PROJECT, "node_modules")}' PYTHON='${tools.python}'`,
      `exec '${join(PROJECT, "node_modules/.bin/tsx")}' '${STAND_IN}' ${language} "$@"`,
    ];
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`, { mode: 0o755 });
  }
  return folder;
}
