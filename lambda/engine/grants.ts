import { CodedError } from "../../contract/errors";
import {
  type GrantedKind,
  isRenewed,
  type KindKey,
  type RenewableKind,
} from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import type { RequestFields } from "../shopify/exchange";
import type { ProvesBy } from "./app-secret";
import type { EngineDeps } from "./deps";
import type { Store } from "./store";

/** The way in which a kind's access tokens are obtained: all that differs between the renewable kinds. */
export interface Grant {
  readonly kind: GrantedKind;
  /**
   * Whether a reply is stored before anything else is asked of Shopify: a pair cannot be asked for
   * again once its refresh token was lost; a client-credentials token can.
   */
  readonly storesFirst: boolean;
  /** Whether what is presented is good for one request: then its answer is waited for as long as there is time. */
  readonly isOnlyOnce?: boolean;
  /** By what the app proves that it is the app: one that signs does so where it needs nothing else to get a token. */
  readonly provesBy: ProvesBy;
  /** The request's fields beside the client's own; `presented` is the record whose refresh token is used. */
  fieldsOf(
    store: Store,
    presented: StoreRecord | undefined,
    deps: Pick<EngineDeps, "cipher">,
  ): Promise<RequestFields>;
}

const clientCredentials: Grant = {
  kind: "client-credentials",
  storesFirst: false,
  provesBy: "own-credential",
  fieldsOf: async () => ({ grant_type: "client_credentials" }),
};

export const refreshToken: Grant = {
  kind: "offline-expiring",
  storesFirst: true,
  provesBy: "client-secret",
  fieldsOf: async (store, presented, { cipher }) => {
    if (presented === undefined || presented.refreshTokenSealed === "") {
      throw new CodedError("refresh_token_missing", { shop: store.declaration.shop });
    }
    const context = { secretArn: store.secretArn, shop: presented.shop };
    return {
      grant_type: "refresh_token",
      refresh_token: await cipher.decrypt(presented.refreshTokenSealed, context),
    };
  },
};

const OFFLINE_TOKEN_TYPE = "urn:shopify:params:oauth:token-type:offline-access-token";

/** Shopify's exchange of a non-expiring token for a pair; the same call brings the same pair for seven days. */
export const migration: Grant = {
  kind: "offline-expiring",
  storesFirst: true,
  provesBy: "client-secret",
  fieldsOf: async (store, presented) => {
    if (presented === undefined) {
      throw new CodedError("refresh_token_missing", { shop: store.declaration.shop });
    }
    return {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: presented.accessToken,
      subject_token_type: OFFLINE_TOKEN_TYPE,
      requested_token_type: OFFLINE_TOKEN_TYPE,
      expiring: "1",
    };
  },
};

/** The grant of each renewable kind. */
const GRANTS: Readonly<Record<RenewableKind, Grant>> = {
  "client-credentials": clientCredentials,
  "offline-expiring": refreshToken,
};

/**
 * The grant that renews a store's access token.
 *
 * @throws {CodedError} `kind_not_renewable`
 */
export function grantOf(declared: KindKey): Grant {
  if (isRenewed(declared)) return GRANTS[declared.kind];
  throw new CodedError("kind_not_renewable");
}
