import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppKey, StoreKey } from "../contract/brands";
import type { Sealed } from "../contract/sealed";
import { type Run, stackOf } from "./run";

const PROJECT = join(__dirname, "..");
const COPIED = ["Pulumi.yaml", "package.json", "tsconfig.json", "contract", "infra", "dist/lambda"];
/** The store of the run in the stack's config. */
export const STORE_KEY = "smoke" as StoreKey;
export const APP_KEY = "smoke" as AppKey;

/** A store of the user's own, to be tried for real. */
export interface RealStore {
  readonly shop: string;
  readonly clientId: string;
  readonly clientSecret: Sealed<string>;
}

/** A copy of the program, so that "new code" changes nothing in the checkout, and the run's own state. */
export interface StackProject {
  readonly folder: string;
  /** Where the engine keeps the stack's state, as a URL. */
  readonly backendUrl: string;
  /** The file with the passphrase of the stack's config. */
  readonly passphraseFile: string;
  /** Changes the code of every function, and what it does not. */
  changeCode(): void;
  remove(): void;
}

/** Makes the copy, with config for one store: the real one, or one that waits for its token. */
export function createStackProject(run: Run, store: RealStore | undefined): StackProject {
  const folder = mkdtempSync(join(tmpdir(), `shopify-secrets-${stackOf(run)}-`));
  for (const name of COPIED) cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "state"));
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, randomBytes(16).toString("hex"), { mode: 0o600 });
  const config = JSON.stringify({ config: configOf(run, store) });
  writeFileSync(join(folder, `Pulumi.${stackOf(run)}.yaml`), config);
  return {
    folder,
    backendUrl: `file://${join(folder, "state")}`,
    passphraseFile,
    changeCode: () => {
      const bundles = join(folder, "dist/lambda");
      // Source maps lie beside the bundles' folders.
      for (const entry of readdirSync(bundles, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        appendFileSync(join(bundles, entry.name, "index.mjs"), "\n// another build\n");
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function configOf(run: Run, store: RealStore | undefined): Readonly<Record<string, unknown>> {
  const common = {
    "aws:region": run.region,
    "shopify-secrets:recoveryWindowDays": 0,
    "shopify-secrets:tags": { "shopify-smoke-run": run.id },
    // Whatever a stack may have that can be deleted at once.
    "shopify-secrets:installEndpoint": true,
    "shopify-secrets:alarms": true,
  };
  if (store === undefined) {
    const shop = `smoke-${run.id}.myshopify.com`;
    return {
      ...common,
      "shopify-secrets:stores": { [STORE_KEY]: { kind: "custom-app", shop } },
    };
  }
  const { shop, clientId } = store;
  return {
    ...common,
    "shopify-secrets:apps": { [APP_KEY]: { clientId } },
    "shopify-secrets:stores": { [STORE_KEY]: { kind: "client-credentials", shop, app: APP_KEY } },
  };
}
