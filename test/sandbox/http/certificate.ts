import { writeFileSync } from "node:fs";
import path from "node:path";
import { generate } from "selfsigned";
import { temporaryDirectory } from "../temporary.ts";

/** A key pair for localhost and the file that makes clients trust it (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE). */
export type Certificate = { key: string; cert: string; caFile: string };

/** Makes a certificate for `localhost`, 127.0.0.1 and ::1, valid from now on for a day. */
export async function makeCertificate(): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 60_000),
    notAfterDate: new Date(Date.now() + 24 * 3_600_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  const caFile = path.join(temporaryDirectory("sandbox-"), "cert.pem");
  writeFileSync(caFile, made.cert);
  return { key: made.private, cert: made.cert, caFile };
}
