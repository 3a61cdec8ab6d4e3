import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "../../../scripts/build-bundles";
import { PREFIX } from "../../simulation/stage";
import { StoreStand } from "../stand/store-stand";
import { LoopbackAws } from "./loopback-aws";

/** Time goes by twenty times as fast for all who wait by a timer. */
const HURRIED = `
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (run, milliseconds, ...rest) => setTimeout(run, milliseconds / 20, ...rest);
`;
const RUN = `
  import { pathToFileURL } from "node:url";
  const [file, event] = process.argv.slice(-2);
  const { handler } = await import(pathToFileURL(file).href);
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 60_000 };
  await handler(JSON.parse(event), context).catch((error) => console.log(error.message));
`;

const folder = mkdtempSync(join(tmpdir(), "limits-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EVENTS = {
  rotate: {
    first: "SecretsManager.DescribeSecret",
    eventOf: ({ arn, model }: StoreStand) => ({
      Step: "createSecret",
      SecretId: arn,
      ClientRequestToken: model.newToken(),
    }),
  },
  sweep: {
    first: "SecretsManager.ListSecrets",
    eventOf: () => ({ action: "check", stores: [], stage: "AWSPREVIOUS" }),
  },
};

test.each(Object.entries(EVENTS))(
  "the function %s, as it is deployed, asks again when its first call is never answered",
  async (name, { first, eventOf }) => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    const aws = await LoopbackAws.over(world.model);
    aws.disturb = (index) => (index === 0 ? "answers nothing" : undefined);
    const built = join(folder, name);
    await bundle(join(__dirname, "../../../lambda", name, "handler.ts"), built);
    const hurried = join(folder, `${name}-hurried.mjs`);
    writeFileSync(hurried, HURRIED);
    const run = join(folder, `${name}-run.mjs`);
    writeFileSync(run, RUN);
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: aws.address.endpoint,
      AWS_REGION: aws.address.region,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      SHOPIFY_SECRETS_PREFIX: PREFIX,
    };
    const args = [
      "--import",
      hurried,
      run,
      join(built, "index.mjs"),
      JSON.stringify(eventOf(world)),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    await aws.close();
    expect(aws.calls.slice(0, 2)).toEqual([first, first]);
    expect(stdout).not.toMatch(/out_of_time|secrets_manager_unreachable/);
  },
);
