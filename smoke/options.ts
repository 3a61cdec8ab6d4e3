import { parseArgs } from "node:util";
import { isShopDomain } from "../contract/brands";
import { Sealed } from "../contract/sealed";
import type { SigningApp } from "./signing/signing-checks";
import type { RealStore } from "./stack-project";

/** What the user asked for. */
export interface Options {
  readonly region: string;
  readonly store: RealStore | undefined;
  /** Whether the question before the start is answered already. */
  readonly isAgreed: boolean;
}

export const USAGE = `npm run smoke -- --region <region> [--shop <handle>.myshopify.com] [--yes]
npm run smoke -- --shop <handle>.myshopify.com --signing-key

Deploys a throw-away stack to the AWS account of your credentials, checks what this project assumes of
AWS (and with --shop of Shopify), and deletes everything again. docs/assumptions.md says more.

--region  an AWS region, such as eu-west-1
--shop    a development store with an app installed, whose credentials are in the environment:
          SHOPIFY_SMOKE_CLIENT_ID and SHOPIFY_SMOKE_CLIENT_SECRET
--yes     asks nothing

--signing-key  tries an app that signs (docs/signing.md) in a minute, and nothing else: it needs no AWS account, asks for
               its key to be pasted and revoked, and prints no secret. SHOPIFY_SMOKE_CLIENT_ID names the app;
               with SHOPIFY_SMOKE_CLIENT_SECRET it tries what the client secret is still good for`;

/** Reads the command line; a text is what is wrong with it. */
export function parseOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | SigningApp | string {
  const parsed = valuesOf(argv);
  if (typeof parsed === "string") return parsed;
  const { region, shop, yes } = parsed;
  if (parsed["signing-key"] === true) return signingAppOf({ region, shop }, environment);
  if (region === undefined || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return "--region is missing";
  const isAgreed = yes === true;
  if (shop === undefined) return { region, store: undefined, isAgreed };
  const store = storeOf(shop, environment);
  return typeof store === "string" ? store : { region, store, isAgreed };
}

const FLAG = { type: "boolean" } as const;

function valuesOf(argv: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const options = { region: text, shop: text, yes: FLAG, "signing-key": FLAG } as const;
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    const { message = "the options cannot be read" } = error as { readonly message?: string };
    return message;
  }
}

function signingAppOf(
  { region, shop }: { readonly region: string | undefined; readonly shop: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): SigningApp | string {
  if (region !== undefined) return "--signing-key needs no AWS account: leave --region out";
  if (!isShopDomain(shop)) return "--shop is not <handle>.myshopify.com";
  const clientId = environment["SHOPIFY_SMOKE_CLIENT_ID"] ?? "";
  const clientSecret = environment["SHOPIFY_SMOKE_CLIENT_SECRET"] ?? "";
  if (clientId === "") return "SHOPIFY_SMOKE_CLIENT_ID is not set";
  return {
    shop,
    clientId,
    clientSecret: clientSecret === "" ? undefined : Sealed.of(clientSecret),
  };
}

function storeOf(
  shop: string,
  environment: Readonly<Record<string, string | undefined>>,
): RealStore | string {
  if (!isShopDomain(shop)) return "--shop is not <handle>.myshopify.com";
  const clientId = environment["SHOPIFY_SMOKE_CLIENT_ID"] ?? "";
  const clientSecret = environment["SHOPIFY_SMOKE_CLIENT_SECRET"] ?? "";
  if (clientId === "" || clientSecret === "") {
    return "SHOPIFY_SMOKE_CLIENT_ID and SHOPIFY_SMOKE_CLIENT_SECRET are not set";
  }
  return { shop, clientId, clientSecret: Sealed.of(clientSecret) };
}
