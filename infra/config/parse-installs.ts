import { DEFAULT_NEW_STORES_AN_HOUR, MOST_NEW_STORES_AN_HOUR } from "../../contract/open-installs";
import { type ConfigNode, didYouMean } from "./node";
import type { AppSpec, FleetSpec } from "./spec";

/** Who may install an app: the declared stores' merchants, or every merchant. */
export const INSTALLS = ["declared", "open"] as const;

export type Installs = (typeof INSTALLS)[number];

/** Whether every merchant may install an app, with its limit; undefined: only those of declared stores. */
export function parseInstalls(
  app: ConfigNode,
  parsed: Pick<AppSpec, "distribution" | "credential">,
): AppSpec["open"] {
  const node = app.child("installs");
  const text = node.text();
  const isKnown = text === undefined || INSTALLS.some((known) => known === text);
  if (!isKnown) {
    return node.report(`must be one of ${INSTALLS.join(", ")}${didYouMean(text, INSTALLS)}`);
  }
  const limit = app.child("newStoresAnHour");
  if (text !== "open") {
    if (!limit.isAbsent) {
      limit.report(
        `belongs to an app that every merchant may install: set ${node.path} to open, or remove this`,
      );
    }
    return undefined;
  }
  if (parsed.distribution !== "public") {
    return node.report(
      `is for public apps alone, which Shopify lets any store install: set ${app.path}.distribution to public, or declare the stores`,
    );
  }
  if (parsed.credential === "signing-key") {
    return node.report(
      "is not for apps that sign yet: their stores are declared, or the app keeps its client secret",
    );
  }
  const newStoresAnHour = parseLimit(limit);
  return newStoresAnHour === undefined ? undefined : { newStoresAnHour };
}

function parseLimit(node: ConfigNode): number | undefined {
  if (node.isAbsent) return DEFAULT_NEW_STORES_AN_HOUR;
  const most = node.number();
  const isAllowed =
    most !== undefined && Number.isInteger(most) && most >= 0 && most <= MOST_NEW_STORES_AN_HOUR;
  if (isAllowed) return most;
  return most === undefined
    ? undefined
    : node.report(
        `must be 0 to ${MOST_NEW_STORES_AN_HOUR}: how many new stores an hour the app takes in`,
      );
}

/** An open app has nothing without the endpoint that its merchants come to. */
export function reportClosedEndpoint(
  root: ConfigNode,
  { apps, settings }: Pick<FleetSpec, "apps" | "settings">,
): void {
  if (settings.installEndpoint !== false) return;
  for (const { app, open } of apps) {
    if (open === undefined) continue;
    root
      .child("apps")
      .child(app)
      .child("installs")
      .report(
        `needs the install endpoint, which ${root.child("installEndpoint").path} switches off: remove one of them`,
      );
  }
}
