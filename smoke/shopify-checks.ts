import { randomUUID } from "node:crypto";
import { GetSecretValueCommand, RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { ApiVersion, ShopDomain } from "../contract/brands";
import { parseRecord, type StoreRecord } from "../contract/record";
import { missingScopes } from "../contract/scopes";
import { Sealed } from "../contract/sealed";
import { buildCheckRequest, judgeCheckReply } from "../lambda/shopify/check";
import type { ShopifyReply, ShopifyRequest } from "../lambda/shopify/exchange";
import { sendToShopify } from "../lambda/shopify/send";
import { judgeTokenReply } from "../lambda/shopify/token-reply";
import { buildTokenRequest } from "../lambda/shopify/token-request";
import { SHOPIFY_ASSUMPTIONS as ASSUMED } from "./catalogue";
import { holdsIf, type Sight } from "./findings";
import { eventually } from "./patience";
import type { Run } from "./run";
import type { RealStore } from "./stack-project";

const CALL_TIMEOUT_MS = 10_000;
const ROTATED_WITHIN_MS = 120_000;
const A_DAY_SECONDS = 86_399;

interface Held {
  readonly versionId: string;
  readonly labels: readonly string[];
  readonly record: StoreRecord;
}

/** Rotates the real store once, and checks what Shopify answers. */
export async function checkStore(run: Run, secretArn: string, store: RealStore): Promise<void> {
  run.say(`Shopify: ${store.shop}`);
  const { findings } = run;
  const first = await readStore(run, secretArn);
  await findings.check(ASSUMED.life, async () => tokenLife(first));
  await findings.check(ASSUMED.rotation, () => rotateOnce(run, secretArn, first));
  const now = await readStore(run, secretArn);
  await findings.check(ASSUMED.label, async () =>
    holdsIf(!now.labels.includes("AWSPENDING"), `the current version has ${now.labels}`),
  );
  await findings.check(ASSUMED.older, () => stillWorks(first));
  await findings.check(ASSUMED.unknownToken, () => unknownToken(now));
  await findings.check(ASSUMED.scopes, () => sameScopes(now));
  await findings.check(ASSUMED.wrongSecret, () => wrongSecret(store, "application/json"));
  await findings.check(ASSUMED.errorForm, () => wrongSecret(store, "text/html"));
}

async function readStore(run: Run, SecretId: string): Promise<Held> {
  const value = await run.secrets.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId: versionId = "", VersionStages: labels = [], SecretString = "" } = value;
  return { versionId, labels, record: parseRecord(SecretString) };
}

function tokenLife({ record }: Held): Sight {
  const { expiresAt, issuedAt } = record;
  const seconds = expiresAt === undefined ? Number.NaN : (expiresAt - issuedAt) / 1_000;
  return holdsIf(Math.abs(seconds - A_DAY_SECONDS) <= 2, `${seconds} seconds`);
}

async function rotateOnce(run: Run, secretArn: string, before: Held): Promise<Sight> {
  const ClientRequestToken = randomUUID();
  await run.secrets.send(new RotateSecretCommand({ SecretId: secretArn, ClientRequestToken }));
  const look = () => readStore(run, secretArn);
  const limits = { limitMs: ROTATED_WITHIN_MS, signal: run.signal };
  const isNew = ({ versionId }: Held) => versionId === ClientRequestToken;
  const after = await eventually(look, isNew, limits);
  if (!isNew(after)) return holdsIf(false, "AWSCURRENT stayed where it was for two minutes");
  const isOther = after.record.accessToken.unseal() !== before.record.accessToken.unseal();
  const check = await checkToken(after.record.shop, after.record, after.record.accessToken);
  return holdsIf(isOther && check.good, isOther ? "the new token is refused" : "the same token");
}

async function stillWorks({ record }: Held): Promise<Sight> {
  const check = await checkToken(record.shop, record, record.accessToken);
  return holdsIf(check.good, "the token before the rotation is refused");
}

async function unknownToken({ record }: Held): Promise<Sight> {
  const request = buildCheckRequest(
    record.shop,
    record.apiVersion,
    Sealed.of("shpat_00000000000000000000000000000000"),
  );
  const { status } = await sendToShopify(request, CALL_TIMEOUT_MS);
  return holdsIf(status === 401, `status ${status}`);
}

async function sameScopes({ record }: Held): Promise<Sight> {
  const check = await checkToken(record.shop, record, record.accessToken);
  if (!check.good) return holdsIf(false, "the token is refused");
  const { scopes } = check.value;
  const odd = [...missingScopes(record.scopes, scopes), ...missingScopes(scopes, record.scopes)];
  return holdsIf(odd.length === 0, `only in one of both: ${odd.join(", ")}`);
}

async function checkToken(
  shop: ShopDomain,
  { apiVersion }: { readonly apiVersion: ApiVersion },
  accessToken: Sealed<string>,
) {
  const request = buildCheckRequest(shop, apiVersion, accessToken);
  return judgeCheckReply(await sendToShopify(request, CALL_TIMEOUT_MS));
}

/** Asks for a token with a client secret that is none; `accept` decides what the refusal looks like. */
async function wrongSecret({ shop, clientId }: RealStore, accept: string): Promise<Sight> {
  const request = buildTokenRequest(shop as ShopDomain, {
    client_id: clientId,
    client_secret: Sealed.of("shpss_00000000000000000000000000000000"),
    grant_type: "client_credentials",
  });
  const reply = await sendToShopify(accepting(request, accept), CALL_TIMEOUT_MS);
  const verdict = judgeTokenReply(reply, { kind: "client-credentials" });
  const code = verdict.good ? "a token" : verdict.error.code;
  return holdsIf(code === "client_secret_rejected", shown(reply, code));
}

function accepting(request: ShopifyRequest, accept: string): ShopifyRequest {
  return { ...request, headers: { ...request.headers, accept: Sealed.of(accept) } };
}

const shown = ({ status, headers }: ShopifyReply, code: string): string =>
  `status ${status}, ${headers["content-type"] ?? "no content type"}: read as ${code}`;
