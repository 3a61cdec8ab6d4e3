import { randomBytes } from "node:crypto";
import type { Problem } from "./problem";
import { either, type Facts } from "./table";
import { needText, text } from "./values";
import type { Properties } from "./wire";

/** `name` and `namePrefix`, of which the program passes one or none. */
export const named = (facts: Facts = {}) => ({
  name: either("string", { forceNew: true, ...facts }),
  namePrefix: either("string", { forceNew: true, read: "kept" }),
});

export function oneName(news: Properties): Problem[] {
  const both = news["name"] !== undefined && news["namePrefix"] !== undefined;
  return both ? [{ property: "namePrefix", reason: '"namePrefix": conflicts with name' }] : [];
}

/** The name to create: what check settled on, or the prefix and a suffix of our own. */
export function nameFor(news: Properties): string {
  const prefix = text(news, "namePrefix");
  return prefix ? `${prefix}${randomBytes(13).toString("hex")}` : needText(news, "name");
}
