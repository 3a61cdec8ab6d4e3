import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServedShopify, serveShopify } from "../../local/shopify/serve/server";
import type { Switches } from "../../local/shopify/switches";
import { SIGNING_ASSUMPTIONS } from "../../smoke/catalogue";

const PROJECT = join(__dirname, "../..");
const SHOP = "acme.myshopify.com";
const CLIENT_ID = "client-id-of-reach";
const CLIENT_SECRET = "shpss_00000000000000000000000000c0ffee";
const EVERY_NAME = Object.values(SIGNING_ASSUMPTIONS).map(({ name }) => name);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** `npm run smoke -- --signing-key` before an imitation of Shopify, with the person who pastes and revokes. */
describe("the smoke run of an app that signs", () => {
  let folder: string;
  let shopify: ServedShopify | undefined;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "smoke-signing-"));
  });

  afterEach(async () => {
    child?.kill("SIGKILL");
    await shopify?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function runWith(
    switches: Partial<Switches>,
    distribution: "public" | "custom" = "public",
  ): Promise<Ended> {
    shopify = await serveShopify({ now: () => Date.now(), directory: folder, switches });
    const { control } = shopify.imitation;
    control.addApp({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      distribution,
      scopes: ["read_orders"],
    });
    control.addShop({
      shop: SHOP,
      ...(distribution === "public" ? { organization: "org-of-a-merchant" } : {}),
    });
    control.install({ clientId: CLIENT_ID, shop: SHOP });
    return await typed(shopify);
  }

  /** Pastes what is printed, and revokes it when asked to. */
  async function typed({ clientEnvironment, imitation }: ServedShopify): Promise<Ended> {
    const running = spawn(
      process.execPath,
      [
        join(PROJECT, "node_modules/tsx/dist/cli.mjs"),
        "smoke/main.ts",
        "--shop",
        SHOP,
        "--signing-key",
      ],
      {
        cwd: PROJECT,
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          ...clientEnvironment,
          SHOPIFY_SMOKE_CLIENT_ID: CLIENT_ID,
          SHOPIFY_SMOKE_CLIENT_SECRET: CLIENT_SECRET,
        },
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    child = running;
    let output = "";
    let jwk: { readonly kid: string } | undefined;
    let isRevoked = false;
    for (const stream of [running.stdout, running.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
        const [line] = /^\{"kty".*\}$/m.exec(output) ?? [];
        if (jwk === undefined && line !== undefined && output.includes("Then press Enter.")) {
          jwk = JSON.parse(line) as { readonly kid: string };
          imitation.control.pasteKey({ clientId: CLIENT_ID, jwk });
          running.stdin.write("\n");
        }
        if (jwk !== undefined && !isRevoked && output.includes("Revoke the key")) {
          isRevoked = true;
          imitation.control.revokeKey({ clientId: CLIENT_ID, kid: jwk.kid });
          running.stdin.write("\n");
        }
      });
    }
    const code = await new Promise<number | null>((resolve) => running.once("close", resolve));
    return { code, output };
  }

  const verdicts = ({ output }: Ended, verdict: string): string[] =>
    [...output.matchAll(new RegExp(`^ +${verdict} +([a-z0-9-]+): `, "gm"))].map(
      ([, name = ""]) => name,
    );

  test("finds a public app as assumed, says what it saw, and prints no secret", async () => {
    const ended = await runWith({});
    expect(verdicts(ended, "(?:FAILS|differs)")).toEqual([]);
    expect(verdicts(ended, "holds").sort()).toEqual([...EVERY_NAME].sort());
    expect(ended.output).toContain("saw:   a token (expires_in 3600)");
    expect(ended.output).not.toMatch(/shp[a-z]{2}_\w/);
    // A JWT, or the private half of the key.
    expect(ended.output).not.toMatch(/eyJ[\w-]{10}|"[dpq]":|PRIVATE KEY/);
    expect(ended.output).not.toContain(SHOP);
    expect(ended.code).toBe(0);
  });

  test("names what differs: a client secret of the own organization that gets tokens still, tokens that end with their key", async () => {
    const ended = await runWith({ revokedKey: "tokens-die" }, "custom");
    expect(verdicts(ended, "FAILS")).toEqual([]);
    expect(verdicts(ended, "differs").sort()).toEqual([
      "client-secret-gets-no-token",
      "token-outlives-its-key",
    ]);
    expect(ended.output).toContain("expires_in 86399");
    expect(ended.code).toBe(0);
  });

  test.each([
    [{ assertionAudience: "shop" }, "addressed to the shop"],
    [{ assertionGrant: "jwt-bearer" }, "as the grant itself (jwt-bearer)"],
  ] as const)(
    "with %j no token is granted, and the form that is taken is told",
    async (switches, form) => {
      const ended = await runWith(switches);
      expect(verdicts(ended, "FAILS")).toContain("assertion-is-granted");
      expect(ended.output).toContain(`taken: ${form}`);
      expect(ended.code).toBe(1);
    },
  );
});
