/** What one check is about; `docs/assumptions.md` has the row. */
export interface Assumption {
  readonly name: string;
  /** What this project assumes, as one sentence. */
  readonly assumes: string;
  /** What it means for an operator when it does not hold. */
  readonly otherwise: string;
  /** Whether the product works either way. */
  readonly harmless: boolean;
}

const costs = (name: string, assumes: string, otherwise: string): Assumption => ({
  name,
  assumes,
  otherwise,
  harmless: false,
});

const harmless = (name: string, assumes: string, otherwise: string): Assumption => ({
  name,
  assumes,
  otherwise: `${otherwise}; the product works either way`,
  harmless: true,
});

export const VERSION_ASSUMPTIONS = {
  description: costs(
    "description-takes-the-declaration",
    "a secret's description takes the declaration",
    "up fails at the first secret",
  ),
  first: harmless(
    "first-value-is-current",
    "the first value is AWSCURRENT whatever label was asked for",
    "the last step of a first rotation promotes it",
  ),
  unchanging: costs(
    "version-never-changes",
    "a version's ID with other bytes is refused, with the same bytes nothing happens",
    "overlapping renewals can overwrite each other: do not deploy",
  ),
  swap: costs(
    "promotion-is-compare-and-swap",
    "AWSCURRENT moves only when its holder is named",
    "a late renewal can undo an install: do not deploy",
  ),
  previous: harmless(
    "previous-follows-current",
    "AWSPREVIOUS follows AWSCURRENT by itself",
    "going back by hand needs a version ID",
  ),
  pendingFalls: harmless(
    "pending-falls-with-a-new-value",
    "a new current value takes AWSPENDING off any version",
    "an install during a rotation leaves that rotation to the sweep",
  ),
  tags: costs(
    "status-tags-are-taken",
    "tag values take times and error codes",
    "the status of stores is missing; tokens are not affected",
  ),
  described: costs(
    "describe-shows-what-was-just-written",
    "DescribeSecret shows at once what a list may show five minutes later",
    "a status, and what the sweep decides by, may be out of date for a while; no token is lost by it",
  ),
  deletedName: harmless(
    "name-pending-deletion-is-refused",
    "a name that waits for its deletion cannot be used",
    "a store that was just removed can be declared again at once",
  ),
  deletedDate: harmless(
    "deleted-date-is-the-request",
    "DeletedDate is when a deletion was asked for",
    "status says until when it can be taken back, in place of since when it is under way",
  ),
} as const satisfies Record<string, Assumption>;

export const ROTATION_ASSUMPTIONS = {
  permission: costs(
    "rotation-needs-the-permission",
    "RotateSecret is refused while Secrets Manager may not invoke the function",
    "up can report success where nothing rotates",
  ),
  schedule: costs(
    "schedule-is-taken",
    "our cron is taken, and a schedule under four hours is refused",
    "up fails at the schedule, or nothing guards its floor",
  ),
  copy: costs(
    "a-new-schedule-tests-a-copy",
    "without RotateImmediately only testSecret runs, and leaves nothing behind",
    "an edit of a schedule renews the fleet",
  ),
  nextDate: harmless(
    "next-rotation-is-in-a-window",
    "NextRotationDate is the end of the next window",
    "the date that AWS shows is another one",
  ),
  lastWindow: costs(
    "last-window-of-the-day-is-taken",
    "a window may begin at 23:00 UTC and end with the day",
    "up fails at the schedule of every eighth store: set another rotation in config",
  ),
  registers: costs(
    "rotation-registers-a-version",
    "a rotation begins with a version that has AWSPENDING and no value",
    "the first step refuses to run",
  ),
  valueless: costs(
    "valueless-version-takes-no-current",
    "a version without a value cannot become AWSCURRENT",
    "a rotation that lost its first step can be promoted empty",
  ),
  event: costs(
    "rotation-event-has-its-fields",
    "the event has Step, the full ARN and the version ID",
    "no rotation runs; the sweep renews in its place",
  ),
  blocks: costs(
    "incomplete-rotation-blocks",
    "AWSPENDING on a version that is not current blocks the next rotation",
    "two rotations can run at once; version IDs keep them apart",
  ),
  unblocks: costs(
    "removing-the-label-unblocks",
    "taking AWSPENDING away lets the next rotation begin",
    "the sweep cannot heal a stuck rotation",
  ),
} as const satisfies Record<string, Assumption>;

export const STACK_ASSUMPTIONS = {
  up: costs(
    "up",
    "the program deploys with the official provider, as a deployer with the documented policies; its roles and keys are enough",
    "up fails; its output says where",
  ),
  sweepRetries: costs(
    "lambda-retries-no-sweep",
    "Lambda holds the sweep to no retries and to events of five minutes",
    "several old sweeps run at once after a shortage; they converge",
  ),
  again: costs(
    "second-up-changes-nothing",
    "a second up has nothing to do",
    "a diff that never ends; tell the maintainers which property",
  ),
  code: costs(
    "new-code-changes-functions-only",
    "new code changes functions and enrols no store again",
    "each release touches every store",
  ),
  refresh: costs(
    "refresh-sees-nothing",
    "a refresh after functions wrote values and tags sees no difference",
    "a diff that never ends; tell the maintainers which property",
  ),
  errors: costs(
    "function-errors-carry-their-code",
    "a function's error begins with its code",
    "up shows failures without their code",
  ),
  gone: costs(
    "nothing-is-left",
    "destroy deletes everything at once, but for the keys' waiting time",
    "something is left in the account; it is named below",
  ),
} as const satisfies Record<string, Assumption>;

export const SHOPIFY_ASSUMPTIONS = {
  rotation: costs(
    "rotation-ends-with-a-working-token",
    "a rotation of a real store ends with another token that works",
    "no store is renewed: do not deploy",
  ),
  label: harmless(
    "pending-label-after-rotation",
    "AWSPENDING is taken off the version that was promoted",
    "the label stays on the current version",
  ),
  life: costs(
    "token-lives-a-day",
    "a client-credentials token lives 86,399 seconds and the reply says so",
    "the shortest life is assumed, and reported as lifetime_assumed",
  ),
  older: costs(
    "older-token-survives",
    "a new client-credentials token leaves the older ones alive",
    "applications meet 401 after each renewal until they read again: use withToken of the reader",
  ),
  wrongSecret: costs(
    "wrong-client-secret-is-named",
    "a wrong client secret is told from other refusals",
    "the previous client secret is not tried, and the failure says token_request_refused",
  ),
  unknownToken: costs(
    "unknown-token-is-401",
    "an unknown access token is answered with 401",
    "dead tokens are not noticed: do not deploy",
  ),
  scopes: harmless(
    "scopes-are-understood",
    "the scopes of the reply and of the token's own list are the same once expanded",
    "a scope is reported missing that is there",
  ),
  errorForm: harmless(
    "errors-are-read-either-way",
    "an error is understood as JSON and as a page",
    "an unknown refusal is reported as token_request_refused",
  ),
} as const satisfies Record<string, Assumption>;

/** What a run with `--signing-key` checks, and nothing else. */
export const SIGNING_ASSUMPTIONS = {
  unknownKey: costs(
    "unknown-key-is-told",
    "what an unknown key signed is refused, and read as signing_key_unknown",
    "a store that awaits its key fails with another code",
  ),
  granted: costs(
    "assertion-is-granted",
    "a token is granted for an assertion as the functions sign it: RS256, kid, addressed to the token endpoint",
    "no app that signs gets a token: send us this output",
  ),
  works: costs(
    "signed-token-works",
    "the Admin API takes the token",
    "no app that signs gets a token that works: send us this output",
  ),
  life: costs(
    "signed-token-lives",
    "it lives an hour or a day, the reply says so, and no refresh token comes with it",
    "the shortest life is assumed, and reported as lifetime_assumed",
  ),
  withoutKid: harmless(
    "assertion-without-kid",
    "an assertion that does not name its key is taken, too",
    "only the named key is tried",
  ),
  withoutDest: harmless(
    "assertion-without-dest",
    "an assertion that does not name the store in a claim is taken, too",
    "the claim is asked for",
  ),
  fiveMinutes: harmless(
    "assertion-of-five-minutes",
    "an assertion may live five minutes",
    "it may live for less",
  ),
  expired: harmless(
    "expired-assertion-is-told",
    "an expired assertion is told from an unknown key",
    "a wrong clock reads as signing_key_unknown",
  ),
  early: harmless(
    "early-assertion-is-told",
    "an assertion of the future is told from an unknown key",
    "a wrong clock reads as signing_key_unknown",
  ),
  audience: harmless(
    "wrong-audience-is-told",
    "an assertion that is addressed to somebody else is told from an unknown key",
    "it reads as signing_key_unknown",
  ),
  replay: harmless(
    "assertion-is-good-once",
    "the same assertion is refused the second time, and told from an unknown key",
    "it is good again, or its refusal reads as another one",
  ),
  older: costs(
    "older-signed-token-survives",
    "a new token leaves the older ones alive",
    "applications meet 401 after each renewal until they read again: use withToken of the reader",
  ),
  clientSecret: harmless(
    "client-secret-gets-no-token",
    "the client secret of an app that signs gets no token",
    "a leaked client secret gets tokens still: keep it out of config",
  ),
  revoked: costs(
    "revoked-key-is-told",
    "a revoked key signs no more within two minutes, and is read as signing_key_unknown",
    "a stolen key is good for longer, or its revocation reads as another failure",
  ),
  afterRevoked: harmless(
    "token-outlives-its-key",
    "a token lives on after the key that got it was revoked",
    "applications meet 401 until the next renewal: change the key with rotate --signing-key, which renews first",
  ),
} as const satisfies Record<string, Assumption>;

/** Every assumption that a smoke run on an account can check, in the order of the run. */
export const ASSUMPTIONS: readonly Assumption[] = [
  ...Object.values(VERSION_ASSUMPTIONS),
  ...Object.values(ROTATION_ASSUMPTIONS),
  ...Object.values(STACK_ASSUMPTIONS),
  ...Object.values(SHOPIFY_ASSUMPTIONS),
];
