import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_CIPHER } from "../../../lambda/cipher/no-cipher";
import { NO_SIGNER } from "../../../lambda/cipher/no-signer";
import { bundle } from "../../../scripts/build-bundles";

test("a function without a key of refresh tokens is refused as KMS would refuse it", async () => {
  await expect(NO_CIPHER.encrypt({} as never, {} as never)).rejects.toMatchObject({
    code: "key_denied",
  });
  await expect(NO_CIPHER.decrypt("sealed", {} as never)).rejects.toMatchObject({
    code: "key_denied",
  });
});

test("a function that obtains nothing by an app's own credential is refused a signature as KMS would refuse it", async () => {
  const signer = NO_SIGNER.under({} as never);
  await expect(signer.sign("key" as never, "text")).rejects.toMatchObject({
    code: "signing_denied",
  });
});

test.each([
  ["rotate", ["Sign"]],
  ["enrol", ["Sign"]],
  ["sweep", ["Decrypt", "Encrypt", "Sign"]],
  ["install", ["Decrypt", "Encrypt"]],
])("the bundle of %s asks of KMS: %j", async (name, asked) => {
  const folder = mkdtempSync(join(tmpdir(), "shopify-secrets-bundle-"));
  try {
    const metafile = await bundle(join(__dirname, "../../../lambda", name, "handler.ts"), folder);
    const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
    const commands = Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) => {
      const [, command] = /client-kms\/dist-es\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
      return command !== undefined && bytesInOutput > 0 ? [command] : [];
    });
    expect(commands.sort()).toEqual(asked);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
