import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../service.ts";

/** What the first start wrote into the profile. */
export function profileOf(folder: string): Credentials {
  const text = readFileSync(join(folder, "aws", "credentials"), "utf8");
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}
