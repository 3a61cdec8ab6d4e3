// undici's front door loads everything it has; the one dispatcher that we use halves the bundle's load time.
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";
  // biome-ignore lint/style/noDefaultExport: this is how undici exports it
  export default Client;
}
