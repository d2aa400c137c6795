import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { UsageError } from "./options.ts";

/** What a server proves itself with: PEM, the certificate with those of its issuers behind it. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The host by which clients must call a server that listens on this one: a name that the certificate is for. */
  readonly nameOf: (host: string) => string;
}

/** @throws {UsageError} when one of the files cannot be read, or they do not belong together. */
export function tlsFrom(paths: { readonly cert: string; readonly key: string }): Tls {
  const [cert, key] = [readPem("tls-cert", paths.cert), readPem("tls-key", paths.key)];
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    // What is wrong with a key is told by its kind, never by its text.
    const code = String((cause as { code?: unknown }).code ?? "unreadable");
    throw new UsageError(`--tls-cert ${paths.cert} and --tls-key ${paths.key} are no certificate and its key, in PEM (${code}).`);
  }
  const certificate = new X509Certificate(cert);
  return { cert, key, nameOf: (host) => nameIn(certificate, host) };
}

function readPem(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError(`--${option} ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`);
  }
}

/** The host itself if the certificate is for it, or else the first name that it is for. */
function nameIn(certificate: X509Certificate, host: string): string {
  const isFor = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (isFor !== undefined) return host;
  const names = certificate.subjectAltName?.split(", ") ?? [];
  const [, name] = names.map((entry) => /^DNS:([^*]+)$/.exec(entry)).find(Boolean) ?? [];
  return name ?? host;
}
