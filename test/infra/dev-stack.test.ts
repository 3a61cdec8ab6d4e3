import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { STATUS_TAG_PREFIX } from "../../contract/store/status";
import { parseFleet } from "../../infra/config/parse-fleet";
import { DEV_APPS, DEV_PASSPHRASE, DEV_STORES } from "../../local/world/dev-fixtures";
import { reading } from "./config/at";
import { PassphraseCrypter } from "./passphrase";

const PROJECT = join(__dirname, "../..");

interface StackFile {
  readonly encryptionsalt: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(PROJECT, file), "utf8"));
}

const stack = readYaml("Pulumi.dev.yaml") as StackFile;

const crypter = new PassphraseCrypter(DEV_PASSPHRASE, stack.encryptionsalt);

function decryptAll(key: string): Record<string, string> {
  const values = stack.config[`shopify-secrets:${key}`] as Record<string, { secure: string }>;
  return Object.fromEntries(
    Object.entries(values).map(([name, { secure }]) => [name, crypter.decrypt(secure)]),
  );
}

test("the project tells the provider to leave the functions' tags alone", () => {
  const { config } = readYaml("Pulumi.yaml") as StackFile;
  expect(config["aws:ignoreTags"]).toEqual({ value: { keyPrefixes: [STATUS_TAG_PREFIX] } });
});

test("the stack dev refuses every account but the emulator's", () => {
  expect(stack.config["aws:allowedAccountIds"]).toEqual(["000000000000"]);
  expect(stack.config["aws:region"]).toBe("us-east-1");
});

test("its secrets are the throw-away values of the imitation", () => {
  const clientSecrets = Object.fromEntries(
    Object.entries(DEV_APPS).map(([app, { clientSecret }]) => [app, clientSecret]),
  );
  const { heritage, partner } = DEV_STORES;
  expect(decryptAll("clientSecrets")).toEqual(clientSecrets);
  expect(decryptAll("accessTokens")).toEqual({
    heritage: heritage.accessToken,
    partner: partner.accessToken,
  });
});

test("its stores are the imitation's, without a problem or a warning", () => {
  const own = Object.entries(stack.config).filter(([key]) => key.startsWith("shopify-secrets:"));
  const config = Object.fromEntries(own.map(([key, value]) => [key.split(":")[1] ?? "", value]));
  const { fleet, problems, warnings } = parseFleet(
    {
      ...config,
      recoveryWindowDays: Number(config["recoveryWindowDays"]),
      clientSecrets: decryptAll("clientSecrets"),
      accessTokens: decryptAll("accessTokens"),
    },
    reading("shopify/dev"),
  );
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  const shown = fleet.stores.map(({ key, declaration: { kind, shop, app, scopes } }) => [
    key,
    { kind, shop, app, scopes },
  ]);
  const expected = Object.entries(DEV_STORES).map(([key, { kind, shop, app, scopes }]) => [
    key,
    { kind, shop, app, scopes },
  ]);
  expect(shown).toEqual(expected);
});
