import { withoutSlash } from "../../contract/install";
import type { Host } from "../host";

/** Where the docs are published, such as `https://docs.example.com`; unset: no address is printed. */
const DOCS = "SHOPIFY_SECRETS_DOCS";

/** The address of a code's page on the site that `npm run docs:site` builds; undefined: nobody said where it is. */
export function docsPageOf(code: string, { env }: Pick<Host, "env">): string | undefined {
  const site = env[DOCS] && withoutSlash(env[DOCS]);
  if (site === undefined || !/^https?:\/\/\S+$/.test(site) || code === "") return undefined;
  return `${site}/errors/${code}`;
}
