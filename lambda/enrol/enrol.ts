import type { Declaration } from "../../contract/declaration";
import type { EnrolReason, EnrolRequest, EnrolResult } from "../../contract/enrolment";
import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { KINDS, kindFactsOf } from "../../contract/kinds";
import { pastedSays, readPasted } from "../../contract/pasted-secret";
import { type Checked, codeOfCheck, type StoreRecord } from "../../contract/record";
import { encodeScopes, missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import { awaitedBy } from "../../contract/store/awaited";
import { holderOf } from "../../contract/store/secret-facts";
import { encodeStatus, parseStatus } from "../../contract/store/status";
import { isoOf } from "../../contract/time";
import { createPatientSigner } from "../cipher/patient-signer";
import { type AppInHand, readApp } from "../engine/app-secret";
import { checkToken } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { statusAfter, writeFailure, writeStatus } from "../engine/status";
import {
  readCurrentRecord,
  requireOwnSecret,
  type Store,
  storeOf,
  withFacts,
} from "../engine/store";
import type { Successor } from "../engine/successor";
import { rereadUntil } from "../retry";
import { createRetryingPort } from "../secrets/retrying-port";
import { decideEnrolment, type EnrolDecision } from "./decide";
import { type Order, scopesLackedBy, writeValue } from "./write";

/**
 * Gives a store its first value, or makes sure of the one that it has: it looks before it writes.
 *
 * @throws {CodedError} a definite no of Shopify, so that `pulumi up` fails where the mistake is
 */
export async function enrol(given: EnrolRequest, impatient: EngineDeps): Promise<EnrolResult> {
  requireOwnSecret(impatient.prefix, given.secretArn);
  const awaits = "enrolment.access_awaited";
  const secrets = createRetryingPort(impatient.secrets, { ...impatient, awaits });
  const signer = createPatientSigner(impatient.signer, { ...impatient, awaits });
  const deps = { ...impatient, secrets, signer };
  const store = await readStore(given, deps);
  try {
    const request = { ...given, accessToken: pastedToken(given) };
    const current = await readCurrent(store, deps);
    const app = await readStoreApp(request, deps);
    const inputs = {
      request,
      current: typeof current === "object" ? current.record : current,
      apiVersion: store.declaration.apiVersion,
      appSecretVersion: app?.version,
    };
    return await act(decideEnrolment(inputs), { request, store, current, app }, deps);
  } catch (error) {
    await noteFailure(error, { request: given, store }, deps);
    throw withFacts(error, { ...store, key: given.store });
  }
}

/**
 * Notes why a store that `pulumi up` enrols has no value: nothing else will say it again. Where there is a value,
 * the failure is the new config's and says nothing of it, unless a token may have been granted that ended the one
 * before it; an operator reads the answer to a `put` at once.
 */
async function noteFailure(
  error: unknown,
  { request, store }: Pick<EnrolContext, "request" | "store">,
  deps: EngineDeps,
): Promise<void> {
  const { secretArn, declaration, facts } = store;
  const code = error instanceof CodedError ? error.code : "unexpected";
  if (holderOf(facts, "AWSCURRENT") === undefined) {
    if (request.tokenSource !== "config") return;
    const outcome = { state: "failing", code } as const;
    await writeStatus(secretArn, statusAfter(outcome, deps.clock.now()), deps);
  } else if (kindFactsOf(declaration).obtainable && adviceRow(code).mayHaveGranted) {
    await writeFailure(secretArn, code, deps);
  }
}

/** The given token without the blanks that pasting brings; what is no access token alone is sent nowhere. */
function pastedToken({ accessToken, store, shop }: EnrolRequest): Sealed<string> | undefined {
  const text = accessToken?.unseal() ?? "";
  if (text.trim() === "") return undefined;
  const reading = readPasted(text, "access token");
  if ("secret" in reading) return reading.secret;
  const { fault } = reading;
  if (fault === "client_secret") throw new CodedError("token_is_client_secret", { store, shop });
  const pasted = pastedSays(fault, "access token");
  throw new CodedError("token_malformed", { store, shop, pasted });
}

/** Reads the secret until its description says what the request repeats. */
async function readStore(request: EnrolRequest, deps: EngineDeps): Promise<Store> {
  const read = async () =>
    storeOf(request.secretArn, await deps.secrets.describe(request.secretArn), {
      prefix: deps.prefix,
      allowed: KINDS,
    });
  const store = await rereadUntil(read, (found) => agrees(found.declaration, request), deps);
  if (!agrees(store.declaration, request)) {
    throw new CodedError("declaration_mismatch", { store: request.store, shop: request.shop });
  }
  return store;
}

function agrees(declaration: Declaration, request: EnrolRequest): boolean {
  const { kind, shop, app } = request;
  return declaration.kind === kind && declaration.shop === shop && declaration.app === app;
}

async function readCurrent(
  store: Store,
  deps: EngineDeps,
): Promise<Successor | "none" | "malformed"> {
  try {
    return (await readCurrentRecord(store, deps)) ?? "none";
  } catch (error) {
    if (error instanceof CodedError && error.code === "record_malformed") return "malformed";
    throw error;
  }
}

/** Reads the app secret until it is the version that Pulumi just wrote. */
async function readStoreApp(
  request: EnrolRequest,
  deps: EngineDeps,
): Promise<AppInHand | undefined> {
  const { app, appSecretVersion } = request;
  if (!kindFactsOf(request).obtainable || app === undefined) return undefined;
  const isWanted = ({ version }: AppInHand) =>
    appSecretVersion === undefined || version === appSecretVersion;
  return await rereadUntil(() => readApp(app, deps), isWanted, deps);
}

interface EnrolContext {
  readonly request: EnrolRequest;
  readonly store: Store;
  readonly current: Successor | "none" | "malformed";
  readonly app: AppInHand | undefined;
}

async function act(
  decision: EnrolDecision,
  context: EnrolContext,
  deps: EngineDeps,
): Promise<EnrolResult> {
  switch (decision.action) {
    case "write":
      return await writeOrWait(context, decision.why, deps);
    case "verify":
      return await verify(context, decision.why, deps);
    case "wait": {
      const status = statusAfter({ state: decision.outcome, code: "" }, deps.clock.now());
      if (context.current === "none") await writeStatus(context.store.secretArn, status, deps);
      return { store: context.request.store, outcome: decision.outcome, why: decision.why };
    }
    default:
      return decision satisfies never;
  }
}

/**
 * Gives the store a value; where its app signs, it may have to wait for what nobody can do before `up` made the key:
 * then a token that lives stays, and the sweep goes on asking.
 */
async function writeOrWait(
  context: EnrolContext,
  why: EnrolReason,
  deps: EngineDeps,
): Promise<EnrolResult> {
  try {
    return await write(context, why, deps);
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "";
    const outcome = awaitedBy(context.store.declaration, code);
    if (outcome === undefined || code === "") throw error;
    return await wait(context, { outcome, code }, deps);
  }
}

const AWAITED = {
  awaiting_token: "key_awaited",
  awaiting_merchant: "installation_awaited",
} as const satisfies Record<string, EnrolReason>;

async function wait(
  context: EnrolContext,
  { outcome, code }: { readonly outcome: keyof typeof AWAITED; readonly code: ErrorCode },
  deps: EngineDeps,
): Promise<EnrolResult> {
  const { current, store, request } = context;
  const why = AWAITED[outcome];
  if (typeof current === "object") {
    await writeFailure(store.secretArn, code, deps);
    const { record } = current;
    return kept(context, { record, checked: record.checked, why });
  }
  const status = statusAfter({ state: outcome, code }, deps.clock.now());
  await writeStatus(store.secretArn, status, deps);
  return { store: request.store, outcome, why };
}

/** Tries the current token; a dead one is replaced, where there is anything to replace it with. */
async function verify(
  context: EnrolContext,
  why: EnrolReason,
  deps: EngineDeps,
): Promise<EnrolResult> {
  const { current, request, store } = context;
  if (typeof current !== "object") throw new CodedError("version_unknown");
  try {
    const check = await checkToken(store, current.record.accessToken, deps);
    // The store goes on with the version that it has, and the mistake is config's.
    if (check.checked === "api_version_unknown") {
      throw new CodedError(check.checked, { shop: store.declaration.shop });
    }
    const missing = missingScopes(store.declaration.scopes, check.scopes ?? current.record.scopes);
    if (check.scopes !== undefined) await noteScopes(store, missing, deps);
    const checked = missing.length > 0 ? "scope_missing" : check.checked;
    return kept(context, { record: current.record, checked, why });
  } catch (error) {
    if (!isDead(error)) throw error;
    // Its access token ends every hour: the sweep renews it from the refresh token.
    if (why === "refresh_pair_untouched") {
      return kept(context, { record: current.record, checked: "token_dead", why });
    }
    if (!kindFactsOf(request).obtainable && request.accessToken === undefined) throw error;
    return await writeOrWait(context, "token_dead", deps);
  }
}

/** What config wants of a token that lives on changes with `up`, and the next check may be hours away. */
async function noteScopes(
  { secretArn, facts }: Store,
  missing: readonly string[],
  deps: EngineDeps,
): Promise<void> {
  const { lastErrorCode } = parseStatus(facts.tags);
  const code = missing.length > 0 ? "scope_missing" : "";
  // Another failure stays what is told.
  const isOthers = lastErrorCode !== "" && lastErrorCode !== "scope_missing";
  const scopes = { missingScopes: missing };
  const isNoted = Object.entries(encodeStatus(scopes)).every(
    ([tag, text]) => facts.tags.get(tag) === text,
  );
  if (isNoted && (isOthers || lastErrorCode === code)) return;
  const { state: _, ...told } = statusAfter({ state: "ok", code }, deps.clock.now());
  await writeStatus(secretArn, isOthers ? scopes : { ...told, ...scopes }, deps);
}

function isDead(error: unknown): boolean {
  return error instanceof CodedError && error.code === "token_dead";
}

function kept(
  context: EnrolContext,
  saw: { readonly record: StoreRecord; readonly checked: Checked; readonly why: EnrolReason },
): EnrolResult {
  const versionId = holderOf(context.store.facts, "AWSCURRENT");
  return {
    ...resultOf(context.request, saw.record),
    outcome: "kept",
    why: saw.why,
    checked: saw.checked,
    ...(versionId === undefined ? {} : { versionId }),
  };
}

async function write(
  context: EnrolContext,
  why: EnrolReason,
  deps: EngineDeps,
): Promise<EnrolResult> {
  const { store, current, app } = context;
  // The token that is current stays: config's may be older than one that was put since.
  const request =
    why === "api_version_changed"
      ? { ...context.request, accessToken: undefined }
      : context.request;
  const order: Order = {
    request,
    store,
    app,
    parent: {
      versionId: holderOf(store.facts, "AWSCURRENT"),
      record: typeof current === "object" ? current.record : undefined,
    },
    // A dead, foreign or malformed value is nothing alive.
    somethingIsAlive: ALIVE.has(why),
  };
  const written = await writeValue(order, deps);
  const { record, versionId } = written;
  const missingScopes = scopesLackedBy(record, store);
  const status = statusAfter({ state: "ok", code: codeOfCheck(record.checked) }, deps.clock.now());
  await writeStatus(
    store.secretArn,
    {
      ...status,
      expiresAt: record.expiresAt ?? "never",
      ...(missingScopes === undefined ? {} : { missingScopes }),
    },
    deps,
  );
  deps.log.info("enrolment.written", { why, version_id: versionId });
  return {
    ...resultOf(request, record),
    outcome: "written",
    why,
    checked: record.checked,
    versionId,
  };
}

const ALIVE: ReadonlySet<EnrolReason> = new Set([
  "api_version_changed",
  "client_secret_changed",
  "config_token_changed",
  "operator_token",
]);

function resultOf(
  request: EnrolRequest,
  record: StoreRecord,
): Pick<EnrolResult, "store" | "scope" | "expiresAt"> {
  return {
    store: request.store,
    scope: encodeScopes(record.scopes),
    ...(record.expiresAt === undefined ? {} : { expiresAt: isoOf(record.expiresAt) }),
  };
}
