import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WORLD_BEGINS } from "../../local/world/begins";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import { blocksOf, type CodeBlock, documents, PROJECT } from "../docs/code-blocks";
import { beginWorld } from "./begin-world";
import { letListsArrive } from "./let-lists-arrive";
import { projectIn, runnable, shell } from "./terminal";

/** Marks of shell blocks: where each is run. */
const RUN_ELSEWHERE = [
  "", // npm ci && npm run demo, npm ci && npm test: whoever runs these tests has just done the second; the first has its own test
  "interactive", // npm run local: has its own test
  "tree", // test/docs/contributing.test.ts
  "repinning", // test/docs/repinning.test.ts
  "merchant", // test/e2e/merchants-way.test.ts
  "python", // test/e2e/languages/package-add.test.ts
  "bounded", // test/e2e/infra/boundary.test.ts
];

/** The blocks marked `world` and `aws` are run as they stand, in order, in a terminal of a world. */
describe("the commands of the docs", () => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = projectIn(world);
    prepareReadme(world, folder);
  });

  afterAll(async () => {
    await world?.stop();
  });

  test("every shell block has a place where it is run", () => {
    const odd = shellBlocks().filter(
      (block) => !isRunHere(block) && !RUN_ELSEWHERE.includes(block.mark),
    );
    expect(odd.map((block) => `${block.file}:${block.line} ${block.mark}`)).toEqual([]);
  });

  test.each(shellBlocks().filter(isRunHere))("$file, line $line", async (block) => {
    const { status, output } = await shell(runnable(block.code), {
      cwd: folder,
      env: { HOME: world.folder, ...world.operatorEnvironment, ...world.clockEnvironment },
    });
    world.letRightsArrive(); // people type the next command a little later
    if (/^pulumi up\b/m.test(block.code)) letListsArrive(world); // else `status` waits for them in real time
    expect(output).not.toMatch(/\berror:/);
    expect(status).toBe(0);
  });
});

test("npm run local moves the clock when told to, into another year too, and ends when its input says quit", () => {
  const said = execFileSync("npm", ["run", "--silent", "local"], {
    cwd: PROJECT,
    env: { ...process.env, [WORLD_BEGINS]: "2026-12-31T21:05:00Z" },
    input: "+8h\nquit\n",
    encoding: "utf8",
  });
  expect(said).toMatch(/^source \/.*\/environment\.sh$/m);
  expect(said).toMatch(/^chromium --proxy-server=http:\/\/127\.0\.0\.1:\d+ /m);
  expect(said).toMatch(/it is now 2027-01-01T0[56]:/);
});

function shellBlocks(): CodeBlock[] {
  return documents()
    .flatMap(blocksOf)
    .filter((block) => block.language === "sh");
}

function isRunHere(block: CodeBlock): boolean {
  return block.mark === "world" || block.mark === "aws";
}

/** Makes the imitation know the app of the README's example, and puts its client secret where the example reads it. */
function prepareReadme(world: World, folder: string): void {
  const { control } = world.shopify.imitation;
  const [, clientId = ""] =
    /clientId' ([0-9a-f]{32})/.exec(
      shellBlocks()
        .map((block) => block.code)
        .join("\n"),
    ) ?? [];
  const { clientSecret } = DEV_APPS.fulfilment;
  control.addApp({ clientId, clientSecret: `${clientSecret}-of-the-readme` });
  control.install({ clientId, shop: "acme.myshopify.com", scopes: ["read_orders"] });
  writeFileSync(join(folder, "client-secret.txt"), `${clientSecret}-of-the-readme`);
}
