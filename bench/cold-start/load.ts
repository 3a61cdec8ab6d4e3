import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AS_IT_COMES, bundle, entryPoints, sizeOf } from "../../scripts/build-bundles";
import { ROOT } from "../part";
import { type Spread, spreadOf } from "../spread";

/** One bundle's size and the time that Node takes to load it in a fresh process. */
export interface BundleLoad {
  readonly title: string;
  readonly rawBytes: number;
  readonly zippedBytes: number;
  readonly wallMs: Spread;
  /** Processor time, which a busy machine does not lengthen as much. */
  readonly cpuMs: Spread;
}

interface Subject {
  readonly title: string;
  /** A file, or the text of one. */
  readonly entry: { readonly file: string } | { readonly text: string };
  /** Whether it is bundled as anybody would, with nothing left out. */
  readonly asItComes?: boolean;
}

const CLIENT = `import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
const client = new SecretsManagerClient({});
export const handler = () => client.config.region();
`;
const OUR_UNDICI = `import Client from "undici/lib/dispatcher/client.js";
export const connect = (url) => new Client(url);
`;
const FRONT_DOOR = `import { request } from "undici";
export const ask = request;
`;
const VALIBOT = `import { readRecord } from "${join(ROOT, "contract/record-fields")}";
export const read = readRecord;
`;

const KMS = `import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
let kms;
export const sign = (input) => (kms ??= new KMSClient({})).send(new SignCommand(input));
`;
// What signs and sends is the other client's own, so that nothing but the request is new; docs/decisions/kms-client.md.
const BARE_SIGN = `import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
export const sign = async ({ Message, ...input }) => {
  const { credentials, sha256, requestHandler, systemClockOffset, ...config } = client.config;
  const region = await config.region();
  const signer = new SignatureV4({ service: "kms", region, credentials, sha256 });
  const hostname = "kms." + region + ".amazonaws.com";
  const headers = { host: hostname, "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Sign" };
  const body = JSON.stringify({ ...input, Message: Buffer.from(Message).toString("base64") });
  const request = new HttpRequest({ method: "POST", hostname, path: "/", headers, body });
  for (let tries = 1; ; tries += 1) {
    const signed = await signer.sign(request, { signingDate: new Date(Date.now() + systemClockOffset) });
    const { response } = await requestHandler.handle(signed);
    const chunks = [];
    for await (const chunk of response.body) chunks.push(chunk);
    const answer = JSON.parse(Buffer.concat(chunks).toString());
    if (response.statusCode === 200) return answer;
    const name = (answer.__type ?? "").split("#").at(-1);
    if (tries >= 4 || (response.statusCode < 500 && !/Throttl/.test(name))) throw Object.assign(new Error(name), { name });
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries * Math.random()));
  }
};
`;

const SUBJECTS: readonly Subject[] = [
  { title: "Secrets Manager client, as it comes", entry: { text: CLIENT }, asItComes: true },
  { title: "the same without what a function never runs", entry: { text: CLIENT } },
  {
    title: "… and undici's client, as the functions have it",
    entry: { text: CLIENT + OUR_UNDICI },
  },
  {
    title: "… and undici's front door instead, as it comes",
    entry: { text: CLIENT + FRONT_DOOR },
    asItComes: true,
  },
  { title: "… and the record's parser (valibot)", entry: { text: CLIENT + VALIBOT } },
  { title: "… and KMS's client, to sign", entry: { text: CLIENT + KMS } },
  { title: "… and a bare signed request to KMS instead", entry: { text: CLIENT + BARE_SIGN } },
  ...[...entryPoints()].map(([name, file]) => ({
    title: `the function ${name}`,
    entry: { file },
  })),
];

/** Loads each bundle in fresh processes, in turn. */
export async function measureLoads(node: string, rounds: number): Promise<BundleLoad[]> {
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  const scratch = mkdtempSync(join(ROOT, "dist/bench-")); // inside the project, so that packages are found
  try {
    const folders: string[] = [];
    for (const [index, subject] of SUBJECTS.entries()) {
      folders.push(await bundled(subject, join(scratch, `${index}`)));
    }
    const loads = loadInTurns(node, folders, rounds);
    return SUBJECTS.map(({ title }, index) => ({
      title,
      ...sizeOf(folders[index] ?? ""),
      wallMs: spreadOf((loads[index] ?? []).map(({ wallMs }) => wallMs)),
      cpuMs: spreadOf((loads[index] ?? []).map(({ cpuMs }) => cpuMs)),
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function bundled({ entry, asItComes }: Subject, folder: string): Promise<string> {
  const file = "file" in entry ? entry.file : `${folder}.ts`;
  if ("text" in entry) writeFileSync(file, entry.text);
  await (asItComes === true ? bundle(file, folder, AS_IT_COMES) : bundle(file, folder));
  return folder;
}

interface Load {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function loadInTurns(node: string, folders: readonly string[], rounds: number): Load[][] {
  const loads = folders.map((): Load[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, folder] of folders.entries()) loads[index]?.push(loadOf(node, folder));
  }
  return loads;
}

const PROBE = `const before = process.cpuUsage();
const start = performance.now();
import(process.argv[1]).then(() => {
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 }));
});`;

function loadOf(node: string, folder: string): Load {
  const file = `file://${join(folder, "index.mjs")}`;
  const settings = { AWS_REGION: "us-east-1", SHOPIFY_SECRETS_PREFIX: "shopify/bench" };
  const env = { ...process.env, ...settings, NODE_NO_WARNINGS: "1" };
  const told = execFileSync(node, ["-e", PROBE, file], { encoding: "utf8", env, cwd: tmpdir() });
  return JSON.parse(told) as Load;
}
