import { readFileSync } from "node:fs";
import { Agent, type AgentOptions } from "node:https";
import { rootCertificates } from "node:tls";
import * as pulumi from "@pulumi/pulumi";

/**
 * The way to AWS that the provider takes too: the proxy and the authority of its own config, or else of the
 * environment (HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE). The SDK for JavaScript takes neither by itself, Node the proxy
 * from 22.21 and 24.5 on, and NODE_EXTRA_CA_CERTS always.
 */
export function agentOfProvider(environment: NodeJS.ProcessEnv = process.env): Agent {
  const provider = new pulumi.Config("aws");
  const proxy = provider.get("httpsProxy") ?? provider.get("httpProxy");
  const direct = provider.get("noProxy");
  const bundle = provider.get("customCaBundle") ?? environment["AWS_CA_BUNDLE"];
  const options: AgentOptions & { readonly proxyEnv: NodeJS.ProcessEnv } = {
    proxyEnv: {
      ...environment,
      ...(proxy === undefined ? {} : { HTTPS_PROXY: proxy, https_proxy: proxy }),
      ...(direct === undefined ? {} : { NO_PROXY: direct, no_proxy: direct }),
    },
    ...(bundle ? { ca: [...rootCertificates, readFileSync(bundle, "utf8")] } : {}),
  };
  return new Agent(options);
}
