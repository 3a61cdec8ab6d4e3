import type { ListFailure } from "../../contract/listed/list-steps";
import type { MachineWave } from "../../contract/listed/wave-run";
import type { Sealed } from "../../contract/sealed";
import type { DatedVersion, ListedSecret, SecretFacts } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";

/** Which secrets to list. */
export interface SecretQuery {
  readonly by: "name" | "tag-key";
  /** What the name or the tag's key begins with. */
  readonly head: string;
  readonly includeDeleted?: boolean;
}

/** Secrets Manager, as far as the command needs it. */
export interface OperatorSecrets {
  /** Lists secrets as they were up to five minutes ago (API reference of ListSecrets). */
  list(query: SecretQuery): Promise<ListedSecret[]>;
  describe(secretId: string): Promise<SecretFacts>;
  /** Finds a secret by its name or ARN, also one that is deleted; undefined: there is none. */
  find(secretId: string): Promise<ListedSecret | undefined>;
  rotate(secretId: string): Promise<void>;
  restore(secretId: string): Promise<void>;
  moveCurrent(
    secretId: string,
    move: { readonly from: string; readonly to: string },
  ): Promise<void>;
  dropPending(secretId: string, versionId: string): Promise<void>;
  readValue(secretId: string): Promise<Sealed<string>>;
  /** Every version that Secrets Manager still has, those without a label too. */
  versions(secretId: string): Promise<DatedVersion[]>;
}

/** One line of a function's log. */
export interface LoggedLine {
  readonly at: EpochMs;
  /** Its members, as JSON has them. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The functions' logs, as far as the command needs them. */
export interface LogsPort {
  /** The lines of a log group that are about a store. */
  linesOf(
    logGroup: string,
    about: { readonly store: string; readonly since: EpochMs },
  ): Promise<LoggedLine[]>;
}

/** A function as Lambda describes it. */
export interface FunctionFacts {
  /** Undefined: AWS told none. */
  readonly functionArn?: string | undefined;
  readonly state: string;
  readonly lastUpdate: string;
  /** When it was last deployed; undefined: AWS told no time. */
  readonly modifiedAt?: EpochMs | undefined;
  /** Its environment variables; ours hold no secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The stack's functions, as far as the command needs them. */
export interface FunctionsPort {
  /** Runs a function and waits for its result. */
  invoke(functionName: string, payload: object): Promise<unknown>;
  /** Whether the caller may run the function; nothing runs. */
  mayInvoke(functionName: string): Promise<boolean>;
  /** Undefined: there is no such function. */
  describe(functionName: string): Promise<FunctionFacts | undefined>;
  /** Who may run it, as JSON; undefined: there is no such function or policy. */
  policyOf(functionName: string): Promise<string | undefined>;
}

/** An HTTP API with what it is made of, by their IDs. */
export interface ApiFacts {
  readonly apiId: string;
  readonly integrationId: string | undefined;
  /** By the route's key, such as `GET /callback`. */
  readonly routes: ReadonlyMap<string, string>;
  readonly stages: readonly string[];
}

/** What a stack has beside secrets and functions, as far as Pulumi may have to take it over. */
export interface StackPort {
  hasRole(name: string): Promise<boolean>;
  inlinePoliciesOf(role: string): Promise<readonly string[]>;
  hasLogGroup(name: string): Promise<boolean>;
  hasSchedule(name: string): Promise<boolean>;
  /** What connects a function with queues, by their IDs. */
  mappingsOf(functionName: string): Promise<readonly string[]>;
  /** Undefined: there is no such queue. */
  queueUrlOf(name: string): Promise<string | undefined>;
  /** Whether the retries of a function's asynchronous calls are configured. */
  hasRetries(functionName: string): Promise<boolean>;
  /** The ID of the key that an alias leads to; undefined: there is no such alias. */
  keyOfAlias(alias: string): Promise<string | undefined>;
  /** The IDs of the keys with each of these descriptions; those that wait for their deletion are left out. */
  keysDescribedAs(texts: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  apiNamed(name: string): Promise<ApiFacts | undefined>;
  hasStateMachine(arn: string): Promise<boolean>;
  /** What was set on the bucket of a list, and whether the list is in it; undefined: there is no such bucket. */
  bucketNamed(name: string): Promise<BucketFacts | undefined>;
}

/** What of a list's bucket is there: an `up` may have been cut off at any point. */
export interface BucketFacts {
  readonly isVersioned: boolean;
  readonly isPrivate: boolean;
  readonly hasLifecycle: boolean;
  readonly hasList: boolean;
}

/** The public half of a key that signs. */
export interface PublicKey {
  /** As DER, SubjectPublicKeyInfo (RFC 5280). */
  readonly spki: Uint8Array;
  readonly createdAt: EpochMs | undefined;
}

/** A key that signs, as KMS describes it. */
export interface KeyFacts {
  readonly createdAt: EpochMs | undefined;
  readonly description: string;
  /** As KMS calls it: `Enabled`, `Disabled`, `PendingDeletion` and others. */
  readonly state: string;
}

/** The keys that sign for apps, as far as the command needs them. */
export interface KeysPort {
  describe(keyArn: string): Promise<KeyFacts>;
  publicKeyOf(keyArn: string): Promise<PublicKey>;
}

/** A run of the state machine that applies a list. */
export interface ListRun {
  readonly name: string;
  /** Step Functions' word: `RUNNING`, `SUCCEEDED`, `FAILED`, `ABORTED`, `TIMED_OUT` … */
  readonly status: string;
  /** Why it failed; undefined: it did not. */
  readonly error: string | undefined;
  /** What AWS says of that: a text, or a function's error as JSON; undefined: nothing. */
  readonly cause: string | undefined;
  /** By AWS's clock. */
  readonly beganAt: EpochMs;
  /** The ETag of the list of which its plan was shown; undefined: nobody said, as of a run in waves. */
  readonly listEtag: string | undefined;
  /** Its waves; undefined: it applies the list. */
  readonly waves: readonly MachineWave[] | undefined;
}

/** The stores of a run, or of one of its waves. */
export interface MapRun {
  readonly mapRunArn: string;
  readonly total: number;
  readonly succeeded: number;
  /** Those that ran out of time are among them. */
  readonly failed: number;
  readonly running: number;
  /** Those that were cut short, because the run was stopped or came to its end. */
  readonly aborted: number;
  /** How many are worked on at once at most. */
  readonly concurrency: number;
  /** By AWS's clock. */
  readonly beganAt: EpochMs;
  /** When what had failed in it was begun anew, by AWS's clock; undefined: it never was. */
  readonly redrivenAt: EpochMs | undefined;
}

/** What S3 says of the newest list without reading it. */
export interface StoredList {
  /** Another for another content. */
  readonly etag: string;
  readonly changedAt: EpochMs;
}

/** The runs that apply a list, and the bucket of the list. */
export interface ListRunsPort {
  start(machineArn: string, name: string, input: object): Promise<string>;
  /** The run that began last; undefined: none ever did. */
  latest(machineArn: string): Promise<string | undefined>;
  look(executionArn: string): Promise<ListRun>;
  /** In the order in which they began; none: the run has not come to its stores. */
  mapRuns(executionArn: string): Promise<readonly MapRun[]>;
  stop(executionArn: string): Promise<void>;
  /** Goes on with a run that was stopped or failed, with the stores that are left. */
  redrive(executionArn: string): Promise<void>;
  setConcurrency(mapRunArn: string, stores: number): Promise<void>;
  readList(bucket: string): Promise<string>;
  lookAtList(bucket: string): Promise<StoredList>;
  /** Puts an object of work there, which a run then reads. */
  writeWork(bucket: string, key: string, text: string): Promise<void>;
  /**
   * Why stores failed in a run.
   *
   * @param stands whether what was noted at an instant, which S3 tells to the second, is still true
   */
  failures(
    bucket: string,
    run: string,
    stands: (at: EpochMs) => boolean,
  ): Promise<readonly ListFailure[]>;
}

/** AWS, as the command sees it. */
export interface AwsPorts {
  readonly secrets: OperatorSecrets;
  readonly functions: FunctionsPort;
  /** Loaded when a command asks for it: most do not, and its client is half as large as all the rest. */
  logs(): Promise<LogsPort>;
  /** Loaded when a command asks for it. */
  stack(): Promise<StackPort>;
  /** Loaded when a command asks for it. */
  keys(): Promise<KeysPort>;
  /** Loaded when a command asks for it. */
  listRuns(): Promise<ListRunsPort>;
  /** How far this machine's clock is ahead of AWS's, in milliseconds; undefined before the first answer. */
  clockLeadMs(): number | undefined;
}

/** Where AWS is. */
export interface AwsAddress {
  readonly region: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** A profile of the AWS config, for its credentials and region. Default: as the AWS SDK finds them. */
  readonly profile?: string | undefined;
}
