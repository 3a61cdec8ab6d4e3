import { DEFAULT_API_VERSION, isStoreKey, type ShopDomain } from "../../contract/brands";
import { type Kind, kindsThat } from "../../contract/kinds";
import { storeSecretName } from "../../contract/names";
import { encodeRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { later, systemClock } from "../../contract/time";
import { ReaderError } from "../errors";
import type { TokenReaderOptions } from "../reader-options";
import { createTokenReader, type TokenReader } from "../token-reader";
import { InMemorySecrets, type TestFailure } from "./in-memory-secrets";

export type { TestFailure } from "./in-memory-secrets";

/** A store of a test; everything has a default. */
export interface TestStore {
  /** Default: `<store key>.myshopify.com`. */
  readonly shop?: string;
  /** Default: `test-token-<store key>-<count>`. */
  readonly accessToken?: string;
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** Default: `custom-app`, or `client-credentials` for a token that ends. */
  readonly kind?: Kind;
  /** From now until the token's end, in milliseconds; negative: it has ended. Default: it never ends. */
  readonly expiresInMs?: number;
}

/** A reader without AWS, and the hands of those who renew, refuse and remove. */
export interface TestTokens {
  /** The real reader, over secrets in memory: give it to the code under test. */
  readonly reader: TokenReader;
  /**
   * Makes another token the current one, as a renewal does, and answers its text. The reader finds it as it
   * would find a renewal: at the age limit, before the old token's end, or after a 401.
   */
  renew(store: string, changes?: TestStore): string;
  /** From now on every read of the store fails so; `undefined` ends it. */
  fail(store: string, failure: TestFailure | undefined): void;
  /** How many requests the reader has sent. */
  readonly requests: number;
}

export type TestTokensOptions = Omit<TokenReaderOptions, "client" | "prefix" | "region" | "stores">;

const PREFIX = "test";

/**
 * Creates a reader for the tests of an application: the real one, over secrets in memory instead of AWS.
 *
 * It waits for nothing but time itself, so it works under fake timers: what it reads is there without advancing them.
 *
 * @throws {ReaderError} `options_malformed` for a store whose key, shop or token could not exist
 * @example
 * const tokens = createTestTokens({ acme: {} });
 * const service = new OrderService(tokens.reader);
 */
export function createTestTokens(
  stores: Readonly<Record<string, TestStore>>,
  options: TestTokensOptions = {},
): TestTokens {
  const secrets = new InMemorySecrets();
  const clock = options.clock ?? systemClock;
  let count = 0;

  function renew(store: string, changes: TestStore = {}): string {
    count += 1;
    const accessToken = changes.accessToken ?? `test-token-${store}-${count}`;
    secrets.put(
      nameOf(store),
      recordOf(store, { ...stores[store], ...changes, accessToken }, clock),
    );
    return accessToken;
  }

  for (const [store, { accessToken }] of Object.entries(stores)) {
    renew(store, accessToken === undefined ? {} : { accessToken });
  }
  const timers = { after: afterInTests };
  const reader = createTokenReader({ timers, ...options, prefix: PREFIX, client: secrets });
  return {
    reader,
    renew,
    fail: (store, failure) => secrets.fail(nameOf(store), failure),
    get requests() {
      return secrets.requests;
    },
  };
}

function nameOf(store: string): string {
  if (!isStoreKey(store)) throw new ReaderError("options_malformed", { field: "stores" });
  return storeSecretName(PREFIX, store);
}

/** The kinds that a store of a test has unless it says otherwise. */
const [ENDLESS] = kindsThat(({ lifetimeSeconds }) => lifetimeSeconds === undefined) as [Kind];
const [ENDING] = kindsThat(({ lifetimeSeconds }) => lifetimeSeconds !== undefined) as [Kind];

function recordOf(
  store: string,
  { shop, accessToken = "", scopes = [], kind, expiresInMs }: TestStore,
  clock: TokenReaderOptions["clock"] & object,
): string {
  const now = clock.now();
  return encodeRecord({
    shop: (shop ?? `${store}.myshopify.com`) as ShopDomain,
    app: undefined,
    kind: kind ?? (expiresInMs === undefined ? ENDLESS : ENDING),
    accessToken: Sealed.of(accessToken),
    scopes,
    apiVersion: DEFAULT_API_VERSION,
    issuedAt: now,
    expiresAt: expiresInMs === undefined ? undefined : later(now, expiresInMs),
    checked: "ok",
    parentVersion: undefined,
    appSecretVersion: undefined,
    configTokenFingerprint: "",
    refreshTokenSealed: "",
    refreshTokenExpiresAt: undefined,
  });
}

/** What is due now follows without any timer, which may be a fake one; longer waits are the test's to advance. */
function afterInTests(milliseconds: number, run: () => void): () => void {
  if (milliseconds > 0) {
    const timeout = setTimeout(run, milliseconds);
    return () => clearTimeout(timeout);
  }
  let isCancelled = false;
  // Jest's fake timers hold back queueMicrotask and process.nextTick, too, and no promise.
  void Promise.resolve().then(() => {
    if (!isCancelled) run();
  });
  return () => {
    isCancelled = true;
  };
}
