import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the AWS profile `trent`: where the endpoint is today. The credentials beside it were written at the first start. */
export function writeProfile(folder: string, home: string, endpoint: string): void {
  const aws = profileFolder(folder);
  mkdirSync(aws, { recursive: true, mode: 0o700 });
  const draft = join(aws, `config.${process.pid}`);
  writeFileSync(draft, `[profile trent]\nregion = ${home}\nendpoint_url = ${endpoint}\n`, { mode: 0o600 });
  renameSync(draft, join(aws, "config"));
}

export const profileFolder = (folder: string): string => join(folder, "aws");

/** What a shell needs to use the profile. */
export function exportsOf(folder: string): Readonly<Record<string, string>> {
  const aws = profileFolder(folder);
  return { AWS_CONFIG_FILE: join(aws, "config"), AWS_SHARED_CREDENTIALS_FILE: join(aws, "credentials"), AWS_PROFILE: "trent" };
}

/** As lines for `eval`; paths in quotes that a shell takes as they are. */
export const shellLines = (exports: Readonly<Record<string, string>>): string =>
  Object.entries(exports)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join("\n");
