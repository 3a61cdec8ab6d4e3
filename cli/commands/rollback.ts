import type { VersionId } from "../../contract/brands";
import { adviceOf } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { holderOf } from "../../contract/store/secret-facts";
import type { CheckedStore } from "../../contract/sweep";
import { MINUTE_MS, parseIso } from "../../contract/time";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { askCheck } from "../fleet/ask-functions";
import { readStore } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { nextFor, requireValue } from "../fleet/what-next";
import { writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { spanText } from "../print/spans";
import { Refusal } from "../refusal";

/** A token that ends sooner helps nobody. */
const SHORTEST_LIFE_MS = 30 * MINUTE_MS;

/** `rollback`: brings the previous version back, after its token worked at Shopify. */
export const rollback: Command = {
  name: "rollback",
  usage: "<store>",
  takes: "one store",
  summary: "bring the previous access token back, if it still works at Shopify",
  async run(call) {
    const { host, aws, prefix } = call;
    const seen = await readStore(call, call.words);
    requireValue(seen, call);
    const { from, to } = versionsOf(seen, call);
    const [found] = await whileTelling(
      host,
      () => `trying the previous access token of ${seen.store}`,
      () => askCheck({ functions: aws.functions, prefix }, [seen.store], "AWSPREVIOUS"),
    );
    requireAlive(call, seen, found);
    if (found?.versionId !== undefined && found.versionId !== to) throw moved(seen);
    // A renewal leaves AWSPENDING on what it promoted, and takes up what is pending: the next one would bring it back.
    const isPending = seen.facts.versions.get(from)?.includes("AWSPENDING") === true;
    if (isPending) await aws.secrets.dropPending(seen.secretArn, from);
    await aws.secrets.moveCurrent(seen.secretArn, { from, to });
    const result = { store: seen.store, outcome: "rolled_back", version_id: to };
    writeResult(call, { ...result, previous_version_id: from }, () => {
      return `${seen.store}: version ${to} is current again; version ${from} is the previous one now\n`;
    });
    return EXIT.well;
  },
};

function versionsOf(seen: StoreSeen, call: Call): { from: VersionId; to: VersionId } {
  const { store, declaration, facts, current: from } = seen;
  // An old pair's refresh token was used up when its successor was made.
  if (declaration !== undefined && kindFactsOf(declaration).hasRefreshToken) {
    throw new Refusal(
      `${store} holds a refresh token, and an older one cannot be brought back`,
      `shopify-secrets rotate ${store}, and if that fails: shopify-secrets install-link ${store}`,
    );
  }
  const to = holderOf(facts, "AWSPREVIOUS");
  if (from === undefined || to === undefined || from === to) {
    throw new Refusal(`${store} has no previous version`, nextFor(seen, call));
  }
  return { from, to };
}

function requireAlive(call: Call, seen: StoreSeen, found: CheckedStore | undefined): void {
  const { store } = seen;
  if (found === undefined) {
    throw new Refusal(
      `nothing is known of the previous token of ${store}`,
      "shopify-secrets doctor",
    );
  }
  const { code, expiresAt } = found;
  // A missing scope is a reason to complain, not to refuse what lives.
  if (code !== "" && code !== "scope_missing") {
    throw new Refusal(
      `the previous access token of ${store} was not brought back: ${adviceOf(code).says}`,
      nextFor(seen, call),
      { code },
    );
  }
  const end = expiresAt === undefined ? undefined : parseIso(expiresAt);
  const leftMs = end === undefined ? undefined : end - call.now();
  if (leftMs !== undefined && leftMs < SHORTEST_LIFE_MS) {
    throw new Refusal(
      `the previous access token of ${store} ends in ${spanText(leftMs)}, which is too soon`,
      nextFor(seen, call),
    );
  }
}

function moved({ store }: StoreSeen): Refusal {
  return new Refusal(
    `${store} got a new version in the meantime`,
    `shopify-secrets status ${store}`,
  );
}
