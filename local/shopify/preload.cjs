"use strict";
// Loaded with --require into client processes: sends every TLS connection for *.myshopify.com to the imitation's
// loopback port. The server name stays, so certificate and host checks stay on. Other hosts are left alone.
const { syncBuiltinESMExports } = require("node:module");
const tls = require("node:tls");

const SHOP_HOST = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i;
const port = Number(process.env.LOCAL_SHOPIFY_PORT);

if (Number.isInteger(port) && port > 0) {
  const connect = tls.connect;

  tls.connect = function connectToImitation(...args) {
    const [options, ...rest] = normalized(args);
    const host = options.servername || options.host || "";
    const isElsewhere = options.socket !== undefined && options.socket !== null; // already connected, by a proxy
    if (isElsewhere || !SHOP_HOST.test(host)) return connect.apply(this, args);
    return connect.call(this, { ...options, host: "127.0.0.1", port, servername: host }, ...rest);
  };

  syncBuiltinESMExports();
}

/** `tls.connect` takes (options), (port, host, options) or (port, options), each with an optional listener. */
function normalized(args) {
  const options = {};
  const rest = [];
  for (const [index, arg] of args.entries()) {
    if (typeof arg === "function") rest.push(arg);
    else if (typeof arg === "object" && arg !== null) Object.assign(options, arg);
    else if (index === 0 && arg !== undefined) options.port = Number(arg);
    else if (typeof arg === "string") options.host = arg;
  }
  return [options, ...rest];
}
