import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { RecordedConfig } from "./declared";

/** What was recorded, oldest first: a commit, and from 0.2 on each release. */
export const RECORDS = ["bd3089e"] as const;

/** The record of each release. */
export const RECORD_OF: Readonly<Record<string, (typeof RECORDS)[number]>> = { "0.1.0": "bd3089e" };

/** The stacks of each record: every kind of store in every phase, and every option besides. */
export const STACKS = ["every-kind", "every-option"] as const;

/** A secret as ListSecrets told of it, with its current value. */
export interface RecordedSecret {
  readonly ARN: string;
  readonly Name: string;
  readonly Description?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly SecretVersionsToStages?: Readonly<Record<string, readonly string[]>>;
  readonly RotationEnabled?: boolean;
  readonly value?: string;
  readonly versionId?: string;
}

/** A stack as an earlier checkout left it. */
export interface RecordedStack {
  /** When it was recorded, on its world's clock. */
  readonly at: string;
  readonly recorded: RecordedConfig;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What `status --json` of that checkout said. */
  readonly status: { readonly stores: readonly Readonly<Record<string, unknown>>[] };
  readonly secrets: readonly RecordedSecret[];
}

/** One stack of a record; its state is apart, because only the engine reads it. */
export function recordedStack(record: string, stack: string): RecordedStack {
  return JSON.parse(readFileSync(join(__dirname, record, stack, "stack.json"), "utf8"));
}

/** The state of a recorded stack, as `pulumi stack import` takes it; its secrets are encrypted. */
export function recordedState(record: string, stack: string): string {
  return gunzipSync(readFileSync(join(__dirname, record, stack, "state.json.gz"))).toString("utf8");
}
