import { readFileSync } from "node:fs";
import { profileFrom, WrongQuota } from "#domain/quota-file";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { UsageError } from "./usage-error.ts";

/** A file, or the name of a profile. @throws {UsageError} */
export function quotasIn(text: string): QuotaProfile {
  if (Object.hasOwn(QUOTA_PROFILES, text)) return QUOTA_PROFILES[text as keyof typeof QUOTA_PROFILES];
  if (!/[./]/.test(text))
    throw new UsageError(`--quotas ${text} is not a profile: use ${Object.keys(QUOTA_PROFILES).join(", ")}, or name a file.`);
  try {
    return profileFrom(readFileSync(text, "utf8"));
  } catch (cause) {
    const why = cause instanceof WrongQuota ? cause.message : "it cannot be read";
    throw new UsageError(`--quotas ${text}: ${why}.`);
  }
}
