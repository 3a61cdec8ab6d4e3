import { answerAdminCall, judgeToken } from "./admin-api";
import { AUTHORIZE_PATH, answerAuthorize } from "./authorize";
import { CallLog, type CallRecord } from "./call-log";
import { createControl, type ImitationControl } from "./control/control";
import { answerDistributionLink, DISTRIBUTION_PATH } from "./distribution-link";
import { FaultBoard, type FaultPlan, faultReply, type Surface } from "./faults";
import { answerInstall, INSTALL_PATH } from "./managed-install";
import {
  headerOf,
  type ImitationReply,
  type ImitationRequest,
  urlOf,
  withHeaders,
} from "./protocol";
import { type Randomness, systemRandomness } from "./randomness";
import {
  frozenShopAnswer,
  lockedShopAnswer,
  noSuchShopAnswer,
  notFoundAnswer,
} from "./rules/admin-refusals";
import { secondsLeft } from "./rules/tokens";
import { emptyState, type RuleContext, type Shop } from "./state";
import { type Switches, switchesWith } from "./switches";
import { answerTokenRequest } from "./token-endpoint";
import { WebhookOutbox, type WebhookPort } from "./webhooks";

const TOKEN_PATH = "/admin/oauth/access_token";

export interface ImitationOptions {
  /** The moved clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly switches?: Partial<Switches>;
  readonly randomness?: Randomness;
  /** Carries webhooks to apps; default: every address is unreachable. */
  readonly deliver?: WebhookPort;
}

/** What is noted of a call beside its answer. */
type Judgement = Pick<CallRecord, "cause" | "grant" | "tokenId" | "tokenDeath" | "secondsLeft">;
type Routed = { readonly reply: ImitationReply } & Judgement;

/** Shopify as the product sees it, without a socket: requests in, answers out, the clock a parameter. */
export class ShopifyImitation {
  readonly control: ImitationControl;
  readonly #options: ImitationOptions;
  readonly #state = emptyState();
  readonly #switches: Switches;
  readonly #faults = new FaultBoard();
  readonly #calls = new CallLog();
  readonly #outbox: WebhookOutbox;

  constructor(options: ImitationOptions) {
    this.#options = options;
    this.#switches = switchesWith(options.switches);
    const context = () => this.#context();
    this.#outbox = new WebhookOutbox({
      context,
      deliver: options.deliver ?? (async () => "unreachable"),
    });
    this.control = createControl({
      context,
      switches: this.#switches,
      faults: this.#faults,
      calls: this.#calls,
      outbox: this.#outbox,
    });
  }

  /** Answers one request; the change is made before the promise settles, also when the answer is a drop. */
  async handle(request: ImitationRequest): Promise<ImitationReply> {
    const context = this.#context();
    const where = { surface: surfaceOf(request), shop: request.host };
    const delayMs = this.#faults.takeDelayMs(where);
    const routed = this.#answer(context, request, this.#faults.takeFault(where));
    this.#note(context, request, routed);
    const reply = withHeaders(routed.reply, { "x-request-id": context.randomness.uuid() });
    return delayMs === 0 ? reply : { ...reply, delayMs };
  }

  /** When the next webhook is due, in milliseconds since the epoch; undefined when none waits. */
  nextDueAt(): number | undefined {
    return this.#outbox.nextDueAt();
  }

  /** Delivers the webhooks that are due now and returns how many attempts were made. */
  runDue(): Promise<number> {
    return this.#outbox.runDue();
  }

  #context(): RuleContext {
    return {
      state: this.#state,
      now: this.#options.now(),
      switches: this.#switches,
      randomness: this.#options.randomness ?? systemRandomness,
      announce: (event) => this.#outbox.announce(event),
    };
  }

  #answer(context: RuleContext, request: ImitationRequest, fault: FaultPlan | undefined): Routed {
    const shop = context.state.shops.get(request.host);
    const judgement = surfaceOf(request) === "admin-api" ? judged(context, shop, request) : {};
    if (fault === undefined) return { ...judgement, ...route(context, shop, request) };
    const effect = fault.when === "after-effect" ? route(context, shop, request) : {};
    return { ...judgement, ...effect, reply: faultReply(fault), cause: `fault-${fault.answer}` };
  }

  #note(context: RuleContext, request: ImitationRequest, routed: Routed): void {
    const { reply, ...judgement } = routed;
    this.#calls.add({
      at: context.now,
      surface: surfaceOf(request),
      method: request.method,
      path: urlOf(request).pathname,
      shop: request.host,
      caller: headerOf(request, "x-caller") ?? headerOf(request, "user-agent") ?? "unknown",
      status: reply.drop === true ? "dropped" : reply.status,
      ...judgement,
    });
  }
}

/** The pages that a merchant answers. */
const PAGES: Readonly<Record<string, typeof answerAuthorize>> = {
  [AUTHORIZE_PATH]: answerAuthorize,
  [DISTRIBUTION_PATH]: answerDistributionLink,
  [INSTALL_PATH]: answerInstall,
};

function surfaceOf(request: ImitationRequest): Surface {
  const { pathname } = urlOf(request);
  if (pathname === TOKEN_PATH) return "token-endpoint";
  if (Object.hasOwn(PAGES, pathname)) return "authorize";
  return pathname.startsWith("/admin/") ? "admin-api" : "other";
}

function judged(
  context: RuleContext,
  shop: Shop | undefined,
  request: ImitationRequest,
): Judgement {
  const { token, death } = judgeToken(context, shop, request);
  return {
    ...(token === undefined ? {} : { tokenId: token.id, secondsLeft: secondsLeft(context, token) }),
    ...(death === undefined ? {} : { tokenDeath: death }),
  };
}

function route(context: RuleContext, shop: Shop | undefined, request: ImitationRequest): Routed {
  if (shop === undefined || shop.state === "closed")
    return { reply: noSuchShopAnswer(), cause: "no-such-shop" };
  if (shop.state === "frozen") return { reply: frozenShopAnswer(), cause: "shop-frozen" };
  if (shop.state === "locked") return { reply: lockedShopAnswer(), cause: "shop-locked" };
  return routeOnOpenShop(context, shop, request);
}

function routeOnOpenShop(context: RuleContext, shop: Shop, request: ImitationRequest): Routed {
  const operation = `${surfaceOf(request)} ${request.method}`;
  switch (operation) {
    case "token-endpoint POST": {
      const { answer, grant, error, accessToken } = answerTokenRequest(context, shop, request);
      return { reply: answer, grant, ...causeOf(error), ...tokenIdOf(context, accessToken) };
    }
    case "authorize GET":
    case "authorize POST": {
      const answerPage = PAGES[urlOf(request).pathname] ?? answerAuthorize;
      const { answer, error } = answerPage(context, shop, request);
      return { reply: answer, ...causeOf(error) };
    }
    case "admin-api GET":
    case "admin-api POST":
    case "admin-api DELETE": {
      const { answer, cause } = answerAdminCall(context, shop, request);
      return { reply: answer, ...causeOf(cause) };
    }
    default:
      return { reply: notFoundAnswer(), cause: "not-found" };
  }
}

function tokenIdOf(context: RuleContext, value: string | undefined): Pick<Judgement, "tokenId"> {
  const token = context.state.accessTokens.get(value ?? "");
  return token === undefined ? {} : { tokenId: token.id };
}

function causeOf(cause: string | undefined): Pick<Judgement, "cause"> {
  return cause === undefined ? {} : { cause };
}
