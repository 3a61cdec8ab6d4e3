import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { browserLine, helpText, leverLines, ownStoreLines } from "../../../local/serve/guide";
import { openTerminal, type Terminal } from "../../../local/serve/terminal";
import { CONTROL_VERBS } from "../../../local/shopify/control/control";
import { type ServedShopify, serveShopify } from "../../../local/shopify/serve/server";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import { ROAD_HOSTS } from "../../../local/world/road";
import { CLIENT_ID, FIRST_SECRET, SHOP, START } from "../shopify/arrange";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "terminal of a world "));
let shopify: ServedShopify;
let aws: Server;
let terminal: Terminal;
let token: string;

beforeAll(async () => {
  shopify = await serveShopify({
    now: () => START,
    directory: folder,
    otherHosts: ROAD_HOSTS.slice(1),
  });
  const { control } = shopify.imitation;
  control.addApp({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET, scopes: ["read_products"] });
  control.addShop({ shop: SHOP });
  token = control.issueToken({ clientId: CLIENT_ID, shop: SHOP, kind: "offline" }).accessToken;
  aws = createServer((incoming: IncomingMessage, outgoing) => {
    outgoing.end(`${incoming.headers.host} ${incoming.url}`);
  });
  await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
  const world = {
    folder,
    shopify,
    front: { url } as never,
    operatorEnvironment: { AWS_ENDPOINT_URL: url, AWS_DEFAULT_REGION: "us-east-1" },
  };
  terminal = await openTerminal(world, process.env);
});

afterAll(async () => {
  await terminal.road.close();
  await shopify.close();
  await new Promise((resolve) => aws.close(resolve));
  rmSync(folder, { recursive: true });
});

/** What a program says in a shell that has sourced the file. */
async function say(script: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, TOKEN: token, SHOP };
  const { stdout } = await run("bash", ["-euc", `source '${terminal.file}'\n${script}`], { env });
  return stdout.trim();
}

const QUERY = `https://${SHOP}/admin/api/2026-10/graphql.json`;
const BODY = '{"query":"{ shop { name } }"}';

test.each([
  [
    "Node",
    `node -e 'fetch("${QUERY}", { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": process.env.TOKEN }, body: process.argv[1] }).then((r) => r.text()).then(console.log)' '${BODY}'`,
  ],
  [
    "Python",
    `python3 -c 'import os, sys, urllib.request as u; print(u.urlopen(u.Request("${QUERY}", data=sys.argv[1].encode(), headers={"content-type": "application/json", "x-shopify-access-token": os.environ["TOKEN"]})).read().decode())' '${BODY}'`,
  ],
  [
    "curl",
    `curl -sS -H "x-shopify-access-token: $TOKEN" -H 'content-type: application/json' -d '${BODY}' '${QUERY}'`,
  ],
])("%s reaches Shopify by its own name, and checks its certificate", async (_name, script) => {
  expect(JSON.parse(await say(script))).toMatchObject({
    data: { shop: { name: expect.any(String) } },
  });
});

test("an install link opens here", async () => {
  const link = "https://abc123.execute-api.us-east-1.amazonaws.com/install/acme";
  // Behind the road it goes by the name that the emulator routes by.
  expect(await say(`curl -sS ${link}`)).toMatch(
    /^abc123\.execute-api\.localhost:\d+ \/install\/acme$/,
  );
});

test("a host of elsewhere is reached as it is", async () => {
  const { port } = aws.address() as AddressInfo;
  const said = await say(
    `curl -sS --proxytunnel --noproxy '' --proxy "$HTTPS_PROXY" http://127.0.0.1:${port}/x`,
  );
  expect(said).toBe(`127.0.0.1:${port} /x`);
});

test("the regions of the AWS CLI and of boto3 are set", async () => {
  expect(await say("printf %s $AWS_DEFAULT_REGION")).toBe("us-east-1");
});

test("every line that is printed can be pasted", async () => {
  const lines = [
    ...helpText(),
    browserLine(terminal.road.url, folder),
    ...leverLines("http://x"),
    ...ownStoreLines("http://x"),
  ];
  for (const line of lines) await run("bash", ["-n", "-c", line]);
});

test("the program that exec is to run asks Shopify", async () => {
  const line = helpText().find((one) => one.includes(" exec ")) ?? "";
  const set = `export SHOPIFY_ACCESS_TOKEN="$TOKEN" SHOPIFY_GRAPHQL_URL='${QUERY}'`;
  const said = await say(`${set}\n${line.replace(/^shopify-secrets exec acme -- /, "")}`);
  expect(JSON.parse(said)).toMatchObject({ data: { shop: { name: expect.any(String) } } });
});

test("the levers that are printed exist, and the list knows them all", async () => {
  const [list = "", pull = ""] = leverLines(shopify.controlUrl);
  const { verbs } = JSON.parse(await say(list)) as { verbs: Record<string, string[]> };
  expect(Object.keys(verbs)).toEqual(Object.keys(CONTROL_VERBS));
  expect(verbs["issueToken"]).toEqual(expect.arrayContaining(["clientId", "shop", "scopes?"]));
  expect(JSON.parse(await say(pull))).toEqual({ result: null });
});

test("a store of one's own is known to Shopify after the lines that are printed for it, and its app is installed", async () => {
  shopify.imitation.control.addApp(DEV_APPS.fulfilment);
  const [addShop = "", install = "", ...others] = ownStoreLines(shopify.controlUrl);
  expect(JSON.parse(await say(addShop))).toEqual({ result: null });
  expect(JSON.parse(await say(install))).toEqual({ result: null });
  expect(others.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "pulumi stack",
    "pulumi config",
    "pulumi up",
    "shopify-secrets status",
    "shopify-secrets exec",
  ]);
});

test("the page of the local world knows every lever, and no other", () => {
  const page = readFileSync(join(__dirname, "../../../docs/local-world.md"), "utf8");
  const table = page.split("## Shopify's levers")[1] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)]);
  expect(named.map(([, name]) => name).sort()).toEqual(Object.keys(CONTROL_VERBS).sort());
});
