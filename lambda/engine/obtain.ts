import type { ApiVersion, AppKey, VersionId } from "../../contract/brands";
import { adviceRow, CodedError } from "../../contract/errors";
import type { GrantedKind } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import { type EpochMs, later, SECOND_MS } from "../../contract/time";
import { type Deadline, keeping } from "../deadline";
import { type Attempt, callShopify } from "../shopify/call";
import { ASSERTION_TYPE, signAssertion } from "../shopify/client-assertion";
import type { RequestFields, Send, ShopifyRequest } from "../shopify/exchange";
import { judgeTokenReply, type TokenGrant } from "../shopify/token-reply";
import { buildTokenRequest } from "../shopify/token-request";
import { apiVersionFor } from "./api-version";
import {
  type AppInHand,
  appForRenewal,
  type ClientProof,
  previousProofsOf,
  proofsOf,
  readApp,
  readPreviousClientSecret,
} from "./app-secret";
import { checkToken, type TokenCheck } from "./check-token";
import { callDepsOf, type EngineDeps, type KeyProving } from "./deps";
import type { Grant } from "./grants";
import { type Store, withFacts } from "./store";
import type { Parent } from "./successor";

/** A grant as it arrived, and the app secret's version whose client secret or key got it. */
export interface Obtained {
  readonly kind: GrantedKind;
  readonly grant: TokenGrant;
  /** When it was asked for: Shopify's count of its life began no earlier. */
  readonly askedAt: EpochMs;
  readonly appSecretVersion: VersionId | undefined;
}

/** What to obtain, and with which client secrets. */
export interface ObtainOrder {
  readonly store: Store;
  readonly grant: Grant;
  /** The record whose refresh token is presented; undefined for grants that have none. */
  readonly presented: StoreRecord | undefined;
  /** The app's credential, when the caller has read it already. */
  readonly app?: AppInHand | undefined;
  /** The version of the app secret that obtained the token that is renewed; undefined: nobody knows. */
  readonly obtainedWith?: VersionId | undefined;
  /** `current_only`: a refused client secret fails at once, as an enrolment must. */
  readonly clientSecrets: "current_only" | "with_previous";
}

/** Obtains an access token at the token endpoint, with the newest client secret or key that works. */
export async function obtain(order: ObtainOrder, deps: EngineDeps): Promise<Obtained> {
  const app = order.app ?? (await appForRenewal(requireApp(order.store), order.obtainedWith, deps));
  const fields = await order.grant.fieldsOf(order.store, order.presented, deps);
  // When all are refused it is the newest that has to be mended.
  let refused: CodedError | undefined;
  for await (const candidate of candidatesOf(order, app, deps)) {
    try {
      if (candidate.isOlder) sayOlder(refused, deps);
      const obtained = await ask(order, { ...candidate, fields }, deps);
      deps.proving?.granted();
      if (candidate.isOlder && refused) deps.credentials.noteRefused(candidate.from, refused.code);
      return obtained;
    } catch (error) {
      if (!isRefusedProof(error)) throw error;
      refused ??= error;
    }
  }
  throw refused ?? new CodedError("app_secret_malformed");
}

function sayOlder(refused: CodedError | undefined, { log }: EngineDeps): void {
  log.warn("shopify.previous_client_secret", { code: refused?.code });
}

/** What may be presented, whose it is, and whether it is not the newest. */
interface Candidate {
  readonly from: AppInHand;
  readonly proof: ClientProof;
  readonly isOlder: boolean;
}

/** What to present, in order; each is asked for only after the one before was refused. */
async function* candidatesOf(
  order: ObtainOrder,
  app: AppInHand,
  deps: EngineDeps,
): AsyncGenerator<Candidate> {
  if (deps.proving !== undefined) {
    // What is remembered may be older than the key.
    const now = await readApp(app.credential.app, deps);
    yield { from: now, proof: provenBy(deps.proving, now), isOlder: false };
    return;
  }
  const { provesBy } = order.grant;
  const [known] = proofsOf(app, provesBy);
  if (known !== undefined) yield { from: app, proof: known, isOlder: false };
  // The first read may have been of the version before: reads are eventually consistent.
  const from = await readApp(app.credential.app, deps);
  const [newest, ...others] = proofsOf(from, provesBy);
  const isNewer = newest !== undefined && from.version !== app.version;
  if (isNewer) yield { from, proof: newest, isOlder: false };
  if (order.clientSecrets === "current_only") return;
  for (const proof of others) yield { from, proof, isOlder: true };
  for (const proof of await proofsBefore(order, from, deps)) yield { from, proof, isOlder: true };
}

/**
 * A key that is to be proved; a token that it got is behind until it signs first.
 *
 * @throws {CodedError} `event_malformed` for a key that is none of the app's
 */
function provenBy({ keyArn }: KeyProving, { credential }: AppInHand): ClientProof {
  if (credential.signingKeys?.includes(keyArn)) return { keyArn, version: undefined };
  throw new CodedError("event_malformed", { app: credential.app, field: "key" });
}

/** What the app presented before its newest change. */
async function proofsBefore(
  { grant, store }: ObtainOrder,
  from: AppInHand,
  deps: EngineDeps,
): Promise<readonly ClientProof[]> {
  if (!isSignedBy(from, grant)) {
    const previous = await readPreviousClientSecret(from, deps);
    return previous === undefined ? [] : [previous];
  }
  const proofs = await previousProofsOf(from, deps);
  // A client secret gets nothing for the stores of a public app: its refusal would hide what is wrong.
  const isPublic = store.declaration.distribution === "public";
  return proofs.filter((proof) => !isPublic || "keyArn" in proof);
}

function isSignedBy({ credential }: AppInHand, { provesBy }: Grant): boolean {
  return provesBy === "own-credential" && (credential.signingKeys ?? []).length > 0;
}

function requireApp(store: Store): AppKey {
  const { app, shop } = store.declaration;
  if (app === undefined) throw new CodedError("declaration_malformed", { shop, field: "app" });
  return app;
}

/** Whether another client secret, or another key, may do. */
function isRefusedProof(error: unknown): error is CodedError {
  return error instanceof CodedError && adviceRow(error.code).ofClientProof;
}

interface Ask {
  readonly from: AppInHand;
  readonly proof: ClientProof;
  readonly fields: RequestFields;
}

async function ask(order: ObtainOrder, using: Ask, deps: EngineDeps): Promise<Obtained> {
  const { store } = order;
  const { signer, clock } = deps;
  const { kind } = order.grant;
  const { distribution } = store.declaration;
  const credential = "keyArn" in using.proof ? "signing-key" : "client-secret";
  const asked = { kind, distribution, credential } as const;
  let askedAt = deps.clock.now();
  const send: Send = (request, timeoutMs) => {
    askedAt = deps.clock.now();
    return deps.send(request, timeoutMs);
  };
  const deadline = deadlineOfAsking(order, deps);
  const grant = await callShopify(
    {
      name: "shopify.token",
      request: () => tokenRequestOf(store, using, { clock, signer: signer.under(deadline) }),
      judge: (reply) => judgeTokenReply(reply, asked, deps.rules.readLife),
      isOnlyOnce: order.grant.isOnlyOnce ?? false,
    },
    {
      ...callDepsOf(deps),
      send,
      deadline,
      measure: (attempt) => measure(order, attempt, deps),
    },
  ).catch((error: unknown) => {
    throw withFacts(error, store);
  });
  if (grant.life?.assumed || grant.refresh?.life.assumed) {
    deps.log.warn("shopify.lifetime_assumed", {
      code: "lifetime_assumed",
      shopify_request_id: grant.requestId,
    });
  }
  return { kind, grant, askedAt, appSecretVersion: using.proof.version };
}

/** The request of one attempt: an assertion is signed for it alone. */
async function tokenRequestOf(
  { declaration: { shop } }: Store,
  { from, proof, fields }: Ask,
  { signer, clock }: Pick<EngineDeps, "signer" | "clock">,
): Promise<ShopifyRequest> {
  const { clientId } = from.credential;
  if (!("keyArn" in proof)) {
    return buildTokenRequest(shop, { client_id: clientId, client_secret: proof.secret, ...fields });
  }
  const { keyArn } = proof;
  const assertion = await signAssertion({ clientId, shop, keyArn }, signer, clock.now());
  return buildTokenRequest(shop, {
    client_id: clientId,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    ...fields,
  });
}

/** The time that sealing, storing, trying and promoting may take after a grant that cannot be asked for again. */
const AFTER_GRANT_MS = 12 * SECOND_MS;

function deadlineOfAsking({ grant }: ObtainOrder, { deadline }: EngineDeps): Deadline {
  return grant.storesFirst ? keeping(deadline, AFTER_GRANT_MS) : deadline;
}

/** How the token endpoint answers, over the whole fleet; the store and the code are log fields. */
function measure({ store }: ObtainOrder, { durationMs, code }: Attempt, deps: EngineDeps): void {
  const { key, declaration } = store;
  deps.log.metrics(
    { tokenEndpointLatencyMs: durationMs, tokenEndpointRefusals: code === "" ? 0 : 1 },
    {
      prefix: deps.prefix,
      at: deps.clock.now(),
      fields: {
        event: "shopify.token_endpoint",
        store: key,
        shop: declaration.shop,
        code: code === "" ? undefined : code,
      },
    },
  );
}

/** Turns a grant into a record that succeeds `parent`. */
export async function recordOf(
  obtained: Obtained,
  lineage: {
    readonly store: Store;
    readonly parent: Parent;
    readonly check: TokenCheck | undefined;
    /** Default: the declared one. */
    readonly apiVersion?: ApiVersion;
  },
  deps: EngineDeps,
): Promise<StoreRecord> {
  const { store, parent, check } = lineage;
  const { declaration } = store;
  const { grant, askedAt: issuedAt } = obtained;
  const { refresh } = grant;
  return {
    shop: declaration.shop,
    app: declaration.app,
    kind: obtained.kind,
    accessToken: grant.accessToken,
    scopes: grant.scopes,
    apiVersion: lineage.apiVersion ?? declaration.apiVersion,
    issuedAt,
    expiresAt:
      grant.life === undefined ? undefined : later(issuedAt, grant.life.seconds * SECOND_MS),
    checked: check === undefined ? "untried" : check.checked,
    parentVersion: parent.versionId,
    appSecretVersion: obtained.appSecretVersion,
    configTokenFingerprint: parent.record?.configTokenFingerprint ?? "",
    refreshTokenSealed:
      refresh === undefined
        ? ""
        : await deps.cipher.encrypt(refresh.token, {
            secretArn: store.secretArn,
            shop: declaration.shop,
          }),
    refreshTokenExpiresAt:
      refresh === undefined ? undefined : later(issuedAt, refresh.life.seconds * SECOND_MS),
  };
}

/** Obtains a token, tries it when it need not be stored first, and makes the record that succeeds `parent`. */
export async function obtainSuccessor(
  order: ObtainOrder,
  parent: Parent,
  deps: EngineDeps,
): Promise<StoreRecord> {
  const { store } = order;
  const apiVersion = await apiVersionFor(store, parent, deps);
  const obtainedWith = parent.record?.appSecretVersion;
  const obtained = await obtain({ obtainedWith, ...order }, deps);
  const scopes = missingScopes(store.declaration.scopes, obtained.grant.scopes);
  // Refusing a renewal would turn one lost permission into a dead store.
  warnOfScopes(scopes, deps);
  const check = order.grant.storesFirst
    ? undefined
    : await checkToken(store, obtained.grant.accessToken, deps);
  return await recordOf(obtained, { store, parent, check, apiVersion }, deps);
}

/** Says that a token lacks wanted scopes. */
export function warnOfScopes(missing: readonly string[], deps: Pick<EngineDeps, "log">): void {
  if (missing.length === 0) return;
  deps.log.warn("shopify.scope_missing", {
    code: "scope_missing",
    missing_scopes: missing.join(","),
  });
}
