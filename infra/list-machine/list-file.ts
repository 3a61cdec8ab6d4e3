import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { encodeDeclaration } from "../../contract/declaration";
import {
  encodeListedStore,
  encodeListHead,
  type ListedStore,
} from "../../contract/listed/listed-store";
import type { FleetSpec, ListedFleet } from "../config/spec";

/** Where a checkout keeps what it makes for an upload; nothing in it is secret, and nothing of it is to be committed. */
export const LIST_FOLDER = ".shopify-secrets";

const LINES_AT_A_TIME = 1_000;

/** The lines of a list, sorted, so that a list in another order is the same list. */
export function* linesOfList(
  { apps, settings }: Pick<FleetSpec, "apps" | "settings">,
  listed: ListedFleet,
): Generator<string> {
  const { prefix, tags, recoveryWindowDays } = settings;
  yield encodeListHead({ prefix, tags, recoveryWindowDays, retireAtMost: listed.retireAtMost });
  const clientIds = new Map<string, string>(apps.map(({ app, clientId }) => [app, clientId]));
  const stores = listed.stores.map(
    ({ key, declaration, rotationHours }): ListedStore => ({
      store: key,
      declaration: encodeDeclaration(declaration),
      rotationHours,
      clientId: clientIds.get(declaration.app ?? ""),
    }),
  );
  stores.sort((one, other) => (one.store < other.store ? -1 : 1));
  for (const store of stores) yield encodeListedStore(store);
}

/**
 * Writes the list as it is uploaded, and gives it as an asset whose path is the same on every machine: of an asset
 * the state holds the path and a hash, and no store.
 */
export function listAsset(spec: FleetSpec, listed: ListedFleet): pulumi.asset.FileAsset {
  const folder = join(process.cwd(), LIST_FOLDER);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pulumi.getStack()}.jsonl`);
  const draft = `${file}.${process.pid}`;
  const out = openSync(draft, "w");
  try {
    let lines: string[] = [];
    const flush = () => {
      writeSync(out, lines.map((line) => `${line}\n`).join(""));
      lines = [];
    };
    for (const line of linesOfList(spec, listed)) {
      lines.push(line);
      if (lines.length === LINES_AT_A_TIME) flush();
    }
    flush();
  } finally {
    closeSync(out);
  }
  renameSync(draft, file);
  return new pulumi.asset.FileAsset(relative(process.cwd(), file));
}
