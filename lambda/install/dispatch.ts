import { INSTALL_ROUTES } from "../../contract/install";
import { fieldsOfError, type Log } from "../log";
import { appUrl } from "./app-url";
import { approve, open } from "./begin";
import { callback } from "./callback";
import type { InstallDeps } from "./deps";
import { refusalReply } from "./refusal";
import { plainReply, type Reply } from "./reply";
import { type GatewayRequest, parseGatewayRequest } from "./request";
import { refuseDelivery, webhooks } from "./webhooks";

/** Builds the dependencies of an invocation. */
export type CreateInstallDeps = (log: Log) => InstallDeps;

/** Answers one request; every failure is an answer too, with one coded log line. */
export async function dispatch(
  event: unknown,
  createDeps: CreateInstallDeps,
  log: Log,
): Promise<Reply> {
  let request: GatewayRequest;
  try {
    request = parseGatewayRequest(event);
  } catch (error) {
    log.error("install.failed", { status: 400, ...fieldsOfError(error) });
    return plainReply(400, "refused");
  }
  const ownLog = log.with({ route: request.route });
  try {
    return await answerRoute(request, createDeps(ownLog));
  } catch (error) {
    const isWebhook = request.route === INSTALL_ROUTES.webhooks;
    return isWebhook ? refuseDelivery(error, ownLog) : refusalReply(error, ownLog);
  }
}

async function answerRoute(request: GatewayRequest, deps: InstallDeps): Promise<Reply> {
  switch (request.route) {
    case INSTALL_ROUTES.appUrl:
      return await appUrl(request, deps);
    case INSTALL_ROUTES.install:
      return await open(request, deps);
    case INSTALL_ROUTES.approve:
      return await approve(request, deps);
    case INSTALL_ROUTES.callback:
      return await callback(request, deps);
    case INSTALL_ROUTES.webhooks:
      return await webhooks(request, deps);
    default:
      return request.route satisfies never;
  }
}
