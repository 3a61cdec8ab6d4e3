import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../contract/time";
import { DEV_APPS } from "../world/dev-fixtures";

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

/** The longest move of the clock in one go: a year. */
const LONGEST_MS = 366 * DAY_MS;

/** `+8h` as milliseconds; undefined when the line is not a move of the clock. */
export function parseSpan(line: string): number | undefined {
  const [, count, unit] = /^\+(\d{1,7})([smhd])$/.exec(line.trim()) ?? [];
  const span = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  return span > 0 && span <= LONGEST_MS ? span : undefined;
}

/** Shell lines that move a terminal into the world; PATH is extended, not replaced. */
export function exportsOf(
  environment: Readonly<Record<string, string>>,
  inheritedPath: string,
): string[] {
  return Object.entries(environment).map(([name, value]) => {
    if (name !== "PATH") return `export ${name}=${quoted(value)}`;
    const own = value.endsWith(inheritedPath) ? value.slice(0, -inheritedPath.length) : `${value}:`;
    return `export PATH=${quoted(own)}"$PATH"`;
  });
}

/** What a program does that `exec` runs. */
const ASK_SHOPIFY = [
  'curl -sS -H "x-shopify-access-token: $SHOPIFY_ACCESS_TOKEN" -H "content-type: application/json"',
  String.raw`-d "{\"query\":\"{ shop { name } }\"}" "$SHOPIFY_GRAPHQL_URL"`,
].join(" ");

/** What to do in that terminal. */
export function helpText(): string[] {
  return [
    "pulumi stack init dev",
    "pulumi up --continue-on-error -s dev",
    "shopify-secrets status",
    `shopify-secrets exec acme -- sh -c '${ASK_SHOPIFY}'`,
    "aws secretsmanager list-secrets",
  ];
}

/** A stack and a store of one's own, beside those of Pulumi.dev.yaml; every value is a throw-away one. */
export function ownStoreLines(controlUrl: string): string[] {
  const { clientId, clientSecret } = DEV_APPS.fulfilment;
  const shop = "mine.myshopify.com";
  const pull = (verb: string, body: object) =>
    `curl -s --noproxy '*' ${controlUrl}/control/${verb} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const settings = [
    "--plaintext aws:region=us-east-1",
    `--plaintext shopify-secrets:apps.fulfilment.clientId=${clientId}`,
    `--secret shopify-secrets:clientSecrets.fulfilment=${clientSecret}`,
    "--plaintext shopify-secrets:stores.mine.kind=client-credentials",
    "--plaintext shopify-secrets:stores.mine.app=fulfilment",
    `--plaintext shopify-secrets:stores.mine.shop=${shop}`,
  ];
  return [
    pull("addShop", { shop }),
    pull("install", { clientId, shop }),
    "pulumi stack init mine",
    `pulumi config set-all -s mine --path ${settings.join(" ")}`,
    "pulumi up --yes --continue-on-error -s mine",
    "shopify-secrets status --prefix shopify/mine",
    `shopify-secrets exec mine --prefix shopify/mine -- sh -c '${ASK_SHOPIFY}'`,
  ];
}

/** A merchant's browser, which finds the world's hosts by their own names; its certificates are throw-away ones. */
export function browserLine(roadUrl: string, folder: string): string {
  const profile = quoted(`${folder}/browser`);
  return `chromium --proxy-server=${roadUrl} --ignore-certificate-errors --user-data-dir=${profile}`;
}

/** How Shopify's levers are pulled. */
export function leverLines(controlUrl: string): string[] {
  return [
    `curl -s --noproxy '*' ${controlUrl}/control`,
    `curl -s --noproxy '*' ${controlUrl}/control/changeShop -H 'content-type: application/json' -d '{"shop":"acme.myshopify.com","state":"frozen"}'`,
  ];
}

/** Single-quoted for a POSIX shell, when it needs to be. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
