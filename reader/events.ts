import type { EpochMs } from "../contract/time";
import type { ReaderErrorCode } from "./errors";

/** Why a secret was read. */
export type LoadReason = "cold" | "stale" | "refresh" | "refused" | "too_short" | "prefetch";

/** What the reader tells about its work; nothing in it is secret. */
export type ReaderEvent =
  | {
      readonly event: "load.succeeded";
      readonly secretId: string;
      readonly versionId: string;
      readonly reason: LoadReason;
      /** From the request for the secret to its answer, waiting for a batch included. */
      readonly durationMs: number;
    }
  | {
      readonly event: "load.failed";
      readonly secretId: string;
      readonly reason: LoadReason;
      readonly code: ReaderErrorCode;
      readonly awsError: string | undefined;
      readonly durationMs: number;
    }
  | {
      /** A newer version took the place of the one in memory. */
      readonly event: "token.rotated";
      readonly secretId: string;
      readonly fromVersionId: string;
      readonly toVersionId: string;
    }
  | {
      /** Shopify answered 401; `replaced` says whether another version was found and tried. */
      readonly event: "token.refused";
      readonly secretId: string;
      readonly versionId: string;
      readonly replaced: boolean;
    }
  | {
      /** Secrets Manager does not answer, and an unexpired token older than the age limit was served. */
      readonly event: "outage.served";
      readonly secretId: string;
      readonly versionId: string;
      readonly ageMs: number;
      readonly expiresAt: EpochMs | undefined;
    }
  | {
      /** BatchGetSecretValue is not allowed: secrets are read one by one, and the policy is tried again after 15 minutes. */
      readonly event: "batch.denied";
    }
  | {
      /** BatchGetSecretValue is throttled, whose quota is a hundredth of the other's: secrets are read one by one for 30 s. */
      readonly event: "batch.throttled";
    }
  | {
      /** The bound of memory was reached, and this store's token was dropped. */
      readonly event: "store.evicted";
      readonly secretId: string;
    };

/** Hands events to the application's observer, whose own failures must not break a read. */
export function createReporter(
  observer: ((event: ReaderEvent) => void) | undefined,
): (event: ReaderEvent) => void {
  if (observer === undefined) return () => undefined;
  return (event) => {
    try {
      observer(event);
    } catch {
      // An observer that throws has a bug of its own; the caller who wanted a token must not pay for it.
    }
  };
}
