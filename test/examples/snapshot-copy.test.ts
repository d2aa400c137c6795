import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DecryptCommand, ReEncryptCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, type Credentials, ownAccount, type Service, startService } from "../service.ts";
import { inShell, lacks, newFolder, scriptOf } from "./in-shell.ts";

const TARGET = ownAccount("444455556666");
const THERE = "eu-west-1";

describe.skipIf(lacks("aws", "openssl", "cmp"))("examples/snapshot-copy", { timeout: 120_000 }, () => {
  const folder = newFolder();
  const path = (name: string): string => join(folder, name);
  let service: Service;
  let target: Credentials;
  beforeAll(async () => {
    service = await startService();
    target = await service.user(
      "backups",
      [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] }],
      TARGET,
    );
    const profiles = Object.entries({ trent: service.administrator, backups: target });
    writeFileSync(
      path("config"),
      profiles.map(([name]) => `[profile ${name}]\nendpoint_url = ${service.url}\nregion = us-east-1\n`).join("\n"),
    );
    const secrets = profiles.map(
      ([name, { accessKeyId, secretAccessKey }]) =>
        `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    writeFileSync(path("credentials"), secrets.join("\n"), { mode: 0o600 });
  });
  afterAll(() => service?.stop());
  const shell = (script: string) =>
    inShell(script, folder, { AWS_CONFIG_FILE: path("config"), AWS_SHARED_CREDENTIALS_FILE: path("credentials") });

  test("the README's commands take it there in five steps, and it opens without the source account", async () => {
    const printed = (await shell(scriptOf("snapshot-copy"))).trim().split("\n");
    expect(printed.map((line) => line.slice(0, 2)).slice(0, 5)).toEqual(["1.", "2.", "3.", "4.", "5."]);
    expect(readFileSync(path("restored")).equals(readFileSync(path("disk")))).toBe(true);
    const [copied = "", own = ""] = printed.at(-1)?.split(" ") ?? [];
    expect([copied, own]).toEqual([
      expect.stringContaining(`arn:aws:kms:${THERE}:${ACCOUNT}:key/`),
      expect.stringContaining(`arn:aws:kms:${THERE}:${TARGET}:key/`),
    ]);

    // The share has ended: what was copied was copied, and that is all.
    const theirs = service.kms(target, THERE);
    const CiphertextBlob = readFileSync(path("copied.key"));
    const context = { "aws:ebs:id": "snap-1" };
    const again = theirs.send(new ReEncryptCommand({ CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: own }));
    await expect(again).rejects.toMatchObject({ name: "AccessDeniedException" });
    const opened = theirs.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }));
    await expect(opened).rejects.toMatchObject({ name: "AccessDeniedException" });

    const copies = async (account: string) =>
      (await service.log(THERE, account)).flatMap(({ record }) => (record.e === "ReEncrypt" && !record.x ? [[...record.r].sort()] : []));
    expect(await copies(TARGET)).toEqual([[copied, own].sort()]);
    expect(await copies(ACCOUNT), "the owner of a key learns of that key alone").toEqual([[copied]]);
  });

  test("without its third step, the target account is refused the fourth", async () => {
    writeFileSync(path("disk"), randomBytes(1000));
    const script = readFileSync(path("examples/snapshot-copy/run.sh"), "utf8").replace(/^echo "3\.[\s\S]*?(?=^echo "4\.)/m, "");
    await expect(shell(`export SOURCE_PROFILE=trent TARGET_PROFILE=backups\nset -- disk\n${script}`)).rejects.toMatchObject({
      stdout: expect.stringMatching(/^4\. .*\n$/m),
      stderr: expect.stringContaining("AccessDeniedException"),
    });
  });
});
