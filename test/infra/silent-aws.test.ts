import { execFile } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

/** What a Pulumi program does, as far as it looks for deleted secrets; it ends when nothing keeps it any more. */
const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const { parseFleet } = require("./infra/config/parse-fleet");
  const { reading } = require("./test/infra/config/at");
  const { warnOfDeletedSecrets } = require("./infra/deleted-secrets");
  const stores = { heritage: { kind: "custom-app", shop: "heritage.myshopify.com" } };
  const { fleet } = parseFleet({ stores }, reading("shopify/prod"));
  const place = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
  // Five seconds pass as soon as the question has left.
  const { setTimeout: after } = globalThis;
  globalThis.setTimeout = (run, ms, ...rest) => after(run, ms / 10, ...rest);
  warnOfDeletedSecrets(fleet, pulumi.output(place));
`;

test("a program whose courtesy question AWS never answers ends all the same", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const cwd = join(__dirname, "../..");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "-e", PROGRAM],
    { env, cwd },
  );
  expect(stdout).toBe("");
  expect(sockets.length).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});
