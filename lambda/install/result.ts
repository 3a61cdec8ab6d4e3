import { isStoreKey, type StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { codeOfCheck } from "../../contract/record";
import type { Sealed } from "../../contract/sealed";
import { type EpochMs, epochMs, HOUR_MS, SECOND_MS } from "../../contract/time";
import type { ClientSecret } from "../engine/app-secret";
import type { SigningApp } from "./app-memory";
import type { InstallDeps } from "./deps";
import type { Installed } from "./install";
import { findInstallable, type InstallableStore } from "./installable";
import { isOneOf, ownSealOf } from "./own-seal";
import { pageReply, type Reply } from "./reply";
import { pageOfResult, pageOfThen, type Result } from "./result-page";

/** How long a result is told as what is: a page that is loaded again later says what was. */
const NEWS_MS = HOUR_MS;

const LONGEST_VALUE = 4_096;
const QUERY = /^result=([a-z0-9-]{1,48})\.(\d{10,12})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/**
 * Where the browser goes on to after an approval was stored: an address that holds nothing but what came of it,
 * so that a reload presents no code again, and no code stays in the address bar. Sealed: what it says, we said.
 */
export function resultAddressOf(
  installable: InstallableStore,
  { outcome, checked, missing }: Installed,
  by: { readonly clientSecret: ClientSecret; readonly now: EpochMs },
): string {
  const result: Result = { outcome, code: codeOfCheck(checked), missing };
  const atSeconds = Math.floor(by.now / SECOND_MS);
  const said = Buffer.from(JSON.stringify(result)).toString("base64url");
  const seal = sealOf(installable, { atSeconds, said }, by.clientSecret);
  return `/callback?result=${[installable.key, atSeconds, said, seal].join(".")}`;
}

/** What the address of a result says; it is not verified yet. */
interface SaidResult {
  readonly store: StoreKey;
  readonly atSeconds: number;
  readonly said: string;
  readonly seal: string;
}

/** The result that a query brings; undefined: it is not one. */
export function saidResultIn(rawQuery: Sealed<string>): SaidResult | undefined {
  const text = rawQuery.unseal();
  const [, store, at, said, seal] = (text.length <= LONGEST_VALUE && QUERY.exec(text)) || [];
  if (!isStoreKey(store) || said === undefined || seal === undefined) return undefined;
  return { store, atSeconds: Number(at), said, seal };
}

/**
 * The page of what came of an approval, any number of times.
 *
 * @throws {CodedError} `install_request_malformed`: the result was not sealed by this endpoint
 */
export async function showResult(given: SaidResult, deps: InstallDeps): Promise<Reply> {
  const installable = await findInstallable(given.store, deps);
  const known = await deps.apps.read(installable.app, deps);
  const isOurs =
    isSealedBy(known, installable, given) ||
    isSealedBy(await deps.apps.readAgain(installable.app, deps), installable, given);
  if (!isOurs) throw new CodedError("install_request_malformed", { field: "result" });
  const result = JSON.parse(Buffer.from(given.said, "base64url").toString()) as Result;
  const at = epochMs(given.atSeconds * SECOND_MS);
  const isNews = deps.clock.now() - at < NEWS_MS;
  return pageReply(200, isNews ? pageOfResult(installable, result) : pageOfThen(installable, at));
}

function isSealedBy(
  { clientSecrets }: SigningApp,
  installable: InstallableStore,
  given: SaidResult,
): boolean {
  const seals = clientSecrets.map((clientSecret) => sealOf(installable, given, clientSecret));
  return isOneOf(seals, given.seal);
}

function sealOf(
  { store, key, app }: InstallableStore,
  { atSeconds, said }: Pick<SaidResult, "atSeconds" | "said">,
  { secret }: ClientSecret,
): string {
  const { shop } = store.declaration;
  return ownSealOf("result", [store.secretArn, key, shop, app, atSeconds, said], secret);
}
