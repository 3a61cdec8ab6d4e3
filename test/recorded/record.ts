import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  GetSecretValueCommand,
  paginateListSecrets,
  type SecretListEntry,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { epochMs, HOUR_MS, isoOf } from "../../contract/time";
import { openApiDoor } from "../../local/aws/api-door";
import { clientConfigOf } from "../../local/demo/root-client";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import { beginWorld } from "../e2e/begin-world";
import { DeclaredStack } from "../e2e/infra/declared-stack";
import { copyProject } from "../e2e/infra/project-copy";
import { personWith } from "../e2e/operator/command";
import {
  beforeRename,
  EVERY_KIND,
  everyOption,
  type RecordedConfig,
  STORES_FILE,
} from "./declared";
import { namesOfToday } from "./names";
import { fillShopsOfEveryKind, fillShopsOfEveryOption, makeOwn } from "./surroundings";

const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** How long the recorded stacks live before they are looked at. */
const LIFE_MS = 30 * HOUR_MS;

/**
 * Records what a stack of this checkout leaves behind: its state, its secrets and what `status` says of them.
 *
 * `npx tsx test/recorded/record.ts <folder>`; see README.md beside it.
 */
async function main(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "names.json"), `${JSON.stringify(namesOfToday(), null, 2)}\n`);
  await recordEveryKind(join(folder, "every-kind"));
  await recordEveryOption(join(folder, "every-option"));
}

async function recordEveryKind(folder: string): Promise<void> {
  await inWorld(async (world, stack, declare) => {
    fillShopsOfEveryKind(world);
    declare(beforeRename(EVERY_KIND));
    await stack.must(stack.up());
    await approve(world, stack, ["gallery", "boutique", "umbrella"]);
    declare(EVERY_KIND);
    await stack.must(stack.up());
    await live(world);
    await record(folder, { world, stack, recorded: EVERY_KIND, prefix: "shopify/dev" });
  });
}

async function recordEveryOption(folder: string): Promise<void> {
  await inWorld(async (world, stack, declare) => {
    const recorded = everyOption(await makeOwn(world));
    fillShopsOfEveryOption(world);
    declare(recorded);
    await stack.must(stack.up());
    await live(world);
    await record(folder, { world, stack, recorded, prefix: "shops/recorded-own" });
  });
}

async function inWorld(
  act: (
    world: World,
    stack: DeclaredStack,
    declare: (recorded: RecordedConfig) => void,
  ) => Promise<void>,
): Promise<void> {
  const world = await beginWorld("2026-11-23T09:35:00Z");
  try {
    const projectDir = copyProject(world);
    const stack = new DeclaredStack(world, {
      projectDir,
      onLine: (line) => void process.stdout.write(`${line}\n`),
    });
    await stack.must(stack.engine.run(["stack", "init"]));
    await act(world, stack, ({ config, storesFile }) => {
      if (storesFile !== undefined) writeFileSync(join(projectDir, STORES_FILE), storesFile);
      stack.declare(config);
    });
  } finally {
    await world.stop();
  }
}

/** Long enough for rotations, sweeps, daily checks and the tags of all of them. */
async function live(world: World): Promise<void> {
  await world.driver.moveTo(epochMs(world.clock.now() + LIFE_MS));
  await world.secrets.settled();
}

/** What a merchant's browser does, without one. */
async function approve(
  world: World,
  stack: DeclaredStack,
  stores: readonly string[],
): Promise<void> {
  const output = await stack.must(stack.engine.run(["stack", "output", "installBaseUrl"]));
  const [, apiId = ""] = /^https?:\/\/(\w+)\.execute-api\./.exec(output.trim()) ?? [];
  const door = await openApiDoor(world.front.url, apiId);
  const { control } = world.shopify.imitation;
  control.changeApp({
    clientId: DEV_APPS.catalog.clientId,
    redirectUris: [`https://${door.host}/callback`],
  });
  try {
    for (const store of stores) {
      const link = await fetch(`${door.plainUrl}/install/${store}`, { redirect: "manual" });
      const cookie = (link.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      const { location } = control.approve({ url: link.headers.get("location") ?? "" });
      const query = location.slice(location.indexOf("?") + 1);
      const reply = await fetch(`${door.plainUrl}/callback?${query}`, { headers: { cookie } });
      if (reply.status !== 200) throw new Error(`${store} was not installed: ${reply.status}`);
    }
  } finally {
    await door.close();
  }
}

interface Lived {
  readonly world: World;
  readonly stack: DeclaredStack;
  readonly recorded: RecordedConfig;
  readonly prefix: string;
}

async function record(folder: string, { world, stack, recorded, prefix }: Lived): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const stateFile = join(world.folder, "state.json");
  await stack.must(stack.engine.run(["stack", "export", "--file", stateFile]));
  const scrubbed = (text: string) => text.replaceAll(world.folder, "/recorded");
  const state = scrubbed(
    JSON.stringify(JSON.parse(readFileSync(stateFile, "utf8"), withoutPlaces)),
  );
  writeFileSync(join(folder, "state.json.gz"), gzipSync(state, { level: 9 }));
  const person = await personWith(world, "recorder", [EVERYTHING]);
  const outputs = await stack.must(stack.engine.run(["stack", "output", "--json"]));
  const { out } = await person(`status --json --prefix ${prefix}`);
  const rest = {
    at: isoOf(world.clock.now()),
    recorded,
    outputs: JSON.parse(outputs) as unknown,
    status: JSON.parse(out) as unknown,
    secrets: await secretsOf(world),
  };
  writeFileSync(join(folder, "stack.json"), `${scrubbed(JSON.stringify(rest, null, 1))}\n`);
}

/** Where in our sources a resource was declared is told by paths of this machine. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "sourcePosition" || key === "stackTrace" ? undefined : value;
}

/** Everything that Secrets Manager tells of its secrets, the current values included; none is a real one. */
async function secretsOf(world: World): Promise<object[]> {
  const client = new SecretsManagerClient(clientConfigOf(world));
  const found: SecretListEntry[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client, pageSize: 100 }, {})) {
    found.push(...SecretList);
  }
  const secrets = await Promise.all(
    found.map(async (secret) => {
      const asked = new GetSecretValueCommand({ SecretId: secret.ARN });
      const value = await client.send(asked).catch(() => undefined);
      return { ...secret, ...(value && { value: value.SecretString, versionId: value.VersionId }) };
    }),
  );
  client.destroy();
  return secrets;
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("name the folder to write to");
void main(folder);
