import "reflect-metadata"; // @peculiar/x509 resolves its parts through it
import { KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
// Clients' clocks are moved by years; both ends stay before 2050, where X.509 changes its date format.
const NOT_BEFORE = new Date("2000-01-01T00:00:00Z");
const NOT_AFTER = new Date("2049-12-31T00:00:00Z");

/** A throw-away certificate authority with one server certificate; its private key is never written anywhere. */
export interface ThrowAwayAuthority {
  /** What clients trust: PEM for NODE_EXTRA_CA_CERTS. */
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Makes a fresh authority and a certificate for the given host names. */
export async function createAuthority(hosts: readonly string[]): Promise<ThrowAwayAuthority> {
  const authorityKeys = await newKeys();
  const serverKeys = await newKeys();
  const authority = await selfSigned(authorityKeys);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity("02"),
    subject: `CN=${hosts[0] ?? "localhost"}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: "dns", value }))),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  return {
    authorityPem: authority.toString("pem"),
    certificatePem: certificate.toString("pem"),
    keyPem: KeyObject.from(serverKeys.privateKey)
      .export({ type: "pkcs8", format: "pem" })
      .toString(),
  };
}

async function selfSigned(keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    ...validity("01"),
    name: "CN=Throw-away authority of a local world",
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

function validity(serialNumber: string) {
  return { serialNumber, notBefore: NOT_BEFORE, notAfter: NOT_AFTER, signingAlgorithm: ALGORITHM };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
