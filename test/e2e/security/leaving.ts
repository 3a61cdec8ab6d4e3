import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { parseRecord } from "../../../contract/record";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";
import type { Canaries } from "../../security/leaks";
import { CONFIG_SECRETS, type MarkedFleet } from "./marked-fleet";

/** Every secret value that there is: config's, what entered, and each access token that any version of a store holds. */
export async function watchValuesOf(fleet: MarkedFleet, canaries: Canaries): Promise<void> {
  const { world, stores, entered } = fleet;
  for (const [name, value] of entered) canaries.add(name, value);
  for (const [name, value] of Object.entries(CONFIG_SECRETS)) canaries.add(`config ${name}`, value);
  for (const [key, { secretArn }] of Object.entries(stores)) {
    for (const text of await valuesOf(world, secretArn)) {
      canaries.add(`token of ${key}`, parseRecord(text).accessToken.unseal());
    }
  }
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
  const { world, stack, printed, temporary } = fleet;
  const outputs = await stack.must(stack.engine.run(["stack", "output", "--json"]));
  return new Map([
    ...printed,
    ["stack outputs", outputs],
    ["preview, as JSON", await previewOf(fleet)],
    ["state, decrypted by nobody", await stack.must(stack.engine.run(["stack", "export"]))],
    ["record of calls", JSON.stringify(world.front.calls())],
    ["secrets' descriptions and tags", await descriptionsOf(world)],
    ...(await logsOf(world)),
    ...[world.folder, temporary]
      .flatMap(filesBelow)
      .map((file) => [file, readFileSync(file, "latin1")] as const),
  ]);
}

/** What a pipeline keeps of a preview; the file of the last `up` may have failed, so its exit code says nothing. */
async function previewOf({ stack }: MarkedFleet): Promise<string> {
  const { output } = await stack.engine.run(["preview", "--json", "--show-secrets=false"]);
  return output;
}

/** What Secrets Manager tells of every secret without its value. */
async function descriptionsOf(world: World): Promise<string> {
  const arns = [...world.secrets.state.secrets.keys()];
  const describe = (SecretId: string) => world.secrets.handle("DescribeSecret", { SecretId });
  return JSON.stringify(await Promise.all(arns.map(describe)));
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

/** Files of the world's folder and temporary ones: state, caches and logs of the engine, of the emulator, of the functions and of the command. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
