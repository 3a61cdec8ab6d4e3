import { inspect } from "node:util";
import { fieldsOfError } from "../../lambda/log";
import { publicErrorOf } from "../../lambda/runtime";
import { SecretsManagerModel } from "../../local/secrets-manager";
import { ShopifyImitation } from "../../local/shopify/core";
import { Canaries } from "./leaks";

/** Fields of requests, replies and stored values that are secret, by their names on the wire. */
const SECRET_FIELDS = [
  "access_token",
  "assertion",
  "client_assertion",
  "client_secret",
  "code",
  "previous_client_secret",
  "refresh_token",
  "subject_token",
];

/**
 * Watches every secret that enters: all that Shopify hands out or is shown, and all that is stored, in
 * whatever world of this process; and collects everything that leaves, requests included, but for the
 * fields that secrets belong in.
 */
export class Watch {
  readonly canaries = new Canaries();
  readonly #left: { readonly where: string; readonly text: string }[] = [];

  constructor() {
    this.#listenAtShopify();
    this.#listenAtSecretsManager();
  }

  #listenAtShopify(): void {
    const { handle } = ShopifyImitation.prototype;
    const noteAll = (text: string) => this.#note(text);
    const leave = (what: unknown) =>
      this.leave("a request to Shopify, but its body and its token", what);
    jest.spyOn(ShopifyImitation.prototype, "handle").mockImplementation(async function (
      this: ShopifyImitation,
      request,
    ) {
      const { body, headers, ...line } = request;
      const { "x-shopify-access-token": _belongs, ...others } = headers;
      leave({ ...line, headers: others });
      noteAll(body);
      const reply = await handle.call(this, request);
      if (reply.drop !== true) noteAll(reply.body);
      return reply;
    });
  }

  #listenAtSecretsManager(): void {
    const { handle } = SecretsManagerModel.prototype;
    const noteAll = (text: string) => this.#note(text);
    const leave = (what: unknown) => this.leave("a request to AWS, but its value", what);
    jest.spyOn(SecretsManagerModel.prototype, "handle").mockImplementation(async function (
      this: SecretsManagerModel,
      operation,
      input,
    ) {
      const { SecretString, RotationToken, ...others } = input as Readonly<Record<string, string>>;
      leave({ operation, ...others });
      if (SecretString !== undefined) noteAll(SecretString);
      return handle.call(this, operation, input);
    });
  }

  /** Watches the secret fields of a JSON object or of a form. */
  #note(text: string): void {
    const fields = fieldsIn(text);
    for (const name of SECRET_FIELDS) {
      const value = fields[name];
      if (typeof value === "string") this.canaries.add(name, value);
    }
  }

  /** Something left: a line, a result, an error, anything. */
  leave(where: string, what: unknown): void {
    const text = typeof what === "string" ? what : `${JSON.stringify(what)}\n${shown(what)}`;
    this.#left.push({ where, text });
  }

  /** An error left a function: what Lambda and the log show of it. */
  leaveFailure(where: string, error: unknown): void {
    const fields = fieldsOfError(error);
    this.leave(where, { fields });
    const out = publicErrorOf(error);
    this.leave(where, `${out.name} ${out.message} ${out.stack}\n${shown(out)}`);
  }

  /** How much left. */
  get leftings(): number {
    return this.#left.length;
  }

  /** The secrets that were found in what left, by name and place. */
  found(): string[] {
    const found = this.#left.flatMap(({ where, text }) =>
      this.canaries.findIn(text).map((name) => `${name} in ${where}`),
    );
    return [...new Set(found)];
  }
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}

/** What a debugger, a crash or a careless log line would show. */
function shown(what: unknown): string {
  return inspect(what, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
}
