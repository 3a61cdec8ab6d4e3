import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

/** Pulumi's passphrase encryption of config values: PBKDF2 with SHA-256, 1,000,000 rounds, then AES-256-GCM. */
export class PassphraseCrypter {
  readonly #key: Buffer;

  /** The salt is the stack file's `encryptionsalt`. */
  constructor(passphrase: string, encryptionSalt: string) {
    const salt = Buffer.from(encryptionSalt.split(":")[1] ?? "", "base64");
    this.#key = pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256");
  }

  encrypt(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = Buffer.concat([
      cipher.update(text, "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  decrypt(secure: string): string {
    const [, nonce = "", sealed = ""] = secure.split(":");
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString();
  }
}
