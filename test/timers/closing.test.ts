/** What becomes of the keys of an account that was deleted or has expired. */

import { randomUUID } from "node:crypto";
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Key } from "#domain/key";
import type { OperatorDeps } from "#operator/act";
import { createAccount } from "#operator/create-account";
import { deleteAccount } from "#operator/delete-account";
import { recoverAccount } from "#operator/recover";
import { registerService } from "#operator/register-service";
import { ensureMeta, type LogWriter, type Tables } from "#store";
import { closing, deletion, runDue, runTimer, type TimerDeps } from "#timers";
import { requestId } from "#wire/request-id";
import { forwardAccess, S3, saying } from "../access/calling-services.ts";
import { ACCOUNT, type Credentials, HOME, type Service, startService, testRoot } from "../service.ts";
import { credentialsIn, makeRole, trust } from "../sts/sessions.ts";
import { mortal } from "./mortal.ts";

const ELSEWHERE = "eu-west-1";
const UNKNOWN = "The security token included in the request is invalid.";
const DAY = 86_400_000;

let now: Date;
let service: Service;
let store: ReturnType<typeof mortal>;
let deps: OperatorDeps;
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const run = (region = HOME) => runDue(closing, service.host.timers, region);
const stateOf = async (kms: KMSClient, KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
const refused = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
async function keyIn(credentials: Credentials, region = HOME): Promise<string> {
  return (await service.kms(credentials, region).send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
}
/** So many more of an account's keys, like one that it has. */
async function multiply(like: string, times: number): Promise<void> {
  const regional = await service.host.region(HOME);
  const { keys } = regional.stores({ keys: "write" }, async () => undefined) as { readonly keys: Tables["keys"]["write"] };
  const { deletionDate: _, ...key } = (await keys.get(like)) as Key;
  for (let made = 0; made < times; made += 1) await keys.create({ ...key, id: randomUUID(), version: 0 });
}
const scheduled = async (account: string, region = HOME) =>
  (await service.log(region, account)).filter(({ record }) => record.e === "ScheduleKeyDeletion" && record.y === "AwsServiceEvent");

beforeEach(async () => {
  now = new Date("2026-06-01T12:00:00.123Z");
  store = mortal();
  const root = testRoot();
  service = await startService({ root, clock: () => now, database: store.database });
  await ensureMeta(store.database, root, { home: HOME, account: ACCOUNT }, now);
  const log = () => undefined;
  deps = {
    ...{ database: store.database, roots: root, region: HOME, home: HOME, shards: 1, now: () => now },
    ...{ newId: () => requestId(now), operator: { error: log, warn: log, debug: log } },
  };
});
afterEach(async () => {
  await service.stop();
  await store.database.close();
});

describe("an account that was deleted", () => {
  it("has its keys scheduled for deletion in every Region, recorded one by one; others keep theirs", async () => {
    const doomed = await createAccount(deps);
    const keys = [await keyIn(doomed), await keyIn(doomed)];
    const abroad = await keyIn(doomed, ELSEWHERE);
    const other = await keyIn(service.administrator);
    await deleteAccount(deps, doomed.account);
    expect(await run()).toEqual({ timer: "closing", region: HOME, done: 1, failed: 0, more: false });
    await run(ELSEWHERE);
    expect(await scheduled(doomed.account)).toHaveLength(2);
    const [row] = await scheduled(doomed.account, ELSEWHERE);
    expect(row?.record).toMatchObject({
      r: [`arn:aws:kms:${ELSEWHERE}:${doomed.account}:key/${abroad}`],
      d: { accountState: "deleted", pendingWindowInDays: 30 },
      a: { deletionDate: now.getTime() + 30 * DAY },
      w: [{ pk: `K#${abroad}`, version: 2 }],
    });

    expect(await stateOf(service.kms(), other)).toBe("Enabled");
    const recovered = service.kms(await recoverAccount(deps, doomed.account));
    for (const key of keys) expect(await stateOf(recovered, key)).toBe("PendingDeletion");
    await recovered.send(new CancelKeyDeletionCommand({ KeyId: keys[0] }));
    await run();
    expect(await stateOf(recovered, keys[0] ?? "")).toBe("Disabled");
  });

  it("loses them when the waiting period is over, and not before; then it cannot be recovered", async () => {
    const doomed = await createAccount(deps);
    const key = await keyIn(doomed);
    await deleteAccount(deps, doomed.account);
    await run();
    const stored = async () => (await store.database.table("keys", HOME).get({ pk: `K#${key}`, sk: "KEY" })) !== undefined;
    later(30 * DAY - 1);
    await runDue(deletion, service.host.timers, HOME);
    expect(await stored()).toBe(true);
    later(1);
    await runDue(deletion, service.host.timers, HOME);
    expect(await stored()).toBe(false);
    await expect(recoverAccount(deps, doomed.account)).rejects.toThrow(/was closed on 2026-06-01T.*its keys are gone\.$/);
  });

  it("keeps an earlier date that somebody chose", async () => {
    const doomed = await createAccount(deps);
    const KeyId = await keyIn(doomed);
    const { DeletionDate } = await service.kms(doomed).send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await deleteAccount(deps, doomed.account);
    await run();
    const kms = service.kms(await recoverAccount(deps, doomed.account));
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.DeletionDate).toEqual(DeletionDate);
  });

  it("has nobody who could call: users, sessions that they got, roles of others in it", async () => {
    const doomed = await createAccount(deps);
    const role = await makeRole(service, "open", { account: doomed.account, trust: trust({ AWS: [doomed.account, ACCOUNT] }) });
    const assume = (credentials: Credentials) =>
      service.sts(credentials).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "session" }));
    const session = credentialsIn((await assume(doomed)).Credentials);
    expect(await refused(service.sts(session).send(new GetCallerIdentityCommand()))).toBe("answered");
    await deleteAccount(deps, doomed.account);
    for (const credentials of [doomed, session])
      expect(await refused(service.sts(credentials).send(new GetCallerIdentityCommand()))).toBe(`InvalidClientTokenId: ${UNKNOWN}`);
    expect(await refused(assume(service.administrator))).toMatch(/^AccessDenied: .* is not authorized to perform: sts:AssumeRole/);
  });
});

describe("an AWS managed key of an account that was deleted", () => {
  const clientOf = async (s3: Credentials, credentials: Credentials) =>
    saying(service.kms(s3), { "x-trent-forward-access": await forwardAccess(service.url, credentials, S3) });
  const managed = async (account: string) =>
    (await service.log(HOME, account)).flatMap(({ record }) => (record.e === "CreateKey" && record.w ? [record.d.keyId as string] : []));

  it("works on when the account is opened again, since nobody could save it", async () => {
    const s3 = await registerService(deps, S3);
    const doomed = await createAccount(deps);
    const before = await clientOf(s3, doomed);
    const { CiphertextBlob } = await before.send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext: Buffer.from("object") }));
    await deleteAccount(deps, doomed.account);
    await run();
    later(30 * DAY - 1);
    await run();
    await runDue(deletion, service.host.timers, HOME);
    const after = await clientOf(s3, await recoverAccount(deps, doomed.account));
    const { Plaintext } = await after.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("object");
    later(2 * DAY);
    await run();
    expect(await scheduled(doomed.account)).toEqual([]);
  });

  it("is destroyed when it can no longer be opened, and the log says so", async () => {
    const s3 = await registerService(deps, S3);
    const doomed = await createAccount(deps);
    await (await clientOf(s3, doomed)).send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext: Buffer.from("object") }));
    const [arn = ""] = await managed(doomed.account);
    const stored = () => service.database.table("keys", HOME).get({ pk: `K#${arn.split("/")[1]}`, sk: "KEY" });
    expect(await stored()).toBeDefined();
    await deleteAccount(deps, doomed.account);
    await run();
    later(30 * DAY + 3600_000);
    await run();
    await runDue(deletion, service.host.timers, HOME);
    expect(await stored()).toBeUndefined();
    expect((await scheduled(doomed.account)).map(({ record }) => [record.r, record.d])).toEqual([
      [[arn], { accountState: "deleted", pendingWindowInDays: 0 }],
    ]);
    const events = (await service.log(HOME, doomed.account)).flatMap(({ record }) => (record.y && !record.i ? [record.e] : []));
    expect(events).toContain("DeleteKey");
  });
});

describe("an account that has expired", () => {
  it("refuses calls from that moment on, and has its keys scheduled by the next run", async () => {
    const brief = await createAccount(deps, { ttlSeconds: 3600 });
    await keyIn(brief);
    later(3600_000 - 1);
    expect(await run()).toMatchObject({ done: 0 });
    const key = await keyIn(brief);
    later(1);
    expect(await refused(keyIn(brief))).toBe(`UnrecognizedClientException: ${UNKNOWN}`);
    await run();
    expect((await scheduled(brief.account)).map(({ record }) => record.d.accountState)).toEqual(["expired", "expired"]);
    await expect(deleteAccount(deps, brief.account)).rejects.toThrow("has expired already");
    const recovered = service.kms(await recoverAccount(deps, brief.account));
    expect(await stateOf(recovered, key)).toBe("PendingDeletion");
    later(365 * DAY);
    expect(await refused(recovered.send(new CreateKeyCommand({})))).toBe("answered");
  });
});

describe("the timer", () => {
  it("looks at a closed account again after an hour, for what was under way, and then no more until nobody can open it", async () => {
    const doomed = await createAccount(deps);
    const first = await keyIn(doomed);
    await deleteAccount(deps, doomed.account);
    await run();
    // As a call does that had begun before.
    await multiply(first, 1);
    later(3600_000 - 1);
    expect(await run()).toMatchObject({ done: 0, failed: 0 });
    later(1);
    expect(await run()).toMatchObject({ done: 1, failed: 0 });
    expect(await scheduled(doomed.account)).toHaveLength(2);
    expect(await run()).toMatchObject({ done: 0, failed: 0 });
    expect(await runTimer(closing, service.host.timers, HOME)).toBeUndefined();
  });

  it("is not held up by one account, and comes back to it", async () => {
    const [one, other] = [await createAccount(deps), await createAccount(deps)];
    const stuck = await keyIn(one);
    await keyIn(other);
    await deleteAccount(deps, one.account);
    later(1000);
    await deleteAccount(deps, other.account);
    later(2 * 3600_000);
    const table = store.database.table("keys", HOME);
    const row = await table.get({ pk: `K#${stuck}`, sk: "KEY" });
    if (!row) throw new Error("There is no key.");
    await table.put({ ...row, version: row.version + 1 }, row.version);
    // Both of them, at once and after an hour.
    expect(await run()).toMatchObject({ done: 2, failed: 2 });
    expect(await scheduled(other.account)).toHaveLength(1);
    await table.delete(row, row.version + 1);
    await table.put(row);
    expect(await run()).toMatchObject({ done: 4, failed: 0 });
    expect(await scheduled(one.account)).toHaveLength(1);
    expect(await run()).toMatchObject({ done: 0, failed: 0 });
  });

  it("goes on where its time was up, and begins no key again", async () => {
    const doomed = await createAccount(deps);
    await multiply(await keyIn(doomed), 249);
    await deleteAccount(deps, doomed.account);
    /** Two pages take it as long as a run may. */
    const slow = (): TimerDeps => {
      let asked = 0;
      return {
        ...service.host.timers,
        wallClock: () => {
          asked += 1;
          return new Date(asked * 8000);
        },
      };
    };
    expect(await runDue(closing, slow(), HOME)).toMatchObject({ done: 2, more: true });
    expect(await scheduled(doomed.account)).toHaveLength(200);
    expect(await runDue(closing, slow(), HOME)).toMatchObject({ done: 1, failed: 0, more: false });
    expect(await scheduled(doomed.account)).toHaveLength(250);
  });

  it("leaves the rest of an account alone that is opened again meanwhile", async () => {
    const doomed = await createAccount(deps);
    await multiply(await keyIn(doomed), 2);
    await deleteAccount(deps, doomed.account);
    let recovered: Promise<unknown> | undefined;
    const whileRecovering = (log: LogWriter): LogWriter => ({
      async append(entry) {
        recovered ??= recoverAccount(deps, doomed.account);
        await recovered;
        await log.append(entry);
      },
    });
    const region = async (name: string) => {
      const regional = await service.host.region(name);
      return { ...regional, log: whileRecovering(regional.log) };
    };
    await runDue(closing, { ...service.host.timers, region }, HOME);
    expect(await scheduled(doomed.account)).toHaveLength(1);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("when it ends before its write %i, is finished by the next run", async (writes) => {
    const doomed = await createAccount(deps);
    const keys = [await keyIn(doomed), await keyIn(doomed)];
    await deleteAccount(deps, doomed.account);
    store.dieAfter(writes);
    await run();
    store.recover();
    await run();
    const kms = service.kms(await recoverAccount(deps, doomed.account));
    for (const key of keys) expect(await stateOf(kms, key)).toBe("PendingDeletion");
  });
});
