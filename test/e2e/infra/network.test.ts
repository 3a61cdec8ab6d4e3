import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { GuardedNetwork } from "../guarded-network";
import { NODE_VERSIONS, nodeOf } from "../reader/other-nodes";

const PROJECT = join(__dirname, "../../..");
const HOST = "secretsmanager.eu-west-1.amazonaws.com";

/** What a Pulumi program asks AWS itself, in a process of its own: Node reads its authorities at its start. */
const PROGRAM = `
  const { inTime, listEveryStore } = require("./infra/store-list");
  const place = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
  inTime((signal) => listEveryStore(place, signal)).then((stores) => console.log(JSON.stringify(stores ?? null)));
`;
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

let network: GuardedNetwork;

beforeEach(async () => {
  network = await GuardedNetwork.start([HOST, "localhost"], '{"SecretList":[]}');
});

afterEach(() => network.stop());

type Environment = Readonly<Record<string, string>>;

async function run(node: string, args: readonly string[], env: Environment) {
  // Nothing of the machine's own network.
  const { PATH = "" } = process.env;
  const options = { cwd: PROJECT, env: { PATH, ...CREDENTIALS, ...env } };
  try {
    return { ...(await promisify(execFile)(node, [...args], options)), code: 0 };
  } catch (error) {
    return error as { stdout: string; stderr: string; code: number };
  }
}

/** What the program was answered: `[]`, or `null` where it asked in vain. */
async function programAsks(node: string, env: Environment): Promise<string> {
  const { stdout, stderr } = await run(node, ["--import", "tsx", "-e", PROGRAM], env);
  expect(stderr).toBe("");
  return stdout.trim();
}

const commandAsks = (env: Environment) =>
  run(
    process.execPath,
    ["dist/cli/main.js", "status", "--prefix", "shopify/dev", "--region", "eu-west-1"],
    env,
  );

/** Past the proxy, as to a host of the company's own. */
const direct = () => ({
  AWS_ENDPOINT_URL: `https://localhost:${network.servicePort}`,
  NO_PROXY: "example.com,localhost",
});

// Node itself leads through a proxy from 22.21 and 24.5 on.
describe.each(NODE_VERSIONS.filter((version) => Number(version.split(".")[0]) >= 22))(
  "the program on Node %s",
  (version) => {
    let node: string;

    beforeAll(async () => {
      node = await nodeOf(version);
    });

    test.each(["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])(
      "goes through HTTPS_PROXY, and trusts whom %s names",
      async (trust) => {
        const env = { HTTPS_PROXY: network.proxyUrl, [trust]: network.authorityFile };
        expect(await programAsks(node, env)).toBe("[]");
        expect(network.tunnels).toEqual([`${HOST}:443`]);
      },
    );

    test("takes proxy and authority of the provider's own config before those of the environment", async () => {
      const PULUMI_CONFIG = JSON.stringify({
        "aws:httpsProxy": network.proxyUrl,
        "aws:customCaBundle": network.authorityFile,
      });
      const env = { HTTPS_PROXY: "http://127.0.0.1:9", AWS_CA_BUNDLE: "/nowhere.pem" };
      expect(await programAsks(node, { ...env, PULUMI_CONFIG })).toBe("[]");
      expect(network.tunnels).toEqual([`${HOST}:443`]);
    });
  },
);

describe("on the machine's own Node", () => {
  const withBoth = () => ({ HTTPS_PROXY: network.proxyUrl, AWS_CA_BUNDLE: network.authorityFile });

  test("the program goes past the proxy where NO_PROXY says so", async () => {
    expect(await programAsks(process.execPath, { ...withBoth(), ...direct() })).toBe("[]");
    expect(network.tunnels).toEqual([]);
  });

  test.each([
    ["nobody named", {}],
    ["a file that is not there names", { AWS_CA_BUNDLE: "/nowhere.pem" }],
  ])("the program trusts no authority that %s, and goes on without an answer", async (_, env) => {
    expect(await programAsks(process.execPath, { ...direct(), ...env })).toBe("null");
  });

  test.each(["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])(
    "the command goes through HTTPS_PROXY, and trusts whom %s names",
    async (trust) => {
      const env = { HTTPS_PROXY: network.proxyUrl, [trust]: network.authorityFile };
      expect(await commandAsks(env)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining("there are no stores under shopify/dev"),
      });
      // It asks Lambda too, in vain: this network has one service.
      expect(network.tunnels).toContain(`${HOST}:443`);
    },
  );

  test("the command goes past the proxy where NO_PROXY says so", async () => {
    expect((await commandAsks({ ...withBoth(), ...direct() })).code).toBe(3);
    expect(network.tunnels).toEqual([]);
  });

  test("the command says what to set where it trusts nobody", async () => {
    expect((await commandAsks(direct())).stderr).toContain("NODE_EXTRA_CA_CERTS");
  });
});
