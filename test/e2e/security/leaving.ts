import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { parseRecord } from "../../../contract/record";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";
import { Canaries } from "../../security/leaks";
import { CONFIG_SECRETS, type MarkedFleet } from "./marked-fleet";

/** Every secret value that there is: config's, and each access token that any version of a store holds. */
export async function outsideValuesOf({ world, stores }: MarkedFleet): Promise<Canaries> {
  const canaries = new Canaries();
  for (const [name, value] of Object.entries(CONFIG_SECRETS)) canaries.add(`config ${name}`, value);
  for (const [key, { secretArn }] of Object.entries(stores)) {
    for (const text of await valuesOf(world, secretArn)) {
      canaries.add(`token of ${key}`, parseRecord(text).accessToken.unseal());
    }
  }
  return canaries;
}

async function valuesOf(world: World, SecretId: string): Promise<string[]> {
  const { Versions = [] } = (await world.secrets.handle("ListSecretVersionIds", {
    SecretId,
    IncludeDeprecated: true,
  })) as { Versions?: { VersionId: string }[] };
  const values = Versions.map(async ({ VersionId }) => {
    const read = await world.secrets.handle("GetSecretValue", { SecretId, VersionId });
    return (read as { SecretString: string }).SecretString;
  });
  return Promise.all(values);
}

/** Everything that leaves the secrets' own places, by where it was found. */
export async function leavingOf(fleet: MarkedFleet): Promise<Map<string, string>> {
  const { world, stack, printed } = fleet;
  const outputs = await stack.must(stack.engine.run(["stack", "output", "--json"]));
  return new Map([
    ...printed,
    ["stack outputs", outputs],
    ["state, decrypted by nobody", await stack.must(stack.engine.run(["stack", "export"]))],
    ["record of calls", JSON.stringify(world.front.calls())],
    ["secrets' descriptions and tags", await descriptionsOf(world)],
    ...(await logsOf(world)),
    ...filesBelow(world.folder).map((file) => [file, readFileSync(file, "latin1")] as const),
  ]);
}

async function descriptionsOf(world: World): Promise<string> {
  return JSON.stringify(await world.secrets.handle("ListSecrets", { MaxResults: 100 }));
}

async function logsOf(world: World): Promise<[string, string][]> {
  const logs = new CloudWatchLogsClient(clientConfigOf(world));
  const found: [string, string][] = [];
  for (const role of ["rotate", "enrol", "sweep", "install"]) {
    const logGroupName = `/aws/lambda/shopify-dev-${role}`;
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    found.push([`log of ${role}`, events.map(({ message }) => message).join("\n")]);
  }
  logs.destroy();
  return found;
}

/** Files of the world's folder: state, caches and logs of the engine, of the emulator and of the functions. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
