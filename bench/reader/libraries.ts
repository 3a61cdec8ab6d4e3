import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { createTokenReader, type SecretsClient } from "../../reader";
import { PREFIX, secretName } from "./records";

/** A call to Shopify with an access token; answers the HTTP status. */
export type Send = (accessToken: string) => number;

/** What Shopify answers in the measured loops: at once, and always that it takes the token. */
export const taken = async (_accessToken: string): Promise<{ readonly status: number }> => TAKEN;

/** A library that is set up for these stores; the names of their secrets are ready before anything is measured. */
export interface OpenLibrary {
  /** Reads the token of a store out of memory so many times, written out as an application has it in its own code. */
  readTimes(store: string, times: number): Promise<void>;
  /** The same, each followed by a call that Shopify takes, with the library's answer to a 401 around it. */
  callTimes(store: string, times: number): Promise<void>;
  /** The access token, ready for the header. */
  read(store: string): Promise<string>;
  /** A call of the application, and what the library's documentation has it do after a 401. */
  call(store: string, send: Send): Promise<number>;
  /** Reads all of its stores, in the library's own way. */
  warm(): Promise<void>;
  close(): void;
}

export interface Library {
  readonly name: string;
  /** Whether a value is kept at all. */
  readonly keeps: boolean;
  /** What stands around the application's call in {@link OpenLibrary.call}. */
  readonly after401: string;
  /** What the library does that the others do not, or the other way round. */
  readonly differs: string;
  /** The module that an application would write, for the size of its bundle. */
  readonly source: string;
  open(client: SecretsClient, stores: readonly string[]): Promise<OpenLibrary>;
}

interface Value {
  readonly access_token: string;
}

const UNAUTHORIZED = 401;
const TAKEN = { status: 200 } as const;

async function readAll(read: OpenLibrary["read"], stores: readonly string[]): Promise<void> {
  for (const store of stores) await read(store);
}

const ours: Library = {
  name: "shopify-secrets/reader",
  keeps: true,
  after401: "`withToken`",
  differs:
    "parses the record, seals the token, refuses an expired one, compares the shop, reads ahead in the background",
  source: `import { createTokenReader } from "./reader/index.ts";
    export const reader = createTokenReader({ prefix: "shopify/prod" });`,
  async open(client, stores) {
    const reader = createTokenReader({ client, prefix: PREFIX });
    return {
      async readTimes(store, times) {
        for (let time = 0; time < times; time += 1) {
          (await reader.token(store)).accessToken.unseal();
        }
      },
      async callTimes(store, times) {
        for (let time = 0; time < times; time += 1) {
          await reader.withToken(store, (token) => taken(token.accessToken.unseal()));
        }
      },
      read: async (store) => (await reader.token(store)).accessToken.unseal(),
      async call(store, send) {
        const answer = await reader.withToken(store, (token) => ({
          status: send(token.accessToken.unseal()),
        }));
        return answer.status;
      },
      async warm() {
        const { failed } = await reader.prefetch(stores);
        if (failed.length > 0) throw new AggregateError(failed.map(({ error }) => error));
      },
      close: () => reader.close(),
    };
  },
};

const powertools: Library = {
  name: "Powertools `getSecret`",
  keeps: true,
  after401: "`forceFetch: true`, as its documentation has it",
  differs:
    "keeps a value for 5 s whatever is in it, and hands out the parsed JSON; no request is shared",
  source: `import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
    export const read = (name, forceFetch) => getSecret(name, { transform: "json", forceFetch });`,
  async open(client, stores) {
    const { SecretsProvider } = await import("@aws-lambda-powertools/parameters/secrets");
    const provider = new SecretsProvider({ awsSdkV3Client: client as never });
    const names = new Map(stores.map((store) => [store, secretName(store)]));
    const nameOf = (store: string) => names.get(store) ?? "";
    const read = async (store: string) => {
      const value = await provider.get(nameOf(store), { transform: "json" });
      return (value as unknown as Value).access_token;
    };
    return {
      async readTimes(store, times) {
        const name = nameOf(store);
        for (let time = 0; time < times; time += 1) {
          const value = await provider.get(name, { transform: "json" });
          void (value as unknown as Value).access_token;
        }
      },
      async callTimes(store, times) {
        const name = nameOf(store);
        for (let time = 0; time < times; time += 1) {
          const value = await provider.get(name, { transform: "json" });
          const answer = await taken((value as unknown as Value).access_token);
          if (answer.status === UNAUTHORIZED) await provider.get(name, { forceFetch: true });
        }
      },
      read,
      async call(store, send) {
        const status = send(await read(store));
        if (status !== UNAUTHORIZED) return status;
        const options = { transform: "json", forceFetch: true } as const;
        const value = await provider.get(nameOf(store), options);
        return send((value as unknown as Value).access_token);
      },
      warm: () => readAll(read, stores),
      close: () => undefined,
    };
  },
};

let middyCaches = 0;

/** Middy's context holds no hyphens. */
const keyOf = (store: string) => store.replaceAll("-", "_");

const middy: Library = {
  name: "middy `secretsManager`",
  keeps: true,
  after401: "`clearCache`, and the middleware once more",
  differs:
    "its unit is a whole invocation with the middleware around it, not a read; set up with `fetchRotationDate: true`, its documented answer to rotation",
  source: `import middy from "@middy/core";
    import secretsManager from "@middy/secrets-manager";
    export const handler = middy(async () => {}).use(secretsManager({ fetchData: { acme: "name" }, fetchRotationDate: true, setToContext: true }));`,
  async open(client, stores) {
    const { default: middyCore } = await import("@middy/core");
    const { default: secretsManager } = await import("@middy/secrets-manager");
    const { clearCache } = await import("@middy/util");
    middyCaches += 1;
    const cacheKey = `bench-${middyCaches}`;
    const options = {
      AwsClient: function asClass() {
        return client;
      },
      fetchData: Object.fromEntries(stores.map((store) => [keyOf(store), secretName(store)])),
      fetchRotationDate: true,
      cacheKey,
      setToContext: true,
    };
    type Context = Readonly<Record<string, Value>>;
    const base = async (key: string, context: unknown) =>
      (context as Context)[key]?.access_token ?? "";
    const handler = middyCore(base as never).use(secretsManager(options as never) as never);
    const invoke = handler as unknown as (key: string, context: object) => Promise<string>;
    const read = (store: string) => invoke(keyOf(store), {});
    return {
      async readTimes(store, times) {
        const key = keyOf(store);
        for (let time = 0; time < times; time += 1) await invoke(key, {});
      },
      async callTimes(store, times) {
        const key = keyOf(store);
        for (let time = 0; time < times; time += 1) {
          const answer = await taken(await invoke(key, {}));
          if (answer.status === UNAUTHORIZED) clearCache([cacheKey]);
        }
      },
      read,
      async call(store, send) {
        const status = send(await read(store));
        if (status !== UNAUTHORIZED) return status;
        clearCache([cacheKey]);
        return send(await read(store));
      },
      warm: () => readAll(read, stores.slice(0, 1)), // one invocation brings all of them
      close: () => undefined,
    };
  },
};

/** How long the map keeps a value: as long as AWS's own extension and agent do. */
const MAP_AGE_MS = 300_000;

const map: Library = {
  name: "a map (300 s) over the SDK",
  keeps: true,
  after401: "the read past the map, by hand",
  differs: "six lines: the token and a time; no expiry of the token itself, no shared request",
  source: `import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
    const client = new SecretsManagerClient({});
    const kept = new Map();
    export async function read(name, fresh) {
      const hit = kept.get(name);
      if (!fresh && hit !== undefined && Date.now() < hit.until) return hit.token;
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const token = JSON.parse(SecretString).access_token;
      kept.set(name, { token, until: Date.now() + ${MAP_AGE_MS} });
      return token;
    }`,
  async open(client, stores) {
    const kept = new Map<string, { readonly token: string; readonly until: number }>();
    const names = new Map(stores.map((store) => [store, secretName(store)]));
    const nameOf = (store: string) => names.get(store) ?? "";
    async function fetchInto(name: string): Promise<string> {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const { access_token: token } = JSON.parse(SecretString ?? "{}") as Value;
      kept.set(name, { token, until: Date.now() + MAP_AGE_MS });
      return token;
    }
    async function tokenOf(name: string): Promise<string> {
      const hit = kept.get(name);
      if (hit !== undefined && Date.now() < hit.until) return hit.token;
      return fetchInto(name);
    }
    return {
      async readTimes(store, times) {
        const name = nameOf(store);
        for (let time = 0; time < times; time += 1) await tokenOf(name);
      },
      async callTimes(store, times) {
        const name = nameOf(store);
        for (let time = 0; time < times; time += 1) {
          const answer = await taken(await tokenOf(name));
          if (answer.status === UNAUTHORIZED) await fetchInto(name);
        }
      },
      read: (store) => tokenOf(nameOf(store)),
      async call(store, send) {
        const status = send(await tokenOf(nameOf(store)));
        return status === UNAUTHORIZED ? send(await fetchInto(nameOf(store))) : status;
      },
      warm: () => readAll((store) => tokenOf(nameOf(store)), stores),
      close: () => undefined,
    };
  },
};

const sdk: Library = {
  name: "the SDK alone",
  keeps: false,
  after401: "one more read",
  differs: "keeps nothing: every read is a request, here to a server on loopback",
  source: `import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
    const client = new SecretsManagerClient({});
    export async function read(name) {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      return JSON.parse(SecretString).access_token;
    }`,
  async open(client, stores) {
    async function tokenOf(store: string): Promise<string> {
      const command = new GetSecretValueCommand({ SecretId: secretName(store) });
      const { SecretString } = await client.send(command);
      return (JSON.parse(SecretString ?? "{}") as Value).access_token;
    }
    return {
      async readTimes(store, times) {
        for (let time = 0; time < times; time += 1) await tokenOf(store);
      },
      async callTimes(store, times) {
        for (let time = 0; time < times; time += 1) {
          const answer = await taken(await tokenOf(store));
          if (answer.status === UNAUTHORIZED) await tokenOf(store);
        }
      },
      read: tokenOf,
      async call(store, send) {
        const status = send(await tokenOf(store));
        return status === UNAUTHORIZED ? send(await tokenOf(store)) : status;
      },
      warm: () => readAll(tokenOf, stores),
      close: () => undefined,
    };
  },
};

/** In the order of the table's columns. */
export const LIBRARIES: readonly Library[] = [ours, powertools, middy, map, sdk];
