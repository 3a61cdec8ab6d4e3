export type { Sealed } from "../contract/sealed";
export type { Clock, EpochMs } from "../contract/time";
export {
  READER_ADVICE,
  READER_ERROR_CODES,
  type ReaderAdvice,
  ReaderError,
  type ReaderErrorCode,
  type ReaderErrorFacts,
} from "./errors";
export type { LoadReason, ReaderEvent } from "./events";
export type { ClientChoice } from "./own-client";
export type { TokenReaderOptions } from "./reader-options";
export type { SecretsClient } from "./secrets-client";
export type { StoreLocation } from "./store-routes";
export type { StoreToken } from "./store-token";
export type { Timers } from "./timers";
export { createTokenFetch, type Fetch, type TokenFetchOptions } from "./token-fetch";
export {
  createTokenReader,
  type PrefetchResult,
  type TokenReader,
  type WithTokenOptions,
} from "./token-reader";
