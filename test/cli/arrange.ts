import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type {
  AwsAddress,
  AwsPorts,
  FunctionFacts,
  FunctionsPort,
  LoggedLine,
  PublicKey,
  StackPort,
} from "../../cli/aws/ports";
import { createOperatorSecrets } from "../../cli/aws/secrets";
import { Refusal } from "../../cli/refusal";
import { run } from "../../cli/run";
import type { Credential } from "../../contract/app";
import type { ApiVersion, AppKey, ShopDomain, StoreKey } from "../../contract/brands";
import { DEFAULT_API_VERSION } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import type { Distribution } from "../../contract/distribution";
import type { ErrorCode } from "../../contract/errors";
import type { Kind } from "../../contract/kinds";
import { appSecretName, storeSecretName } from "../../contract/names";
import { Sealed } from "../../contract/sealed";
import {
  STATUS_TAGS,
  type StoreState,
  SWEPT_AT_TAG,
  versionTagOf,
} from "../../contract/store/status";
import { DAY_MS, type EpochMs, HOUR_MS, isoOf, later, MINUTE_MS } from "../../contract/time";
import {
  createInProcessClient,
  type ModelSwitches,
  SecretsManagerModel,
  seededRandomness,
} from "../../local/secrets-manager";
import { recordText as recordTextOf } from "../reader/records";
import { FakeListRuns } from "./fake-list-runs";

/** A Monday, 12:00 UTC. */
export const NOW = Date.UTC(2026, 10, 2, 12) as EpochMs;
export const PREFIX = "shopify/prod";
export const TOKEN = "shpat_a-token-that-nobody-may-see";
const ROTATE = "arn:aws:lambda:us-east-1:000000000000:function:shopify-prod-rotate";

export const ago = (milliseconds: number): EpochMs => later(NOW, -milliseconds);
export { DAY_MS, HOUR_MS, MINUTE_MS };

/** A store of the fleet under test. */
export interface StoreGiven {
  readonly key: string;
  readonly kind: Kind;
  readonly app?: string;
  /** The version of the Admin API. Default: the product's own. */
  readonly apiVersion?: string;
  /** How config says that the app is distributed. Default: as a custom app. */
  readonly distribution?: Distribution | "unsaid";
  /** How the app gets the store's tokens. Default: with its client secret. */
  readonly credential?: Credential;
  /** The name of its shop; default: its key. */
  readonly shop?: string;
  readonly scopes?: readonly string[];
  /** Default: it has one. */
  readonly hasValue?: boolean;
  readonly expiresAt?: EpochMs;
  readonly state?: StoreState;
  readonly lastSuccessAt?: EpochMs;
  readonly error?: { readonly code: ErrorCode; readonly at: EpochMs };
  readonly tags?: Readonly<Record<string, string>>;
  readonly missingScopes?: string;
}

/** What the next rotation of a store does: a new token, or a failure with this code. */
type RotationEnd = "renewed" | ErrorCode | "never-ends";

/** One operator at a terminal of a chosen width, before a model of Secrets Manager and scripted functions. */
export class Operator {
  readonly clock = { at: NOW as number, now: () => this.clock.at as EpochMs };
  readonly invocations: { name: string; payload: Record<string, unknown> }[] = [];
  readonly children: { command: readonly string[]; environment: Record<string, string> }[] = [];
  /** What lies in the folder; a file that is not there has what standard input has. */
  readonly files = new Map<string, string>();
  readonly rotationEnds = new Map<string, RotationEnd>();
  readonly functionFacts = new Map<string, FunctionFacts>();
  readonly policies = new Map<string, string>();
  readonly listRuns = new FakeListRuns();
  /** What else is there of the stack; nothing, unless a test says so. */
  stack: StackPort = {
    hasRole: async () => false,
    inlinePoliciesOf: async () => [],
    hasLogGroup: async () => false,
    hasSchedule: async () => false,
    hasRetries: async () => false,
    mappingsOf: async () => [],
    queueUrlOf: async () => undefined,
    keyOfAlias: async () => undefined,
    keysDescribedAs: async () => new Map(),
    apiNamed: async () => undefined,
    hasStateMachine: async () => false,
    bucketNamed: async () => undefined,
  };
  /** The public halves of keys, by ARN. */
  /** The version of an app secret, for tests that speak of it. */
  newest = "";
  readonly publicKeys = new Map<string, PublicKey>();
  readonly keyDescriptions = new Map<string, string>();
  readonly keyStates = new Map<string, string>();
  /** What is typed or piped, or stands in a file. */
  input = "";
  /** Where the command looked. */
  readonly addresses: AwsAddress[] = [];
  /** What is in other regions; everything else is here. */
  readonly places = new Map<string, Operator>();
  consent: string | undefined;
  env: Record<string, string> = {};
  clockLeadMs = 0;
  /** Who is told when Ctrl-C is pressed. */
  readonly listening = new Set<() => void>();
  /** What the functions logged. */
  readonly logged: (LoggedLine & { readonly logGroup: string })[] = [];
  logsRefusal: Refusal | undefined;
  mayInvoke = true;
  /** Whether credentials and a region are there. */
  mayConnect = true;
  /** What happens while the command waits. */
  onSleep: () => Promise<void> = async () => undefined;
  answer: (name: string, payload: Record<string, unknown>) => unknown = () => ({ stores: [] });
  readonly model: SecretsManagerModel;

  constructor(switches: Partial<ModelSwitches> = {}) {
    this.model = new SecretsManagerModel({
      region: "us-east-1",
      accountId: "000000000000",
      now: () => this.clock.at,
      randomness: seededRandomness(3),
      switches,
      ports: { mayInvoke: async () => true, invoke: (_name, event) => this.#rotateStep(event) },
    });
  }

  async call(operation: string, input: object): Promise<Record<string, unknown>> {
    return (await this.model.handle(operation, input)) as Record<string, unknown>;
  }

  async addStore(given: StoreGiven): Promise<void> {
    const name = storeSecretName(PREFIX, given.key as StoreKey);
    await this.call("CreateSecret", {
      Name: name,
      ClientRequestToken: this.model.newToken(),
      Description: encodeDeclaration({
        kind: given.kind,
        shop: `${given.shop ?? given.key}.myshopify.com` as ShopDomain,
        app: given.app as AppKey | undefined,
        scopes: given.scopes ?? ["read_orders", "write_products"],
        apiVersion: (given.apiVersion ?? DEFAULT_API_VERSION) as ApiVersion,
        ...(given.distribution === "unsaid"
          ? {}
          : { distribution: given.distribution ?? "custom" }),
        ...(given.credential === undefined ? {} : { credential: given.credential }),
      }),
      Tags: [{ Key: "shopify-store", Value: given.key }],
    });
    if (given.hasValue !== false) await this.putValue(given);
    await this.tag(given.key, statusTagsOf(given));
  }

  async putValue(given: StoreGiven, stages?: readonly string[]): Promise<string> {
    const versionId = this.model.newToken();
    await this.call("PutSecretValue", {
      SecretId: storeSecretName(PREFIX, given.key as StoreKey),
      ClientRequestToken: versionId,
      SecretString: recordText(given),
      ...(stages === undefined ? {} : { VersionStages: stages }),
    });
    return versionId;
  }

  /** Gives a store its rotation schedule, without rotating it. */
  async schedule(key: string): Promise<void> {
    await this.call("RotateSecret", {
      SecretId: storeSecretName(PREFIX, key as StoreKey),
      ClientRequestToken: this.model.newToken(),
      RotationLambdaARN: ROTATE,
      RotationRules: { ScheduleExpression: "cron(0 3/8 * * ? *)", Duration: "1h" },
      RotateImmediately: false,
    });
    await this.model.settled();
  }

  async addAppSecret(app: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
    const ClientRequestToken = this.model.newToken();
    const Name = appSecretName(PREFIX, app as AppKey);
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.call("CreateSecret", { Name, ClientRequestToken, SecretString: "{}", Tags });
    return ClientRequestToken;
  }

  async tag(key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.call("TagResource", { SecretId: storeSecretName(PREFIX, key as StoreKey), Tags });
  }

  async stagesOf(key: string): Promise<Record<string, string>> {
    const SecretId = storeSecretName(PREFIX, key as StoreKey);
    const { VersionIdsToStages } = await this.call("DescribeSecret", { SecretId });
    return Object.fromEntries(
      Object.entries((VersionIdsToStages ?? {}) as Record<string, string[]>).flatMap(
        ([version, stages]) => stages.map((stage) => [stage, version]),
      ),
    );
  }

  #publicKey(keyArn: string): PublicKey {
    const key = this.publicKeys.get(keyArn);
    if (key === undefined) throw new Refusal("AWS does not know the key", "shopify-secrets doctor");
    return key;
  }

  /** Runs the command as if it was typed. */
  async type(words: string, columns = 160): Promise<{ code: number; out: string; err: string }> {
    const text = { out: "", err: "" };
    const output = (name: "out" | "err") => ({
      isTerminal: false,
      columns,
      write: (more: string) => {
        text[name] += more;
      },
    });
    const code = await run(words.split(" ").filter(Boolean), {
      env: this.env,
      out: output("out"),
      err: output("err"),
      clock: { now: () => later(this.clock.now(), this.clockLeadMs) },
      connect: (address) => {
        this.addresses.push(address);
        const { region = "" } = address;
        return this.places.has(region)
          ? (this.places.get(region) as Operator).#connect()
          : this.#connect();
      },
      sleep: async (milliseconds) => {
        this.clock.at += milliseconds;
        await this.model.settled();
        await this.onSleep();
      },
      every: () => () => undefined,
      onInterrupt: (run) => {
        this.listening.add(run);
        return () => void this.listening.delete(run);
      },
      readSecret: async () => Sealed.of(this.input),
      readFile: async (path) => this.files.get(path) ?? this.input,
      readFileOrPipe: async (path) => this.files.get(path) ?? this.input,
      writeFile: async (path, text) => void this.files.set(path, text),
      ask: async () => this.consent,
      runChild: async (command, environment) => {
        this.children.push({ command, environment });
        return 7;
      },
    });
    return { code, ...text };
  }

  /** Gives the stack a list of stores. */
  arrangeList(): void {
    const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:shopify-prod-apply";
    const variables = { SHOPIFY_SECRETS_LIST_BUCKET: "shopify-prod-us-east-1-000000000000" };
    const facts = { functionArn, state: "Active", lastUpdate: "Successful", variables };
    this.functionFacts.set("shopify-prod-apply", facts);
  }

  #connect(): AwsPorts {
    if (!this.mayConnect) throw new Refusal("no AWS region is set", "give --region");
    const client = createInProcessClient(this.model) as unknown as SecretsManagerClient;
    return {
      secrets: createOperatorSecrets(client),
      functions: this.#functions(),
      logs: async () => ({
        linesOf: async (logGroup, { store, since }) => {
          if (this.logsRefusal !== undefined) throw this.logsRefusal;
          return this.logged.filter(
            (line) =>
              line.logGroup === logGroup && line.at >= since && line.fields["store"] === store,
          );
        },
      }),
      stack: async () => this.stack,
      keys: async () => ({
        publicKeyOf: async (keyArn) => this.#publicKey(keyArn),
        describe: async (keyArn) => ({
          createdAt: this.#publicKey(keyArn).createdAt,
          description: this.keyDescriptions.get(keyArn) ?? "",
          state: this.keyStates.get(keyArn) ?? "Enabled",
        }),
      }),
      listRuns: async () => this.listRuns,
      clockLeadMs: () => this.clockLeadMs,
    };
  }

  #functions(): FunctionsPort {
    return {
      invoke: async (name, payload) => {
        const given = payload as Record<string, unknown>;
        this.invocations.push({ name, payload: given });
        return this.answer(name, given);
      },
      mayInvoke: async () => this.mayInvoke,
      describe: async (name) => this.functionFacts.get(name),
      policyOf: async (name) => this.policies.get(name),
    };
  }

  async #rotateStep(event: { Step: string; SecretId: string; ClientRequestToken: string }) {
    const key = event.SecretId.split("/").at(-2) ?? "";
    const end = this.rotationEnds.get(key) ?? "renewed";
    const { SecretId, ClientRequestToken } = event;
    if (end === "never-ends") throw new Error("the function failed");
    if (end !== "renewed") {
      const at = isoOf(this.clock.at as EpochMs);
      await this.tag(key, { [STATUS_TAGS.lastErrorCode]: end, [STATUS_TAGS.lastErrorAt]: at });
      throw new Error("the function failed");
    }
    if (event.Step === "createSecret") {
      const SecretString = recordText({ key, kind: "client-credentials" });
      const VersionStages = ["AWSPENDING"];
      await this.call("PutSecretValue", {
        SecretId,
        ClientRequestToken,
        SecretString,
        VersionStages,
      });
    }
    if (event.Step === "finishSecret") await this.#promote(key, event);
  }

  async #promote(key: string, event: { SecretId: string; ClientRequestToken: string }) {
    const { SecretId, ClientRequestToken } = event;
    await this.call("UpdateSecretVersionStage", {
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: (await this.stagesOf(key))["AWSCURRENT"],
    });
    await this.tag(key, {
      [STATUS_TAGS.version]: versionTagOf(ClientRequestToken as never),
      [STATUS_TAGS.expiresAt]: isoOf(later(this.clock.now(), DAY_MS)),
      [STATUS_TAGS.lastErrorCode]: "",
    });
  }
}

function statusTagsOf(given: StoreGiven): Record<string, string> {
  const { expiresAt, lastSuccessAt, error } = given;
  const isStatic = given.kind === "offline" || given.kind === "custom-app";
  return {
    [STATUS_TAGS.state]: given.state ?? "ok",
    [SWEPT_AT_TAG]: isoOf(ago(3 * MINUTE_MS)),
    ...(isStatic ? { [STATUS_TAGS.expiresAt]: "" } : {}),
    ...(expiresAt === undefined ? {} : { [STATUS_TAGS.expiresAt]: isoOf(expiresAt) }),
    ...(lastSuccessAt === undefined ? {} : { [STATUS_TAGS.lastSuccessAt]: isoOf(lastSuccessAt) }),
    [STATUS_TAGS.missingScopes]: given.missingScopes ?? "",
    [STATUS_TAGS.lastErrorCode]: error?.code ?? "",
    ...(error === undefined ? {} : { [STATUS_TAGS.lastErrorAt]: isoOf(error.at) }),
    ...given.tags,
  };
}

function recordText({ key, kind, app, scopes, expiresAt }: StoreGiven): string {
  return recordTextOf(key, NOW, {
    app: app as AppKey | undefined,
    kind,
    accessToken: Sealed.of(TOKEN),
    ...(scopes === undefined ? {} : { scopes }),
    expiresAt,
  });
}
