import * as v from "valibot";
import { AUTHORIZE_PATH, answerAuthorize } from "../authorize";
import { refreshTokenEndsAt } from "../grants/refresh-token";
import { approveAuthorization } from "../rules/callback";
import { grantScopes } from "../rules/installation";
import { mintSessionToken } from "../rules/session-token";
import {
  acquirePair,
  deathOf,
  isSecretRevoked,
  LIFE_SECONDS,
  mintAccessToken,
  secondsLeft,
  type TokenOwner,
} from "../rules/tokens";
import {
  type AccessToken,
  type ClientSecret,
  installationOf,
  liveSecretsOf,
  type RefreshToken,
} from "../state";
import { appNamed, type ControlDesk, shopNamed, verb } from "./verb";

const appOnShop = { clientId: v.string(), shop: v.string() };
const staticToken = v.strictObject({
  ...appOnShop,
  kind: v.picklist(["custom-app", "offline"]),
  /** Default: what the installation holds, else what the app asks for. */
  scopes: v.exactOptional(v.array(v.string())),
  /** The client secret that mints it; default: the newest. */
  clientSecret: v.exactOptional(v.string()),
  /** Default: a random one. */
  accessToken: v.exactOptional(v.string()),
});
const pair = v.strictObject({ ...appOnShop, clientSecret: v.exactOptional(v.string()) });

/** Tokens: handing them out, ending them, and asking how long they live. */
export const TOKEN_VERBS = {
  /** Hands out a static token, as a merchant would paste it; installs the app when it is not. */
  issueToken: verb(staticToken, (desk, args) => {
    const owner = ownerFor(desk, args);
    const value = args.accessToken === undefined ? {} : { value: args.accessToken };
    const token = mintAccessToken(desk.context(), owner, {
      kind: args.kind,
      lifeSeconds: "never",
      ...value,
    });
    return { accessToken: token.value };
  }),

  /** Hands out a one-hour pair, as an acquisition: older refresh tokens die. */
  issuePair: verb(pair, (desk, args) => {
    const { access, refresh } = acquirePair(desk.context(), ownerFor(desk, args));
    return { accessToken: access.value, refreshToken: refresh.value };
  }),

  /** What the page of an app hands out to ask for its tokens anew; it lives an hour. */
  repinningToken: verb(v.strictObject({ clientId: v.string() }), (desk, { clientId }) => {
    const context = desk.context();
    appNamed(desk, clientId);
    const refreshToken = `shprt_${context.randomness.hex(16)}`;
    const endsAt = context.now + LIFE_SECONDS.repinning * 1_000;
    context.state.repinningTokens.set(refreshToken, { clientId, endsAt });
    return { refreshToken };
  }),

  revokeToken: verb(v.strictObject({ accessToken: v.string() }), (desk, args) => {
    tokenNamed(desk, args.accessToken).death ??= "revoked";
  }),

  revokeRefreshToken: verb(v.strictObject({ refreshToken: v.string() }), (desk, args) => {
    refreshTokenNamed(desk, args.refreshToken).retired ??= "revoked";
  }),

  /** Kills every access and refresh token of an app on a shop, without an uninstall. */
  revokeAll: verb(v.strictObject(appOnShop), (desk, args) => {
    const { state } = desk.context();
    const isOf = (token: AccessToken | RefreshToken) =>
      token.clientId === args.clientId && token.shop === args.shop;
    for (const token of [...state.accessTokens.values()].filter(isOf)) token.death ??= "revoked";
    for (const token of [...state.refreshTokens.values()].filter(isOf)) token.retired ??= "revoked";
  }),

  /** How much life an access token has left. */
  tokenLife: verb(v.strictObject({ accessToken: v.string() }), (desk, args) => {
    const context = desk.context();
    const token = context.state.accessTokens.get(args.accessToken);
    if (token === undefined)
      return {
        tokenId: null,
        kind: null,
        death: "unknown" as const,
        secondsLeft: 0,
        ageSeconds: 0,
      };
    return {
      tokenId: token.id,
      kind: token.kind,
      death: deathOf(context, token) ?? null,
      secondsLeft: secondsLeft(context, token),
      ageSeconds: (context.now - token.issuedAt) / 1_000,
    };
  }),

  /** Whether a refresh token would be taken now, and until when it could be. */
  refreshTokenLife: verb(v.strictObject({ refreshToken: v.string() }), (desk, args) => {
    const context = desk.context();
    const token = context.state.refreshTokens.get(args.refreshToken);
    if (token === undefined) return { usable: false, retired: null, endsAt: 0 };
    const endsAt = refreshTokenEndsAt(token);
    const usable =
      token.retired === undefined && context.now < endsAt && !isSecretRevoked(context, token);
    return { usable, retired: token.retired ?? null, endsAt };
  }),

  /** How many access tokens of an app on a shop are alive. */
  liveTokens: verb(v.strictObject(appOnShop), (desk, args) => {
    const context = desk.context();
    const alive = [...context.state.accessTokens.values()].filter(
      (token) =>
        token.clientId === args.clientId &&
        token.shop === args.shop &&
        deathOf(context, token) === undefined,
    );
    return { count: alive.length, tokenIds: alive.map(({ id }) => id) };
  }),

  /** The merchant approves an authorize address without a browser; returns where the browser would be sent. */
  approve: verb(v.strictObject({ url: v.string() }), (desk, args) => {
    const url = new URL(args.url);
    if (url.pathname !== AUTHORIZE_PATH) throw new Error("this is no authorize address");
    const { answer, approvalId, error } = answerAuthorize(
      desk.context(),
      shopNamed(desk, url.hostname),
      {
        method: "GET",
        host: url.hostname,
        path: `${url.pathname}${url.search}`,
        headers: {},
        body: "",
      },
    );
    if (error !== undefined) throw new Error(error);
    const { approvals } = desk.context().state;
    const approval = approvalId === undefined ? undefined : approvals.get(approvalId);
    if (approval === undefined) return { location: answer.headers["location"] ?? "" };
    approvals.delete(approval.id);
    return { location: approveAuthorization(desk.context(), approval) };
  }),

  /** The session token of an embedded app, good for a minute. */
  sessionToken: verb(v.strictObject(appOnShop), (desk, args) => {
    const app = appNamed(desk, args.clientId);
    const secret = secretFor(desk, args).value;
    return { sessionToken: mintSessionToken(desk.context(), { app, shop: args.shop, secret }) };
  }),
};

interface OwnerArgs {
  readonly clientId: string;
  readonly shop: string;
  readonly scopes?: readonly string[];
  readonly clientSecret?: string;
}

/** Who owns a token that a verb hands out; the app is installed with those scopes, as if it had been before. */
function ownerFor(desk: ControlDesk, args: OwnerArgs): TokenOwner {
  const app = appNamed(desk, args.clientId);
  const { domain } = shopNamed(desk, args.shop);
  const context = desk.context();
  const scopes = args.scopes ?? installationOf(context.state, args)?.scopes ?? app.scopes;
  grantScopes(context, args, scopes);
  return { clientId: app.clientId, shop: domain, scopes, secretId: secretFor(desk, args).id };
}

function secretFor(
  desk: ControlDesk,
  args: Pick<OwnerArgs, "clientId" | "clientSecret">,
): ClientSecret {
  const live = liveSecretsOf(appNamed(desk, args.clientId));
  const secret =
    args.clientSecret === undefined
      ? live.at(-1)
      : live.find(({ value }) => value === args.clientSecret);
  if (secret === undefined) throw new Error("the app has no such live client secret");
  return secret;
}

function tokenNamed(desk: ControlDesk, value: string): AccessToken {
  const token = desk.context().state.accessTokens.get(value);
  if (token === undefined) throw new Error("no such access token");
  return token;
}

function refreshTokenNamed(desk: ControlDesk, value: string): RefreshToken {
  const token = desk.context().state.refreshTokens.get(value);
  if (token === undefined) throw new Error("no such refresh token");
  return token;
}
