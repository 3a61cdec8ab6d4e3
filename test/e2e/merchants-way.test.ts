import { openTerminal, type Terminal } from "../../local/serve/terminal";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import { blocksOf } from "../docs/code-blocks";
import { beginWorld } from "./begin-world";
import { letListsArrive } from "./let-lists-arrive";
import { projectIn, shell } from "./terminal";

const PAGE = "docs/local-world.md";
const { clientId } = DEV_APPS.catalog;

/** The blocks marked `merchant` are pasted, in order, into one terminal that has sourced what `npm run local` prints. */
describe("a merchant's way in the local world, as its page says it", () => {
  let world: World;
  let terminal: Terminal;
  let folder: string;
  const pasted: string[] = [];

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = projectIn(world);
    terminal = await openTerminal(world, process.env);
  });

  afterAll(async () => {
    await terminal?.road.close();
    await world?.stop();
  });

  /** Runs in a terminal that has sourced the file, and in which the functions of the blocks before are defined. */
  async function type(code: string): Promise<string> {
    // As in a terminal of `npm run local`, this machine's clock stays where it is.
    const env = { PATH: process.env["PATH"] ?? "", HOME: world.folder };
    const script = `source '${terminal.file}'\n${pasted.join("\n")}\n${code}`;
    const { status, output } = await shell(script, { cwd: folder, env });
    world.letRightsArrive();
    expect({ status, output }).toEqual({ status: 0, output });
    expect(output).not.toMatch(/\berror:/);
    return output;
  }

  const [deploy, register, byLink, byHimself] = blocksOf(PAGE)
    .filter((block) => block.mark === "merchant")
    .map((block) => block.code);

  /** The functions that a block defines, which the terminal of whoever pastes keeps. */
  const keepFunctions = (code: string) => {
    const defined = code.match(/^\w+\(\) \{(?:.*\}$|[\s\S]*?^\})/gm);
    pasted.push(...(defined ?? []));
  };

  test("the stack comes up with one address everywhere", async () => {
    await type(deploy ?? "");
    letListsArrive(world);
    const said = await type(
      "pulumi stack output -s merchants --json; shopify-secrets install-link mike --prefix shopify/merchants",
    );
    const bases = said.match(/https?:\/\/[^/"]*execute-api[^/"\s]*/g) ?? [];
    expect(bases).toHaveLength(4);
    expect(new Set(bases)).toEqual(
      new Set([expect.stringMatching(/^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com$/)]),
    );
  });

  test("the app is told its addresses", async () => {
    const said = await type(register ?? "");
    expect(said).not.toContain("error");
    keepFunctions(register ?? "");
  });

  test("a merchant opens the link of install-link and approves: the store is connected", async () => {
    expect(await type(byLink ?? "")).toContain("mike.myshopify.com is connected");
    keepFunctions(byLink ?? "");
  });

  test("a merchant of an open app comes by himself, and status names the store", async () => {
    const said = await type(byHimself ?? "");
    expect(said).toContain("wholegrain.myshopify.com is connected");
    letListsArrive(world);
    const table = await type("shopify-secrets status --prefix shopify/merchants");
    expect(table).toMatch(/^ *mike .* ok /m);
    expect(table).toMatch(/^ *wholegrain .* ok /m);
  });

  test("the address that openApp gives leads to the same endpoint", async () => {
    const { url } = world.shopify.imitation.control.openApp({
      clientId,
      shop: "wholegrain.myshopify.com",
    });
    expect(await type(`curl -sSL '${url}'`)).toContain(
      "wholegrain.myshopify.com does not need you",
    );
  });

  test("the webhook of an uninstall finds the endpoint by that address", async () => {
    const { control } = world.shopify.imitation;
    control.uninstall({ clientId, shop: "wholegrain.myshopify.com" });
    await control.runDue();
    const delivered = control.webhooks().filter(({ topic }) => topic === "app/uninstalled");
    expect(delivered).toMatchObject([{ state: "delivered", attempts: [{ result: 200 }] }]);
    letListsArrive(world);
    expect(await type("shopify-secrets status --prefix shopify/merchants || true")).toMatch(
      /wholegrain .*uninstalled/,
    );
  });
});
