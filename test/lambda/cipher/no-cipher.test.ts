import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_CIPHER } from "../../../lambda/cipher/no-cipher";
import { bundle } from "../../../scripts/build-bundles";
import { packagesIn } from "../../../scripts/third-party";

test("a function without a key of refresh tokens is refused as KMS would refuse it", async () => {
  await expect(NO_CIPHER.encrypt({} as never, {} as never)).rejects.toMatchObject({
    code: "key_denied",
  });
  await expect(NO_CIPHER.decrypt("sealed", {} as never)).rejects.toMatchObject({
    code: "key_denied",
  });
});

test.each([
  ["rotate", false],
  ["enrol", false],
  ["sweep", true],
  ["install", true],
])("the bundle of %s holds the client of KMS: %s", async (name, holdsIt) => {
  const folder = mkdtempSync(join(tmpdir(), "shopify-secrets-bundle-"));
  try {
    const metafile = await bundle(join(__dirname, "../../../lambda", name, "handler.ts"), folder);
    const names = JSON.stringify(packagesIn(metafile));
    expect(names.includes("@aws-sdk/client-kms")).toBe(holdsIt);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
