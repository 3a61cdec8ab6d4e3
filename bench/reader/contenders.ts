import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { createTokenReader } from "../../reader";
import type { CountingClient } from "./counting-client";
import { PREFIX, secretName } from "./records";

/** A call to Shopify with an access token; answers the HTTP status. */
export type Send = (accessToken: string) => number;

/** A library that is set up, at its own defaults, for these stores. */
export interface OpenReader {
  /** The access token, ready for the header. */
  read(store: string): Promise<string>;
  /** Reads all of its stores, in the library's own way. */
  warm(): Promise<void>;
  /** A call of the application, as the library's documentation has it written. */
  call(store: string, send: Send): Promise<number>;
  close(): void;
}

export interface Contender {
  readonly name: string;
  /** The module that an application would write, for the size of its bundle. */
  readonly source: string;
  open(client: CountingClient, stores: readonly string[]): Promise<OpenReader>;
}

type Read = OpenReader["read"];

/** A library that leaves the call, and what to do about a 401, to the application. */
function openReader(read: Read, warm: () => Promise<void>): OpenReader {
  const call: OpenReader["call"] = async (store, send) => send(await read(store));
  return { read, warm, call, close: () => undefined };
}

async function readAll(read: Read, stores: readonly string[]): Promise<void> {
  for (const store of stores) await read(store);
}

interface Value {
  readonly access_token: string;
}

const ours: Contender = {
  name: "shopify-secrets/reader",
  source: `import { createTokenReader } from "./reader/index.ts";
    export const reader = createTokenReader({ prefix: "shopify/prod" });`,
  async open(client, stores) {
    const reader = createTokenReader({ client, prefix: PREFIX });
    return {
      async warm() {
        const { failed } = await reader.prefetch(stores);
        if (failed.length > 0) throw new AggregateError(failed.map(({ error }) => error));
      },
      read: async (store) => (await reader.token(store)).accessToken.unseal(),
      async call(store, send) {
        const answer = await reader.withToken(store, ({ accessToken }) => ({
          status: send(accessToken.unseal()),
        }));
        return answer.status;
      },
      close: () => reader.close(),
    };
  },
};

const powertools: Contender = {
  name: "@aws-lambda-powertools/parameters",
  source: `import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
    export const read = (name) => getSecret(name, { transform: "json" });`,
  async open(client, stores) {
    const { SecretsProvider } = await import("@aws-lambda-powertools/parameters/secrets");
    const provider = new SecretsProvider({ awsSdkV3Client: client as never });
    const read = async (store: string) => {
      const value = await provider.get(secretName(store), { transform: "json" });
      return (value as unknown as Value).access_token;
    };
    return openReader(read, () => readAll(read, stores));
  },
};

let middyCaches = 0;

/** Middy's context holds no hyphens. */
const keyOf = (store: string) => store.replaceAll("-", "_");

const middy: Contender = {
  name: "@middy/secrets-manager",
  source: `import middy from "@middy/core";
    import secretsManager from "@middy/secrets-manager";
    export const handler = middy(async () => {}).use(secretsManager({ fetchData: { acme: "name" }, setToContext: true }));`,
  async open(client, stores) {
    const { default: middyCore } = await import("@middy/core");
    const { default: secretsManager } = await import("@middy/secrets-manager");
    middyCaches += 1;
    const options = {
      AwsClient: function asClass() {
        return client;
      },
      fetchData: Object.fromEntries(stores.map((store) => [keyOf(store), secretName(store)])),
      cacheKey: `bench-${middyCaches}`,
      setToContext: true,
    };
    type Context = Readonly<Record<string, Value>>;
    const base = async (store: string, context: unknown) =>
      (context as Context)[keyOf(store)]?.access_token ?? "";
    const handler = middyCore(base as never).use(secretsManager(options as never) as never);
    const invoke = handler as unknown as (store: string, context: object) => Promise<string>;
    const read = (store: string) => invoke(store, {});
    const first = stores.slice(0, 1); // one invocation brings all of them
    return openReader(read, () => readAll(read, first));
  },
};

/** How long the map of the plain SDK keeps a value: as long as AWS's own extension and agent do. */
const MAP_AGE_MS = 300_000;

const plain: Contender = {
  name: "plain SDK with a map (300 s)",
  source: `import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
    const client = new SecretsManagerClient({});
    const kept = new Map();
    export async function read(name) {
      const hit = kept.get(name);
      if (hit !== undefined && Date.now() < hit.until) return hit.token;
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const token = JSON.parse(SecretString).access_token;
      kept.set(name, { token, until: Date.now() + ${MAP_AGE_MS} });
      return token;
    }`,
  async open(client, stores) {
    const kept = new Map<string, { readonly token: string; readonly until: number }>();
    const read = async (store: string) => {
      const name = secretName(store);
      const hit = kept.get(name);
      if (hit !== undefined && Date.now() < hit.until) return hit.token;
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const { access_token: token } = JSON.parse(SecretString ?? "{}") as Value;
      kept.set(name, { token, until: Date.now() + MAP_AGE_MS });
      return token;
    };
    return openReader(read, () => readAll(read, stores));
  },
};

export const CONTENDERS: readonly Contender[] = [ours, powertools, middy, plain];
