/** A running service with a key, and the operator's actions on its store. */
import { CreateKeyCommand, EncryptCommand, type KMSServiceException, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import type { OperatorDeps } from "#operator/act";
import { ensureMeta } from "#store";
import { requestId } from "#wire/request-id";
import { ACCOUNT, type Credentials, HOME, type ServiceOptions, startService, testRoot } from "../service.ts";

export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const OTHER = "444455556666";
export const allow = (action: string | readonly string[], more: object = {}) => ({
  Effect: "Allow",
  Action: action,
  Resource: "*",
  ...more,
});
export const deny = (action: string, more: object = {}) => ({ ...allow(action, more), Effect: "Deny" });
export const to = (...principals: readonly string[]) => ({ Principal: { AWS: principals } });
export const policy = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });
export const everything = allow("kms:*", to(ROOT));

/** @param now the time that keys live in. */
export async function startAsked(now: () => Date = () => new Date(), more: ServiceOptions = {}) {
  const root = testRoot();
  const service = await startService({ root, clock: now, ...more });
  await ensureMeta(service.database, root, { home: HOME, account: ACCOUNT }, now());
  const log = () => undefined;
  const deps: OperatorDeps = {
    ...{ database: service.database, roots: root, region: HOME, home: HOME, shards: 1, now, newId: () => requestId(now()) },
    operator: { error: log, warn: log, debug: log },
  };
  const kms = service.kms();

  return {
    ...service,
    deps,

    /** A key, whose policy may lock out whomever it likes. */
    async key(...statements: readonly object[]): Promise<{ readonly id: string; readonly arn: string }> {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const key = { id: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "" };
      if (statements.length > 0) await this.put(key.id, ...statements);
      return key;
    },

    async put(KeyId: string, ...statements: readonly object[]): Promise<void> {
      const Policy = JSON.stringify(policy(...statements));
      await kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }));
    },

    /** The request id of a call that encrypts, let in or refused. */
    async encrypt(KeyId: string, credentials?: Credentials, EncryptionContext: Record<string, string> = {}): Promise<string> {
      const command = new EncryptCommand({ KeyId, Plaintext: Buffer.from("secret text"), EncryptionContext });
      const { $metadata } = await service
        .kms(credentials)
        .send(command)
        .catch((cause: KMSServiceException) => cause);
      return $metadata.requestId ?? "";
    },
  };
}
