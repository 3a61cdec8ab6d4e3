import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { openRoad, type Road } from "../world/road";
import type { World } from "../world/world";
import { exportsOf } from "./guide";

/** What moves a terminal into a world: one file to source, for every language. */
export interface Terminal {
  readonly file: string;
  readonly road: Road;
}

/** Writes the file that a terminal sources, and opens the road that it sets. */
export async function openTerminal(
  world: Pick<World, "folder" | "front" | "shopify" | "operatorEnvironment">,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<Terminal> {
  const { folder, front, shopify } = world;
  const road = await openRoad({
    shopifyPort: shopify.port,
    frontUrl: front.url,
    certificate: shopify.certificate,
  });
  const bundle = join(folder, "authorities.pem");
  const authorities = [...rootCertificates, readFileSync(shopify.authorityPath, "utf8")];
  writeFileSync(bundle, authorities.join("\n"));
  const environment = {
    ...world.operatorEnvironment,
    ...shopify.clientEnvironment,
    NODE_OPTIONS: joined(inherited["NODE_OPTIONS"], shopify.clientEnvironment["NODE_OPTIONS"]),
    ...roadEnvironment(road.url, bundle),
    // Where Shopify's levers are pulled.
    SHOPIFY_LEVERS: `${shopify.controlUrl}/control`,
  };
  const file = join(folder, "environment.sh");
  const lines = exportsOf(environment, inherited["PATH"] ?? "");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return { file, road };
}

/** Node goes to Shopify by the preload; everything else by the road, with the world's authority beside the public ones. */
function roadEnvironment(url: string, bundle: string): Record<string, string> {
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
  };
}

function joined(before: string | undefined, ours: string | undefined): string {
  return [before, ours].filter((part) => part !== undefined && part !== "").join(" ");
}
