import { readFileSync } from "node:fs";
import { Agent, type AgentOptions } from "node:https";
import type { Socket } from "node:net";
import { type ConnectionOptions, connect, rootCertificates } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { Refusal } from "../refusal";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The way to AWS that the environment asks for, as the AWS CLI and Pulumi's engine take it from there and the SDK
 * for JavaScript does not: HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE. Node itself reads NODE_EXTRA_CA_CERTS.
 */
export function agentOf(environment: Environment, connectMs: number): Agent {
  const bundle = environment["AWS_CA_BUNDLE"];
  const trust = bundle ? { ca: [...rootCertificates, readBundle(bundle)] } : {};
  const pool = { keepAlive: true, maxSockets: 50 };
  const proxy = environment["HTTPS_PROXY"] || environment["https_proxy"];
  if (!proxy) return new Agent({ ...pool, ...trust });
  const direct = environment["NO_PROXY"] || environment["no_proxy"] || "";
  return new EnvironmentProxyAgent(proxyUrlOf(proxy), { direct, trust, pool, connectMs });
}

interface Way {
  /** The hosts that are reached without the proxy, as NO_PROXY names them. */
  readonly direct: string;
  readonly trust: { readonly ca?: string[] };
  readonly pool: AgentOptions;
  /** How long the proxy may take to open the way. */
  readonly connectMs: number;
}

/** Goes through the proxy, but for the hosts that are reached without it. */
class EnvironmentProxyAgent extends HttpsProxyAgent<string> {
  readonly #way: Way;

  constructor(proxy: URL, way: Way) {
    super(proxy, { ...way.pool, ...way.trust });
    this.#way = way;
  }

  override async connect(
    ...[request, given]: Parameters<HttpsProxyAgent<string>["connect"]>
  ): Promise<Socket> {
    const { host = "" } = given;
    // What the agent trusts is for the proxy; what it reaches has to be told as well.
    const options = { servername: host, ...given, ...this.#way.trust };
    if (isDirect(host, this.#way.direct)) return connect(options as ConnectionOptions);
    return await this.#open((tunnel) => tunnel.connect(request, options));
  }

  /** A proxy that is silent would keep its connection, and with it the process, although nobody waits any more. */
  async #open(run: (tunnel: HttpsProxyAgent<string>) => Promise<Socket>): Promise<Socket> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#way.connectMs);
    const { signal } = abort;
    try {
      return await run(new HttpsProxyAgent(this.proxy, { ...this.#way.trust, signal } as object));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw Object.assign(new Error("the proxy is silent"), { code: "ETIMEDOUT" });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether NO_PROXY names a host: by itself, by a domain that it is under, or by `*`. */
export function isDirect(host: string, noProxy: string): boolean {
  return noProxy
    .split(/[\s,]+/)
    .map((entry) =>
      entry
        .replace(/^\*?\./, "")
        .replace(/:\d+$/, "")
        .toLowerCase(),
    )
    .some(
      (entry) => entry === "*" || (entry !== "" && `.${host.toLowerCase()}`.endsWith(`.${entry}`)),
    );
}

function proxyUrlOf(text: string): URL {
  const address = text.includes("://") ? text : `http://${text}`;
  // What it says may hold a password.
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Refusal(
      "HTTPS_PROXY is not the address of a proxy",
      "set it to http://host:port, or unset it",
    );
  }
  return new URL(address);
}

function readBundle(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Refusal(
      `AWS_CA_BUNDLE names no readable file (${file})`,
      "name the file with the certificates of your network, or unset it",
    );
  }
}
