import type { ApiVersion, AppKey, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import { type EpochMs, later, SECOND_MS } from "../../contract/time";
import { type Deadline, keeping } from "../deadline";
import { type Attempt, callShopify } from "../shopify/call";
import type { RequestFields, Send } from "../shopify/exchange";
import { judgeTokenReply, type TokenGrant } from "../shopify/token-reply";
import { buildTokenRequest } from "../shopify/token-request";
import { apiVersionFor } from "./api-version";
import {
  type AppInHand,
  appForRenewal,
  type ClientSecret,
  readApp,
  readPreviousClientSecret,
} from "./app-secret";
import { checkToken, type TokenCheck } from "./check-token";
import { callDepsOf, type EngineDeps } from "./deps";
import type { Grant } from "./grants";
import { type Store, withFacts } from "./store";
import type { Parent } from "./successor";

/** A grant as it arrived, and the app secret's version whose client secret got it. */
export interface Obtained {
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

/** Obtains an access token at the token endpoint, with the newest client secret that works. */
export async function obtain(order: ObtainOrder, deps: EngineDeps): Promise<Obtained> {
  const app = order.app ?? (await appForRenewal(requireApp(order.store), order.obtainedWith, deps));
  const fields = await order.grant.fieldsOf(order.store, order.presented, deps);
  let refused: unknown = new CodedError("app_secret_malformed");
  for await (const { client, from } of clientSecretsOf(order, app, deps)) {
    try {
      return await ask(order, { app: from, client, fields }, deps);
    } catch (error) {
      if (!isRefusedClientSecret(error)) throw error;
      // When all are refused it is the newest that has to be mended.
      refused = error;
    }
  }
  throw refused;
}

interface Candidate {
  readonly from: AppInHand;
  readonly client: ClientSecret;
}

/** The client secrets to present, in order; each is asked for only after the one before was refused. */
async function* clientSecretsOf(
  order: ObtainOrder,
  app: AppInHand,
  deps: EngineDeps,
): AsyncGenerator<Candidate> {
  yield { from: app, client: app.current };
  // The first read may have been of the version before: reads are eventually consistent.
  const again = await readApp(app.credential.app, deps);
  if (again.current.version !== app.current.version) yield { from: again, client: again.current };
  if (order.clientSecrets === "current_only") return;
  const previous = await readPreviousClientSecret(again, deps);
  if (previous === undefined) return;
  deps.log.warn("shopify.previous_client_secret", { code: "client_secret_rejected" });
  deps.credentials.noteRefused(again);
  yield { from: again, client: previous };
}

function requireApp(store: Store): AppKey {
  const { app, shop } = store.declaration;
  if (app === undefined) throw new CodedError("declaration_malformed", { shop, field: "app" });
  return app;
}

function isRefusedClientSecret(error: unknown): boolean {
  return error instanceof CodedError && error.code === "client_secret_rejected";
}

interface Ask {
  readonly app: AppInHand;
  readonly client: ClientSecret;
  readonly fields: RequestFields;
}

async function ask(order: ObtainOrder, using: Ask, deps: EngineDeps): Promise<Obtained> {
  const { store } = order;
  const { shop } = store.declaration;
  const client = { credential: using.app.credential, secret: using.client.secret };
  let askedAt = deps.clock.now();
  const send: Send = (request, timeoutMs) => {
    askedAt = deps.clock.now();
    return deps.send(request, timeoutMs);
  };
  const grant = await callShopify(
    {
      name: "shopify.token",
      request: buildTokenRequest(shop, client, using.fields),
      judge: (reply) => judgeTokenReply(reply, order.grant.kind, deps.rules.readLife),
      isOnlyOnce: order.grant.isOnlyOnce ?? false,
    },
    {
      ...callDepsOf(deps),
      send,
      deadline: deadlineOfAsking(order, deps),
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
  return { grant, askedAt, appSecretVersion: using.client.version };
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
    kind: declaration.kind,
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
