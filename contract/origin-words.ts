import { INSTALLED, LISTED, type StoreOrigin } from "./names";
import { REFRESH, UP } from "./up";

/** A next step, as it is said of a store of config: sentences are written in the words of config. */
export interface NextStep {
  readonly code: string;
  readonly next: string;
  /** Whether nothing but what makes the store enrols it: then the text ends with that. Default: no. */
  readonly untilEnrolled?: boolean;
  /** Whether it has a value, of which a run of its list knows nothing to do. Default: no. */
  readonly hasValue?: boolean;
}

/** The same for a store that comes from elsewhere, of which config has no line: what is corrected, and what carries it out, are others. */
export function nextOfOrigin(origin: StoreOrigin | undefined, step: NextStep): string {
  // What is said of lists has its own words.
  if (step.next.includes("the list")) return step.next;
  if (origin === LISTED) return inList(step);
  return origin === INSTALLED ? byMerchant(step) : step.next;
}

type Rule = readonly [RegExp, string];

const APPLY = "shopify-secrets apply";
const PUT = "shopify-secrets put <store>";
const CHECK = "shopify-secrets check <store>";
const INSTALL = "shopify-secrets install-link <store>, and send the link to the merchant";
/** A token in config, which takes none of a store that it does not declare. */
const CONFIG_TOKEN = "pulumi config set --secret --path 'shopify-secrets:accessTokens\\.<store>'";

const IN_LIST: readonly Rule[] = [
  [new RegExp(`correct a static token \\(${CONFIG_TOKEN}\\), or take it out of config and `), ""],
  [new RegExp(`, or ${CONFIG_TOKEN}`), ""],
  [new RegExp(`put the access token there: ${CONFIG_TOKEN}`), `give the access token: ${PUT}`],
  [/shopify-secrets:stores\.<store>\.(\w+)/g, "the store's $1 in the list"],
  [/declare the store with/g, "declare the store in the list with"],
  [/take the store out of config/g, "take its line out of the list"],
  [/no pulumi up is running/, "no run is under way"],
];

/** What belongs to the store's own secret, which the engine makes anew of a store of config alone. */
const MADE_BY_LIST: ReadonlySet<string> = new Set([
  "rotation_off",
  "secret_not_found",
  "declaration_malformed",
  "declaration_mismatch",
  "kind_not_renewable",
]);

/** A deleted secret comes back with its line: one that was restored without it would leave again. */
const BACK_IN_LIST = `put its line back into the list, then ${UP}, then ${APPLY}`;

function inList({ code, next, untilEnrolled = false, hasValue = false }: NextStep): string {
  if (code === "secret_pending_deletion") return BACK_IN_LIST;
  if (MADE_BY_LIST.has(code)) return next.replace(REFRESH, APPLY);
  const unchanged = hasValue ? CHECK : APPLY;
  const carried = carriedOut(ruled(next, IN_LIST), (isChanged) =>
    isChanged ? `${UP}, then ${APPLY}` : unchanged,
  );
  return untilEnrolled && !carried.includes(APPLY) ? `${carried}; then ${APPLY}` : carried;
}

/** What `pulumi up` carries out: something was set before it, in config or in the list. */
const CHANGED = /shopify-secrets:|in the list/;

/** The text with what carries out each change in place of `pulumi up`, also where the text leaves that unsaid. */
function carriedOut(text: string, by: (isChanged: boolean) => string): string {
  const parts = text.split(UP);
  const [last = ""] = parts.slice(-1);
  const said = parts
    .slice(0, -1)
    .map((part) => part + by(CHANGED.test(part)))
    .join("");
  return said + last + (/in the list/.test(last) ? `, then ${by(true)}` : "");
}

const BY_MERCHANT: readonly Rule[] = [
  [/, or correct shopify-secrets:stores\.<store>\.scopes/, ""],
  [
    /; or take the store out of config/,
    "; or leave it: Shopify has it removed 48 hours after the uninstall",
  ],
];

/** What is known of the shop of a store that came by itself is Shopify's own word. */
const OF_ITS_SHOP: ReadonlySet<string> = new Set(["shop_not_found", "redirect_refused"]);

/** Another line of config is taken by no store that stands elsewhere: it has to come into config first. */
const INTO_CONFIG =
  "declare the store in config (pulumi preview, which names the lines that adopt its secret), then ";

function byMerchant({ code, next }: NextStep): string {
  if (OF_ITS_SHOP.has(code)) {
    return "ask the merchant whether the shop is closed; Shopify has the store of one who left removed";
  }
  if (code === "app_not_installed") return INSTALL;
  const said = ruled(next, BY_MERCHANT);
  if (/shopify-secrets:(?:stores|accessTokens)\.<store>/.test(said)) return `${INTO_CONFIG}${said}`;
  // Nobody but his merchant brings such a store a token.
  return carriedOut(said, (isChanged) => (isChanged ? UP : INSTALL));
}

function ruled(text: string, rules: readonly Rule[]): string {
  return rules.reduce((before, [said, instead]) => before.replace(said, instead), text);
}
