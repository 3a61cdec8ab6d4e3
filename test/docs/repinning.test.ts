import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServedShopify, serveShopify } from "../../local/shopify/serve/server";
import { blocksOf } from "./code-blocks";

const BLOCK = blocksOf("docs/operators.md").find(({ mark }) => mark === "repinning")?.code ?? "";
const [, CLIENT_ID = ""] = /CLIENT_ID=(\w+)/.exec(BLOCK) ?? [];
const SHOP = "partner.myshopify.com";
const [OLD_SECRET, NEW_SECRET] = ["shpss_old", "shpss_new"] as const;
const NOW = Date.UTC(2026, 10, 23, 12);

/** What is typed at a terminal, where `npx shopify-secrets` runs `exec` and `put` against a file. */
const NPX = `#!/bin/bash
verb=$2
if [ "$verb" = put ]; then cat > "$PUT_INTO"; exit; fi
shift 4
exec "$@"
`;

describe("a static token onto the new client secret, as docs/operators.md says", () => {
  let folder: string;
  let served: ServedShopify;
  let accessToken: string;
  let putInto: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "repinning-"));
    putInto = join(folder, "put");
    served = await serveShopify({ now: () => NOW, directory: folder });
    const { control } = served.imitation;
    control.addApp({ clientId: CLIENT_ID, clientSecret: OLD_SECRET, scopes: ["read_products"] });
    control.addShop({ shop: SHOP });
    control.install({ clientId: CLIENT_ID, shop: SHOP });
    accessToken = control.issueToken({
      clientId: CLIENT_ID,
      shop: SHOP,
      kind: "offline",
    }).accessToken;
    control.addClientSecret({ clientId: CLIENT_ID, clientSecret: NEW_SECRET });
    writeFileSync(join(folder, "npx"), NPX, { mode: 0o755 });
    // curl goes to Shopify by its own name, and ends at the imitation.
    writeFileSync(join(folder, ".curlrc"), `connect-to = "::127.0.0.1:${served.port}"\ninsecure\n`);
  });

  afterEach(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });

  /** Pastes the block and types the two secrets; not blocking, because Shopify answers in this very process. */
  async function paste(refreshToken: string, clientSecret: string = NEW_SECRET): Promise<number> {
    const child = spawn("bash", ["-eo", "pipefail", "-c", BLOCK], {
      stdio: ["pipe", "ignore", "ignore"],
      env: {
        PATH: `${folder}:${process.env["PATH"]}`,
        HOME: folder,
        CURL_HOME: folder,
        SHOPIFY_SHOP: SHOP,
        SHOPIFY_ACCESS_TOKEN: accessToken,
        PUT_INTO: putInto,
      },
    });
    child.stdin.end(`${clientSecret}\n${refreshToken}\n`);
    return await new Promise((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  }

  const isAlive = (token: string) =>
    served.imitation.control.tokenLife({ accessToken: token }).death === null;

  test("what is put outlives the old client secret, and the old token until then", async () => {
    const { control } = served.imitation;
    expect(await paste(control.repinningToken({ clientId: CLIENT_ID }).refreshToken)).toBe(0);
    const fresh = readPut();
    expect(fresh).not.toBe(accessToken);
    expect([isAlive(accessToken), isAlive(fresh)]).toEqual([true, true]);
    control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: OLD_SECRET });
    expect([isAlive(accessToken), isAlive(fresh)]).toEqual([false, true]);
  });

  test("where Shopify does not do it any more, the block fails and the old token is as it was", async () => {
    const { refreshToken } = served.imitation.control.repinningToken({ clientId: CLIENT_ID });
    served.imitation.control.setSwitch({ name: "repinning", position: "gone" });
    expect(await paste(refreshToken)).not.toBe(0);
    expect([readPut(), isAlive(accessToken)]).toEqual(["", true]);
  });

  test("a refresh token that is none is refused", async () => {
    expect(await paste("shprt_made_up")).not.toBe(0);
    expect(readPut()).toBe("");
  });

  function readPut(): string {
    return existsSync(putInto) ? readFileSync(putInto, "utf8").trim() : "";
  }
});
