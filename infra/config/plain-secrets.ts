import type { Problem } from "./node";
import { ConfigNode } from "./node";
import { readYaml } from "./yaml-text";

/** The keys of config whose values have to be encrypted in the stack's file. */
export const SECRET_KEYS = ["clientSecrets", "previousClientSecrets", "accessTokens"] as const;

/** Where encryption can be seen: the engine knows it by key, the stack's file by value. */
export interface EncryptionSigns {
  readonly isEncrypted: (key: string) => boolean;
  /** The text of `Pulumi.<stack>.yaml`; undefined when it is elsewhere. */
  readonly stackFile: string | undefined;
}

/**
 * The secrets that stand in plain text.
 *
 * The engine calls a whole map secret as soon as one value in it is, so the file itself is asked as well.
 */
export function plainSecretsOf(
  config: Readonly<Record<string, unknown>>,
  { isEncrypted, stackFile }: EncryptionSigns,
): Problem[] {
  const problems: Problem[] = [];
  const inFile = new ConfigNode("", configOf(stackFile), []);
  for (const key of SECRET_KEYS) {
    const node = new ConfigNode(`shopify-secrets:${key}`, config[key], problems);
    const fileNode = inFile.child(`shopify-secrets:${key}`);
    for (const [name, child] of node.entries()) {
      if (child.isAbsent) continue;
      if (!isEncrypted(key) || isPlain(fileNode, name)) child.report(remedyFor(child.path));
    }
  }
  return problems;
}

// In the file an encrypted value is a map with the one key `secure`, for the whole map or for one value.
function isPlain(map: ConfigNode, name: string): boolean {
  return map.child("secure").isAbsent && typeof map.child(name).value === "string";
}

function remedyFor(path: string): string {
  return `stands in plain text: it is no secret any more, so replace it at Shopify, then pulumi config set --secret --path '${path}'`;
}

function configOf(stackFile: string | undefined): unknown {
  if (stackFile === undefined) return undefined;
  const reading = readYaml(stackFile);
  return new ConfigNode("", "value" in reading ? reading.value : undefined, []).child("config")
    .value;
}
