import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type ImitationControl,
  leverList,
  pullLever,
  type RemoteControl,
} from "../control/control";
import { readBody } from "./http-carrier";

/**
 * `POST /control/<verb>` with a JSON body; 200 with `{ result }`, 400 with `{ error }`. `GET /control`: the verbs and
 * the fields of their bodies.
 */
export function createControlServer(control: ImitationControl): Server {
  return createServer((incoming, outgoing) => void answer(control, incoming, outgoing));
}

/** The levers of an imitation in another process. */
export function connectControl(address: string): RemoteControl {
  const pull =
    (name: string) =>
    async (args: unknown = {}) => {
      const response = await fetch(new URL(`/control/${name}`, address), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(args),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return result;
    };
  // `then` must stay absent, or awaiting the levers would call the port.
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === "string" && name !== "then" ? pull(name) : undefined) },
  ) as RemoteControl;
}

async function answer(
  control: ImitationControl,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const [status, body] = await pulled(control, incoming);
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}

async function pulled(
  control: ImitationControl,
  incoming: IncomingMessage,
): Promise<[number, unknown]> {
  try {
    if (incoming.method === "GET" && incoming.url === "/control")
      return [200, { verbs: leverList() }];
    // A page in a browser could reach loopback too; it cannot send this content type without asking first.
    if (incoming.method !== "POST" || incoming.headers["content-type"] !== "application/json") {
      return [400, { error: "send POST /control/<verb> with content-type application/json" }];
    }
    const name = /^\/control\/(\w+)$/.exec(incoming.url ?? "")?.[1] ?? "";
    const text = await readBody(incoming);
    const result = await pullLever(control, name, text === "" ? {} : JSON.parse(text));
    return [200, { result: result ?? null }];
  } catch (error) {
    return [400, { error: error instanceof Error ? error.message : "the lever failed" }];
  }
}
