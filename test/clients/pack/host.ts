/** The shipped server as clients meet it: a profile of its administrator, one of somebody who may do nothing, and keys. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient } from "@aws-sdk/client-kms";
import { profileOf } from "../../local/profile-of.ts";
import { startServer } from "../server-process.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const REGION = "us-east-1";

export interface Host {
  /** What a client's program is started with: profiles `trent` and `stranger`, TRENT_URL, TRENT_KEY and TRENT_SIGNING_KEY (ARNs, P-256). */
  env(): Promise<NodeJS.ProcessEnv>;
  /** How many calls it has answered. */
  calls(): Promise<number>;
  stop(): Promise<void>;
}

/** This process's environment, without what would win over the profile. */
const bare = (): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|TRENT)_/.test(name)));

export async function startHost(): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), "trent-clients-"));
  const command = [process.execPath, "lambdas/local/main.ts", "serve", "--port", "0"];
  const server = await startServer(command, ROOT, { ...bare(), TRENT_DATA: folder });
  const client = { endpoint: server.url, region: REGION, credentials: profileOf(folder) };
  // An account makes five keys a second.
  const kms = new KMSClient({ ...client, maxAttempts: 8 });
  const stop = async () => {
    kms.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const [config, credentials] = [join(folder, "aws", "config"), join(folder, "aws", "credentials")];

  try {
    await addStranger();
  } catch (cause) {
    await stop();
    throw cause;
  }

  async function addStranger(): Promise<void> {
    const iam = new IAMClient(client);
    await iam.send(new CreateUserCommand({ UserName: "stranger" }));
    const { AccessKey: { AccessKeyId, SecretAccessKey } = {} } = await iam.send(new CreateAccessKeyCommand({ UserName: "stranger" }));
    iam.destroy();
    appendFileSync(config, readFileSync(config, "utf8").replace("[profile trent]", "\n[profile stranger]"));
    appendFileSync(credentials, `\n[stranger]\naws_access_key_id = ${AccessKeyId}\naws_secret_access_key = ${SecretAccessKey}\n`);
  }

  const newKey = async (input: CreateKeyCommandInput): Promise<string> => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
    return KeyMetadata?.Arn ?? "";
  };

  return {
    async env() {
      return {
        ...bare(),
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: credentials,
        AWS_PROFILE: "trent",
        AWS_EC2_METADATA_DISABLED: "true",
        TRENT_URL: server.url,
        TRENT_KEY: await newKey({}),
        TRENT_SIGNING_KEY: await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }),
      };
    },
    async calls() {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      const counts = Array.from(metrics.matchAll(/^trent_call_seconds_count(?:\{.*\})? (\d+)$/gm), ([, count]) => Number(count));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    stop,
  };
}
