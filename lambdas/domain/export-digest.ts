import type { DigestLink, ExportFile } from "./export-file.ts";

export interface HashedFile {
  readonly path: string;
  readonly hash: string;
}

export interface DigestOptions {
  readonly account: string;
  readonly path: string;
  /** The hour, in milliseconds: begin and end. */
  readonly from: number;
  readonly to: number;
  readonly files: readonly HashedFile[];
  readonly previous: DigestLink | undefined;
  readonly fingerprint: string;
}

const second = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/**
 * A digest file as CloudTrail has it; buckets are empty, as the files stand in a folder.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 */
export function digestFile({ account, path, from, to, files, previous, fingerprint }: DigestOptions): ExportFile {
  const text = JSON.stringify({
    awsAccountId: account,
    digestStartTime: second(from),
    digestEndTime: second(to),
    digestS3Bucket: "",
    digestS3Object: path,
    digestPublicKeyFingerprint: fingerprint,
    digestSignatureAlgorithm: "SHA256withRSA",
    previousDigestS3Bucket: previous ? "" : null,
    previousDigestS3Object: previous?.path ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous ? "SHA-256" : null,
    previousDigestSignature: previous?.signature ?? null,
    logFiles: files.map((file) => ({ s3Bucket: "", s3Object: file.path, hashValue: file.hash, hashAlgorithm: "SHA-256" })),
  });
  return { path, text };
}

/** What a digest's signature is of. `hash` is that of what the digest says. */
export const signedOf = (endTime: string, path: string, hash: string, previousSignature: string | null): string =>
  [endTime, path, hash, previousSignature ?? "null"].join("\n");

/** What is read of a digest; undefined when it is none. */
export function digestIn(text: string) {
  try {
    const { digestEndTime, digestS3Object, previousDigestS3Object, previousDigestHashValue, previousDigestSignature, logFiles } =
      JSON.parse(text);
    const files: readonly HashedFile[] = logFiles.map((file: Record<string, unknown>) => ({
      path: String(file["s3Object"]),
      hash: String(file["hashValue"]),
    }));
    const previous: DigestLink | undefined =
      typeof previousDigestS3Object === "string"
        ? { path: previousDigestS3Object, hash: String(previousDigestHashValue), signature: String(previousDigestSignature) }
        : undefined;
    return { path: String(digestS3Object), endTime: String(digestEndTime), files, previous };
  } catch {
    return undefined;
  }
}
