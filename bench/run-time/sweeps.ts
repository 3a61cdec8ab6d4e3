import type { ListSecretsCommand, SecretListEntry } from "@aws-sdk/client-secrets-manager";
import { KINDS } from "../../contract/kinds";
import { createFleetPort } from "../../lambda/secrets/fleet-port";
import { sweep } from "../../lambda/sweep/sweep";
import { FleetStand } from "../../test/lambda/stand/fleet-stand";
import { PREFIX } from "../../test/simulation/stage";

/** One pass of the sweep over a fleet of which nothing is due. */
export interface Pass {
  readonly stores: number;
  /** Calls of ListSecrets: a hundred secrets a page. */
  readonly pages: number;
  /** Every other call. */
  readonly others: number;
  readonly cpuSeconds: number;
  /** What the pass held in memory, in MB. */
  readonly heapMb: number;
}

const PAGE_SIZE = 100;

/** Sweeps fleets of these sizes, the same stores of every kind over and over under other names. */
export async function measurePasses(sizes: readonly number[]): Promise<Pass[]> {
  const world = await FleetStand.create();
  for (const kind of KINDS) await world.add(`a-${kind}`, { kind });
  // Their status is written by then, and nothing is due.
  await world.sweep();
  await world.sweep();
  const entries = await entriesOf(world);
  const passes: Pass[] = [];
  for (const stores of sizes) passes.push(await measurePass(world, entries, stores));
  return passes;
}

async function entriesOf(world: FleetStand): Promise<SecretListEntry[]> {
  const { SecretList } = (await world.model.handle("ListSecrets", { MaxResults: 100 })) as {
    SecretList: SecretListEntry[];
  };
  return SecretList.filter(({ Name = "" }) => Name.startsWith(`${PREFIX}/stores/`));
}

async function measurePass(
  world: FleetStand,
  entries: readonly SecretListEntry[],
  stores: number,
): Promise<Pass> {
  const deps = world.deps();
  let pages = 0;
  const client = {
    send: async ({ input }: ListSecretsCommand) => {
      // The second list is that of other stacks, and there are none.
      if (input.Filters?.some(({ Key }) => Key === "tag-key")) return { SecretList: [] };
      pages += 1;
      return pageAt(entries, Number(input.NextToken ?? 0), stores);
    },
  };
  const fleet = createFleetPort(client as never, { prefix: PREFIX, deadline: deps.deadline });
  world.calls.length = 0;
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const cpuBefore = process.cpuUsage();
  let heapAfter = heapBefore;
  // The metrics come when the whole fleet and what was found of it is in memory.
  const emit = () => {
    heapAfter = process.memoryUsage().heapUsed;
  };
  await sweep({ ...deps, fleet, emit });
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    stores,
    pages,
    others: world.calls.length,
    cpuSeconds: (user + system) / 1_000_000,
    heapMb: Math.max(0, heapAfter - heapBefore) / 1_048_576,
  };
}

function pageAt(entries: readonly SecretListEntry[], from: number, stores: number) {
  const to = Math.min(from + PAGE_SIZE, stores);
  const SecretList = Array.from({ length: to - from }, (_, index) => copyOf(entries, from + index));
  return { SecretList, ...(to < stores ? { NextToken: `${to}` } : {}) };
}

/** The same secret under another name. */
function copyOf(entries: readonly SecretListEntry[], at: number): SecretListEntry {
  const entry = entries[at % entries.length] as SecretListEntry;
  const numbered = (text: string | undefined) => text?.replace("/stores/a-", `/stores/s${at}-`);
  return { ...entry, Name: numbered(entry.Name), ARN: numbered(entry.ARN) };
}
