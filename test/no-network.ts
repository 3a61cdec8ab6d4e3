import * as net from "node:net";

// Unit tests reach no network: only the loopback of this machine answers. A test that tries anything else fails
// with the name that it asked for, instead of depending on what is out there.
const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function guarded(
  this: net.Socket,
  ...args: Parameters<typeof connect>
) {
  const host = hostOf(args);
  if (host !== undefined && !LOOPBACK.has(host)) {
    throw new Error(`unit tests reach no network, but one asked for ${host}`);
  }
  return connect.apply(this, args);
} as typeof connect;

/** The host of any of the forms that `connect` takes; undefined for a path. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === "object" && first !== null) {
    const options = first as { host?: string; path?: string };
    return options.path === undefined ? (options.host ?? "localhost") : undefined;
  }
  if (typeof first === "number") return typeof second === "string" ? second : "localhost";
  return undefined;
}
