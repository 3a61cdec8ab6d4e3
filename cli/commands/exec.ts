import { graphqlUrlOf } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { lifeMsOf } from "../../contract/kinds";
import { parseRecord, type StoreRecord } from "../../contract/record";
import { adviceFor } from "../../contract/store/advice";
import { conditionOf } from "../../contract/store/condition";
import { isoOf, MINUTE_MS } from "../../contract/time";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { nextFor, requireValue } from "../fleet/what-next";
import { paintOf } from "../print/colour";
import { shownWord } from "../print/shown-word";
import { parseSpan, spanText } from "../print/spans";
import { Refusal, usageError } from "../refusal";

const DEFAULT_MIN_LIFE_MS = 5 * MINUTE_MS;

/** `exec`: runs a program with a store's access token in its environment, and nowhere else. */
export const exec: Command = {
  name: "exec",
  usage: "<store> [--min-life 30m] -- <command…>",
  takes: "one store",
  summary: "run a command with the access token in its environment",
  options: {
    "min-life": {
      type: "string",
      value: "span",
      help: "refuse a token that ends sooner (90s, 30m, 2h; default 5m)",
    },
  },
  judge({ rest, json, text }) {
    if (rest.length === 0) {
      throw usageError(
        "there is no command after --",
        "shopify-secrets exec <store> -- <command…>",
      );
    }
    if (json) {
      const says = "exec prints nothing of its own: --json of the command stands after --";
      throw usageError(says, "shopify-secrets exec <store> -- <command…>");
    }
    minLifeOf(text("min-life"));
  },
  async run(call) {
    const { host, aws, rest } = call;
    const [program = "", ...args] = rest;
    const minLifeMs = minLifeOf(call.text("min-life"));
    const seen = await readStore(call, call.words);
    requireValue(seen, call);
    const record = recordIn((await aws.secrets.readValue(seen.secretArn)).unseal(), seen);
    requireLife(call, { seen, record, minLifeMs });
    warnOfDead(call, seen);
    return await host.runChild([program, ...args], environmentOf(record));
  },
};

function minLifeOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MIN_LIFE_MS;
  const span = parseSpan(text);
  if (span === undefined) {
    throw usageError(`${shownWord(text)} is no span of time`, "give one such as --min-life 30m");
  }
  return span;
}

function recordIn(text: string, seen: StoreSeen): StoreRecord {
  try {
    return parseRecord(text);
  } catch (error) {
    if (error instanceof CodedError) {
      const { code } = error;
      const { says, next } = adviceFor(seen, { state: "failing", code });
      throw new Refusal(`${code}: ${says}`, next, { exitCode: EXIT.needsPerson, code });
    }
    throw error;
  }
}

function requireLife(
  call: Call,
  wanted: { readonly seen: StoreSeen; readonly record: StoreRecord; readonly minLifeMs: number },
): void {
  const { seen, record, minLifeMs } = wanted;
  const { store, declaration } = seen;
  const wholeMs = declaration && lifeMsOf(declaration);
  if (wholeMs !== undefined && minLifeMs > wholeMs) {
    throw usageError(
      `no access token of kind ${declaration?.kind} lives for ${spanText(minLifeMs)}: ${spanText(wholeMs)} is all`,
      `give less, such as --min-life ${spanText(wholeMs / 2).replace(/ .*/, "")}`,
    );
  }
  if (record.expiresAt === undefined) return;
  const leftMs = record.expiresAt - call.now();
  if (leftMs >= minLifeMs) return;
  throw new Refusal(
    `the access token of ${store} ${leftMs <= 0 ? "has ended" : `ends in ${spanText(leftMs)}`}, and ${spanText(minLifeMs)} are wanted`,
    `${nextFor(seen, call)}, then the same again`,
  );
}

/** A dead token is handed over all the same: only Shopify knows, and the status may be minutes old. */
function warnOfDead({ host, now }: Call, seen: StoreSeen): void {
  const { state, says, next } = conditionOf(seen, now());
  if (state !== "dead" && state !== "uninstalled") return;
  const { err, env } = host;
  const head = paintOf(err, env)(`the store ${seen.store} is ${state}:`, "yellow");
  err.write(`${head} ${says}. Next: ${next}\n`);
}

/** What the child finds in its environment; one of the places that open seals. */
function environmentOf(record: StoreRecord): Record<string, string> {
  const { expiresAt } = record;
  return {
    SHOPIFY_SHOP: record.shop,
    SHOPIFY_API_VERSION: record.apiVersion,
    SHOPIFY_GRAPHQL_URL: graphqlUrlOf(record.shop, record.apiVersion),
    SHOPIFY_ACCESS_TOKEN: record.accessToken.unseal(),
    ...(expiresAt === undefined ? {} : { SHOPIFY_ACCESS_TOKEN_EXPIRES_AT: isoOf(expiresAt) }),
  };
}
