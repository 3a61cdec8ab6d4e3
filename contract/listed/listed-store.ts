import * as v from "valibot";
import { isStoreKey, type StoreKey } from "../brands";
import { parseDeclaration } from "../declaration";
import { CodedError } from "../errors";
import { storeSecretName } from "../names";
import { parseJsonQuietly } from "../quiet-json";
import { ROTATION_HOURS, type RotationHours } from "../schedule";

/** A store of the list, as the program proved it and `apply` carries it out. */
export interface ListedStore {
  readonly store: StoreKey;
  /** The secret's description. */
  readonly declaration: string;
  /** Hours between two rotations; undefined: Secrets Manager renews nothing of it. */
  readonly rotationHours: RotationHours | undefined;
  /** The client ID of its app; undefined: it names none. */
  readonly clientId: string | undefined;
}

/** What a list says of all its stores: its first line. */
export interface ListHead {
  readonly prefix: string;
  /** The stack's tags, beside those that each secret has of its own. */
  readonly tags: Readonly<Record<string, string>>;
  /** Days in which a retired store's secret can be restored; 0: deleted at once. */
  readonly recoveryWindowDays: number;
  /** The largest share of the stores there that one run may retire, in percent. */
  readonly retireAtMost: number;
}

/** A list of stores as it lies in its bucket. */
export interface StoreList {
  readonly head: ListHead;
  readonly stores: readonly ListedStore[];
}

const WireHead = v.object({
  v: v.literal(1),
  prefix: v.string(),
  tags: v.record(v.string(), v.string()),
  recovery_window_days: v.number(),
  retire_at_most: v.number(),
});

const WireStore = v.object({
  store: v.custom<StoreKey>(isStoreKey),
  declaration: v.string(),
  hours: v.optional(v.picklist(ROTATION_HOURS)),
  client_id: v.optional(v.string()),
});

/** The first line of a list. */
export function encodeListHead(head: ListHead): string {
  return JSON.stringify({
    v: 1,
    prefix: head.prefix,
    tags: head.tags,
    recovery_window_days: head.recoveryWindowDays,
    retire_at_most: head.retireAtMost,
  });
}

/** The line of a store. */
export function encodeListedStore(listed: ListedStore): string {
  return JSON.stringify({
    store: listed.store,
    declaration: listed.declaration,
    hours: listed.rotationHours,
    client_id: listed.clientId,
  });
}

/**
 * Reads a list, of which the program writes every line.
 *
 * @throws {CodedError} `list_malformed`, with the number of the line
 */
export function parseStoreList(text: string): StoreList {
  const [first = "", ...lines] = text.split("\n").filter((line) => line !== "");
  const head = parsed(WireHead, first, 1);
  return {
    head: {
      prefix: head.prefix,
      tags: head.tags,
      recoveryWindowDays: head.recovery_window_days,
      retireAtMost: head.retire_at_most,
    },
    stores: lines.map((line, index) => {
      const { store, declaration, hours, client_id } = parsed(WireStore, line, index + 2);
      return { store, declaration, rotationHours: hours, clientId: client_id };
    }),
  };
}

function parsed<S extends v.GenericSchema>(schema: S, line: string, at: number): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJsonQuietly(line));
  if (!result.success) throw new CodedError("list_malformed", { field: `line ${at}` });
  return result.output;
}

/** The kind, shop and app of a listed store; of a description that is none of ours nothing is made. */
export function listedDeclarationOf({ declaration }: Pick<ListedStore, "declaration">) {
  return parseDeclaration(declaration);
}

/** The name of a listed store's secret: a list gives none of its own. */
export function listedSecretName({ prefix }: ListHead, store: StoreKey): string {
  return storeSecretName(prefix, store);
}
