import { isStatic, kindFactsOf } from "../../contract/kinds";
import { adviceFor } from "../../contract/store/advice";
import { isoOf, parseIso } from "../../contract/time";
import type { Call, Command, Typed } from "../command";
import { EXIT } from "../exit-codes";
import { askMigrationToItsEnd } from "../fleet/ask-functions";
import { readStore, requireDeclaration } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { WAVE_OPTIONS } from "../fleet/wave-options";
import { requireValue } from "../fleet/what-next";
import { writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { Refusal, usageError } from "../refusal";
import { FLEET_OPTIONS, migrateFleet, wantedOf } from "./migrate-fleet";

/** `migrate`: a non-expiring token becomes a pair that expires; Shopify does not turn that back. */
export const migrate: Command = {
  name: "migrate",
  usage: "<store> | --app <app> | --all",
  takes: "stores",
  summary: "exchange non-expiring tokens for pairs that are renewed; cannot be undone",
  options: { ...FLEET_OPTIONS, ...WAVE_OPTIONS, yes: { type: "boolean", help: "do not ask" } },
  judge(typed) {
    requireOneWay(typed);
    wantedOf(typed);
  },
  async run(call) {
    if (call.words.length === 0) return await migrateFleet(call);
    const { host, aws, prefix } = call;
    const seen = await readStore(call, call.words);
    requireMigratable(seen, call);
    const { store } = seen;
    await requireConsent(call, store);
    const { outcome, expiresAt, scope, versionId } = await whileTelling(
      host,
      () => `migrating ${store}`,
      () => askMigrationToItsEnd({ functions: aws.functions, prefix }, store, host),
    );
    const end = parseIso(expiresAt ?? "");
    const result = {
      store,
      outcome,
      expires_at: end === undefined ? null : isoOf(end),
      scope: scope.split(","),
      version_id: versionId,
    };
    const until = end === undefined ? "" : `, good until ${isoOf(end)} and renewed by the sweep`;
    const done = outcome === "migrated" ? "migrated" : "migrated before";
    const scopes = scope.split(",").join(" ");
    writeResult(call, result, () => `${store}: ${done}${until}; scopes: ${scopes}\n`);
    return EXIT.well;
  },
};

function requireOneWay({ words, text, flag }: Typed): void {
  const isFleet = flag("all") || text("app") !== undefined;
  if (words.length === (isFleet ? 0 : 1)) return;
  throw usageError("name one store, or --app <app>, or --all", "shopify-secrets migrate --help");
}

/** Only a non-expiring offline token becomes a pair, and only where config says so. */
function requireMigratable(seen: StoreSeen, call: Call): void {
  const { store } = seen;
  const declaration = requireDeclaration(seen);
  requireValue(seen, call);
  const { hasRefreshToken, migratable } = kindFactsOf(declaration);
  if (hasRefreshToken) return;
  if (migratable) throw notDeclared(seen);
  throw new Refusal(
    isStatic(declaration)
      ? `the token of a custom app (${store}) cannot be exchanged for a pair, and need not be: it does not end`
      : `the tokens of ${store} are renewed already (${declaration.kind}): there is nothing to migrate`,
    `shopify-secrets status ${store}`,
  );
}

function notDeclared(seen: StoreSeen): Refusal {
  const code = "migration_not_declared";
  const { says, next } = adviceFor(seen, { state: "ok", code });
  const named = seen.declaration?.app === undefined ? ", with the app that it is a token of" : "";
  return new Refusal(says, next.replace(" to offline-expiring", `$&${named}`), { code });
}

async function requireConsent({ host, flag }: Call, store: string): Promise<void> {
  if (flag("yes")) return;
  const typed = await host.ask(
    `Shopify revokes the non-expiring access token of ${store}, for good. Type the store's name to go on: `,
  );
  if (typed === undefined) {
    throw usageError(
      "a migration cannot be undone, and nobody is here to ask",
      `shopify-secrets migrate ${store} --yes`,
    );
  }
  if (typed.trim() !== store) {
    throw new Refusal("nothing was migrated", `shopify-secrets migrate ${store}`);
  }
}
