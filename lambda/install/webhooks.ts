import { adviceRow, CodedError } from "../../contract/errors";
import { isHeardOf, KINDS, kindFactsOf } from "../../contract/kinds";
import { storeKeyOf } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { declarationIn } from "../../contract/store/view";
import { type EpochMs, MINUTE_MS } from "../../contract/time";
import { within } from "../deadline";
import { type EngineDeps, under } from "../engine/deps";
import { storeOf } from "../engine/store";
import { fieldsOfError, type Log } from "../log";
import { parseDelivery, requireOwnBody, signerOf } from "./delivery";
import type { InstallDeps } from "./deps";
import type { KnownFleet } from "./known-apps";
import { candidatesOf, declaredOf, type Installation, livingAmong, openAppOf } from "./newcomer";
import { handleRedact } from "./redact";
import { plainReply, type Reply } from "./reply";
import type { GatewayRequest } from "./request";
import { type HandleTopic, TOPICS } from "./topics";

/** Shopify waits five seconds; whatever takes longer is delivered again. */
const SHOPIFY_WAITS_MS = 4_000;

/** A webhook: verified on its raw body, and believed only as far as the store's own token confirms it. */
export async function webhooks(
  request: Pick<GatewayRequest, "headers" | "body">,
  given: InstallDeps,
): Promise<Reply> {
  const delivery = parseDelivery(request);
  const deadline = within(given.deadline, SHOPIFY_WAITS_MS);
  const deps: InstallDeps = {
    ...under(given, deadline),
    fleet: given.fleet.under(deadline),
    maker: given.maker.under(deadline),
  };
  const fleet = await deps.knownApps.read(deps);
  const { app } = signerOf(delivery, fleet.apps);
  requireOwnBody(delivery);
  const { topic, shop, webhookId, triggeredAt } = delivery;
  const log = deps.log.with({ topic, shop, app, webhook_id: webhookId });
  const topics = openAppOf(app, deps) === undefined ? TOPICS : OPEN_TOPICS;
  const handle = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  const stores = handle === undefined ? [] : await storesOf({ app, shop }, fleet, deps);
  if (
    handle !== undefined &&
    Object.hasOwn(TOPICS, topic) &&
    stores.length === 0 &&
    mayBeUnlisted(triggeredAt, deps)
  ) {
    log.info("webhook.store_not_listed");
    return plainReply(503, "again");
  }
  if (handle === undefined || stores.length === 0) {
    log.info("webhook.ignored", { why: handle === undefined ? "topic" : "store" });
    return plainReply(200, "ignored");
  }
  const own = { ...deps, log };
  deps.found.forget();
  const settled = await Promise.all(stores.map((store) => handleOne(handle, store, own)));
  return settled.every((isDone) => isDone) ? plainReply(200, "ok") : plainReply(503, "again");
}

/** AWS lists a new secret within five minutes, and what is listed is kept for one; Shopify repeats for hours. */
const LISTED_WITHIN_MS = 10 * MINUTE_MS;

function mayBeUnlisted(triggeredAt: EpochMs | undefined, { clock }: EngineDeps): boolean {
  if (triggeredAt === undefined) return false;
  return Math.abs(clock.now() - triggeredAt) < LISTED_WITHIN_MS;
}

/** The stores of an app on a shop that hear from Shopify: one, as config sees to it, but for a moment after a move. */
async function storesOf(
  installation: Installation,
  fleet: KnownFleet,
  deps: InstallDeps,
): Promise<readonly ListedSecret[]> {
  const declared = await declaredOf(installation, fleet, deps);
  const heard = declared.filter(({ facts }) => {
    const declaration = declarationIn(facts);
    const isStore = storeKeyOf(deps.prefix, facts.name) !== undefined;
    return isStore && declaration !== undefined && isHeardOf(kindFactsOf(declaration));
  });
  if (openAppOf(installation.app, deps) === undefined) return heard;
  const living = livingAmong(await candidatesOf(installation, deps), installation);
  const isThere = heard.some(({ secretArn }) => secretArn === living?.secretArn);
  return living === undefined || isThere ? heard : [...heard, living];
}

/** What an open app is told of beside: that a merchant wants to be forgotten. */
const OPEN_TOPICS: typeof TOPICS = { ...TOPICS, "shop/redact": handleRedact };

/** Whether nothing is left to do for this store. */
async function handleOne(
  handle: HandleTopic,
  { secretArn }: ListedSecret,
  deps: InstallDeps,
): Promise<boolean> {
  const { prefix, secrets } = deps;
  const log = deps.log.with({ secret_arn: secretArn });
  try {
    const store = storeOf(secretArn, await secrets.describe(secretArn), { prefix, allowed: KINDS });
    const consequence = await handle(store, { ...deps, log });
    log.info("webhook.handled", { outcome: consequence });
    return consequence !== "again";
  } catch (error) {
    log.error("webhook.failed", fieldsOfError(error));
    return error instanceof CodedError && !error.retryable;
  }
}

/** Answers a delivery that was refused, or that failed before it was handled. */
export function refuseDelivery(error: unknown, log: Log): Reply {
  const answer = error instanceof CodedError ? adviceRow(error.code).answer : undefined;
  if (answer?.to !== "shopify") {
    log.error("webhook.failed", { status: 503, ...fieldsOfError(error) });
    return plainReply(503, "again");
  }
  const { status } = answer;
  log.warn("webhook.refused", { status, ...fieldsOfError(error) });
  return plainReply(status, "refused");
}
