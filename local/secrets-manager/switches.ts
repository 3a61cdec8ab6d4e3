/** What real AWS leaves unpublished, or where sources disagree: each answer can be chosen. */
export interface ModelSwitches {
  /**
   * Whether the first value of a secret gets AWSCURRENT although only other labels were asked for.
   * AWS's API text of PutSecretValue says so. Default: true.
   */
  readonly firstValueBecomesCurrent: boolean;
  /** Whether the service takes AWSPENDING off the current version after a successful rotation. Default: true. */
  readonly clearPendingAfterFinish: boolean;
  /** Whether versions registered by RotateSecret and never filled count against the daily quota. Default: true. */
  readonly valuelessVersionsCount: boolean;
  /** Waits before each retry of a failed rotation; as many retries as entries. Default: 1, 5 and 15 minutes. */
  readonly retryDelaysMs: readonly number[];
  /** Whether a retry still calls the function after AWSPENDING was taken off its version. Default: false. */
  readonly retryAfterLabelLost: boolean;
  /** How many reads of a just-written version miss, as eventually consistent reads may. Default: 0. */
  readonly missedReads: number;
  /**
   * How far ListSecrets is behind, in milliseconds: "ListSecrets might not reflect changes from the last five
   * minutes" (API text of ListSecrets). Default: 0.
   */
  readonly listLagMs: number;
  /**
   * How long CreateSecret refuses the name of a secret that is gone for good, in milliseconds: "there might be a short
   * delay before the secret is deleted" (API text of ForceDeleteWithoutRecovery). Default: 0.
   */
  readonly nameKeptMs: number;
  /** Where in a rotation window a rotation starts; "spread" derives it from the ARN and the window. Default: "spread". */
  readonly windowPoint: "earliest" | "latest" | "spread";
}

export const DEFAULT_SWITCHES: ModelSwitches = {
  firstValueBecomesCurrent: true,
  clearPendingAfterFinish: true,
  valuelessVersionsCount: true,
  retryDelaysMs: [60_000, 300_000, 900_000],
  retryAfterLabelLost: false,
  missedReads: 0,
  listLagMs: 0,
  nameKeptMs: 0,
  windowPoint: "spread",
};

/** The furthest that ListSecrets is documented to be behind. */
export const LONGEST_LIST_LAG_MS = 300_000;
