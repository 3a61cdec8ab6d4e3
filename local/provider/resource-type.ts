import type { AwsClients } from "./aws-clients";
import type { Patience } from "./patience";
import type { Problem } from "./problem";
import type { ProviderConfig } from "./provider-config";
import type { Table } from "./table";
import type { Properties } from "./wire";

export type { Problem } from "./problem";

/** What an operation on a resource may use. */
export interface Session {
  readonly aws: AwsClients;
  readonly config: ProviderConfig;
  readonly patience: Patience;
  readonly region: string;
}

/** A session in which the new resource's id is made known as soon as AWS has it. */
export interface Creation extends Session {
  /** From here on a failure leaves the resource in the state, as one that failed to initialize. */
  readonly made: (id: string) => void;
}

export interface Created {
  readonly id: string;
  /** Values that AWS says once and never again. */
  readonly kept?: Properties;
}

export interface Change {
  readonly id: string;
  readonly olds: Properties;
  readonly news: Properties;
  /** Top-level properties that differ. */
  readonly changed: ReadonlySet<string>;
}

/** One resource type of the official provider, as far as it is stood in for. */
export interface ResourceType {
  readonly token: string;
  readonly table: Table;
  /** Property that gets a name made from the logical name when the program passes none. */
  readonly autoName?: { readonly property: string; readonly prefix?: string; readonly max: number };
  /** Mistakes that need more than one row to see; unknown values may be among the inputs. */
  readonly validate?: (news: Properties) => readonly Problem[];
  /** Computed properties that an update will change, besides those that check sets. */
  readonly unsettledBy?: (change: Omit<Change, "id">) => readonly string[];
  readonly create: (session: Creation, news: Properties) => Promise<Created>;
  /** Asks AWS for every row that is not kept; undefined when the resource is gone. */
  readonly read: (
    session: Session,
    id: string,
    found: Properties,
  ) => Promise<Properties | undefined>;
  /**
   * What an ID that is imported by names: the resource's own ID, and what locates it. Default: the ID itself.
   * The provider's source says it of each resource ("Import" of its documentation page).
   */
  readonly imported?: (id: string) => { readonly id: string; readonly where: Properties };
  readonly update?: (session: Session, change: Change) => Promise<Properties | undefined>;
  readonly remove: (session: Session, id: string, olds: Properties) => Promise<void>;
}
