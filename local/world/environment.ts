import { delimiter, join } from "node:path";
import { type Faketime, faketimeEnvironment } from "../aws/emulator";
import { DEV_PASSPHRASE } from "./dev-fixtures";

/** The account, region and root credentials of every local world. */
export const LOCAL_ACCOUNT = {
  AWS_REGION: "us-east-1",
  // What the AWS CLI and boto3 read instead.
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
} as const;

export interface WorldAddresses {
  readonly awsUrl: string;
  readonly folder: string;
  readonly projectDir: string;
  readonly engineBinDir: string;
  readonly shopify: Readonly<Record<string, string>>;
  readonly faketime: Faketime | undefined;
}

/** What a terminal exports so that `pulumi` and the AWS tools work against the world. */
export function operatorEnvironment(world: WorldAddresses): Record<string, string> {
  return {
    ...LOCAL_ACCOUNT,
    AWS_ENDPOINT_URL: world.awsUrl,
    PULUMI_HOME: join(world.folder, "pulumi"),
    PULUMI_BACKEND_URL: `file://${join(world.folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: DEV_PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // `npm run check` is where types are checked; a deployment need not do it again.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PATH: [
      join(world.projectDir, "local/provider/bin"),
      // Where the build links the command.
      join(world.projectDir, "node_modules/.bin"),
      world.engineBinDir,
      process.env["PATH"] ?? "",
    ].join(delimiter),
  };
}

/** What puts a process on the world's clock: the program of the engine, a terminal of a test. */
export function clockEnvironment(world: WorldAddresses): Record<string, string> {
  return faketimeEnvironment(world.faketime);
}

/** What moves a Node process into the world: its clock, and its way to Shopify. */
export function insideEnvironment(world: WorldAddresses): Record<string, string> {
  return {
    ...world.shopify,
    ...clockEnvironment(world),
    AWS_ENDPOINT_URL: world.awsUrl,
  };
}
