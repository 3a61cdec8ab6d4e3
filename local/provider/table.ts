import type { Properties, Value } from "./wire";

export type Kind =
  | "string"
  | "number"
  | "boolean"
  | "json"
  | "map"
  | "list"
  | "set"
  | "object"
  | "archive"
  | "asset";

/** What the official provider's schema says of one property. */
export interface Facts {
  /** Value that check fills in when the program passes none. */
  readonly initial?: Value;
  /** A change replaces the resource. */
  readonly forceNew?: boolean | ((news: Properties) => boolean);
  /** A difference that is none (the official DiffSuppressFunc). */
  readonly same?: (old: Value | undefined, next: Value | undefined) => boolean;
  /** Marked as a secret in the state, whatever the program does. */
  readonly secret?: boolean;
  /** `kept`: AWS cannot be asked for it, so that the state keeps what was passed. Default: `aws`. */
  readonly read?: "aws" | "kept";
  /** `read` needs it to find the resource; everything else of the state is hidden from `read`. */
  readonly locates?: boolean;
  /** Rows of a nested object, or of the objects in a list or set. */
  readonly of?: Table;
  /** Accepted values. */
  readonly among?: readonly Value[];
  /** The longest text, in characters. */
  readonly longest?: number;
  /** What a text has to look like. */
  readonly shape?: RegExp;
  /** Smallest and largest number. */
  readonly between?: readonly [number, number];
  /** The provider's source file, where it is not the table's. */
  readonly source?: string;
}

export interface Row extends Facts {
  readonly kind: Kind;
  readonly input: boolean;
  readonly required: boolean;
  readonly computed: boolean;
}

export type Table = Readonly<Record<string, Row>>;
type Input = Row & { readonly input: true };
type Output = Row & { readonly input: false };

/** Required: the program must pass it. */
export const required = (kind: Kind, facts: Facts = {}): Input & { readonly required: true } => ({
  ...facts,
  kind,
  input: true,
  required: true,
  computed: false,
});

/** Optional: leaving it out means its zero value, or its default. */
export const optional = (kind: Kind, facts: Facts = {}): Input => ({
  ...facts,
  kind,
  input: true,
  required: false,
  computed: false,
});

/** Optional and computed: leaving it out accepts what AWS has. */
export const either = (kind: Kind, facts: Facts = {}): Input => ({
  ...facts,
  kind,
  input: true,
  required: false,
  computed: true,
});

/** Computed: only AWS says it. */
export const computed = (kind: Kind, facts: Facts = {}): Output => ({
  ...facts,
  kind,
  input: false,
  required: false,
  computed: true,
});

/** Gives every row, nested ones included, its source file in terraform-provider-aws. */
export function table<T extends Table>(source: string, rows: T): T {
  const cited = Object.entries(rows).map(([name, row]) => [name, cite(source, row)]);
  return Object.fromEntries(cited) as T;
}

const cite = (source: string, row: Row): Row => ({
  ...row,
  source: row.source ?? source,
  ...(row.of ? { of: table(source, row.of) } : {}),
});

/** Every regional resource may name a region of its own; another region is another resource. */
export const regional = {
  region: either("string", {
    forceNew: true,
    locates: true,
    source: "internal/provider/sdkv2/intercept.go",
  }),
};

/** Tags that the program asks for, and those with the provider's default tags in. */
export const tagged = {
  tags: optional("map", { source: "internal/tags/tags.go" }),
  tagsAll: computed("map", { source: "internal/tags/tags.go" }),
};
