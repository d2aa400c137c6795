/**
 * A whole Trent for a test: the real server on a real socket, called by the real SDK, with a store of its own.
 *
 * Time may be passed in; nothing is mocked. With `TRENT_TEST_TARGET=stack` it is what `test/stack` has deployed, with an account of the test
 * file's own, and the time is that of the machine.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import { randomBytes, secretKey } from "@trent/crypto";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import type { Retention } from "#domain/retention";
import type { User } from "#domain/user";
import type { Issuers } from "#domain/web-identity";
import { ensureAdministrator } from "#local/first-start";
import { type Host, openHost } from "#local/host";
import { listen } from "#local/server";
import { randomAccount } from "#operator/administrator";
import { operatorLog } from "#pipeline/operator-log";
import { ROOT_LENGTH, type Root, rootOf } from "#roots/root";
import type { Database } from "#store";
import { openSqlite } from "#store/drivers/sqlite";

const ON_STACK = process.env["TRENT_TEST_TARGET"] === "stack";

/** An account of the test file's own. On a stack, each file gets others: what one of them leaves behind is nothing to the next. */
export const ownAccount = (usual: string): string => (ON_STACK ? randomAccount() : usual);

export const ACCOUNT = ownAccount("111122223333");
export const HOME = "us-east-1";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ServiceOptions {
  readonly quotas?: QuotaProfile;
  /** The time that keys live in; signatures are checked against the real one. */
  readonly clock?: () => Date;
  /** The time that signatures are checked against. */
  readonly wallClock?: () => Date;
  readonly regions?: readonly string[];
  /** How long records are kept. */
  readonly retention?: Retention;
  readonly sandbox?: boolean;
  /** What is not approved is refused; OpenSSL stays as it is. */
  readonly fips?: boolean;
  /** Who else may vouch for callers: a provider of the test's own. */
  readonly issuers?: Issuers;
  /** A store of the test's own; by default one in memory. */
  readonly database?: Database;
  readonly root?: Root;
}

/** A row of the log as it is stored: its key, and what it says. */
export interface StoredRecord {
  readonly id: string;
  readonly pk: string;
  readonly writer: string;
  readonly number: number;
  readonly previous: string;
  // biome-ignore lint/suspicious/noExplicitAny: a record is compared member by member
  readonly record: any;
}

export type Service = Awaited<ReturnType<typeof startService>>;

export const testRoot = (): Root => rootOf(randomBytes(ROOT_LENGTH), randomBytes(ROOT_LENGTH));

/** Where a service runs, and the way around its API. */
export interface Site {
  /** What a client of this Region is given as its endpoint. */
  urlOf(region: string): string;
  readonly database: Database;
  /** Over the same store as what is called; on a stack it is another one. */
  readonly host: Host;
  /** Partitions that a day's records are spread over. */
  readonly shards: number;
  readonly administrator: Credentials;
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** Starts a service; call `stop` when done. Quotas are off unless they are what the test is about. */
export async function startService(options: ServiceOptions = {}) {
  const site = ON_STACK ? await (await import("./stack/site.ts")).siteOnStack(options, ACCOUNT) : await siteHere(options);
  const { database, host, shards, administrator, logged } = site;
  const clients: { destroy(): void }[] = [];

  const clientOptions = (credentials: Credentials, region: string) => ({
    endpoint: site.urlOf(region),
    region,
    credentials,
    maxAttempts: 1,
  });
  const kept = <C extends { destroy(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };

  async function rows(region: string, account: string, prefix = ""): Promise<StoredRecord[]> {
    const log = database.table("log", region);
    const days = await log.query({ pk: `${account}#DAYS`, limit: 1000 });
    const partitions = days.rows.flatMap(({ sk }) => Array.from({ length: shards }, (_, shard) => `${account}#${sk}#${shard}`));
    const pages = await Promise.all(partitions.map((pk) => log.query({ pk, prefix, limit: 100_000 })));
    return pages.flatMap(({ rows }) =>
      rows.map(({ pk, sk, body }) => {
        const { w: writer, n: number, p: previous, r: record } = JSON.parse(body);
        return { id: sk, pk, writer, number, previous, record };
      }),
    );
  }

  return {
    url: site.urlOf(HOME),
    database,
    host,
    administrator,
    /** Lines of the operator's log. */
    logged,
    kms: (credentials: Credentials = administrator, region: string = HOME) => kept(new KMSClient(clientOptions(credentials, region))),
    sts: (credentials: Credentials = administrator, region: string = HOME) => kept(new STSClient(clientOptions(credentials, region))),
    iam: (credentials: Credentials = administrator, region: string = HOME) => kept(new IAMClient(clientOptions(credentials, region))),

    /** A user with these policies of its own: documents as objects. */
    async user(
      name: string,
      policies: readonly object[] = [],
      account: string = ACCOUNT,
    ): Promise<Credentials & { readonly arn: string; readonly id: string }> {
      const accessKeyId = `AKIA${randomBytes(8).toString("hex").toUpperCase()}`;
      const secretAccessKey = randomBytes(30).toString("base64");
      const created = new Date();
      const user: User = {
        account,
        name,
        path: "/",
        id: `AIDA${randomBytes(8).toString("hex").toUpperCase()}`,
        arn: `arn:aws:iam::${account}:user/${name}`,
        created,
        inline: policies.map((document, number) => ({ name: `policy-${number + 1}`, document: JSON.stringify(document) })),
        attached: [],
        accessKeys: [{ id: accessKeyId, active: true, created }],
        groups: [],
        tags: new Map(),
        version: 0,
      };
      await host.shared.principals.createAccessKey(
        { id: accessKeyId, account, user: name, userId: user.id },
        secretKey(Buffer.from(secretAccessKey)),
      );
      await host.shared.principals.createUser(user);
      return { accessKeyId, secretAccessKey, arn: user.arn, id: user.id };
    },

    /** A user as the API makes it, without policies, and with an access key. */
    async newUser(UserName: string): Promise<Credentials> {
      const iam = kept(new IAMClient(clientOptions(administrator, HOME)));
      await iam.send(new CreateUserCommand({ UserName }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
      return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
    },

    /** The rows that a call left in the log: its intents first, then its record. */
    async records(requestId: string | undefined, region: string = HOME, account: string = ACCOUNT): Promise<StoredRecord[]> {
      const all = await rows(region, account, ON_STACK ? "" : requestId);
      // A gateway answers under an id of its own, which the record names.
      const own = ON_STACK ? all.find(({ record }) => record.g === requestId)?.id : requestId;
      const of = all.filter(({ id }) => id === own || id.startsWith(`${own}#`));
      return of.map((row) => ({ ...row, id: row.id.replace(own ?? "", requestId ?? "") })).sort((a, b) => a.number - b.number);
    },

    /** Every row of an account's log. */
    log: (region: string = HOME, account: string = ACCOUNT) => rows(region, account),

    async stop(): Promise<void> {
      for (const client of clients) client.destroy();
      await site.stop();
    },
  };
}

async function siteHere(options: ServiceOptions): Promise<Site> {
  const database = options.database ?? openSqlite({ memory: true });
  const folder = mkdtempSync(join(tmpdir(), "trent-test-"));
  const logged: string[] = [];
  const operator = operatorLog("debug", (line) => logged.push(line));
  const host = await openHost({
    database,
    roots: options.root ?? testRoot(),
    home: HOME,
    regions: options.regions ?? REGIONS,
    quotas: options.quotas ?? QUOTA_PROFILES.off,
    sandbox: options.sandbox ?? false,
    fips: options.fips,
    operator,
    ...(options.retention && { retention: options.retention }),
    ...(options.issuers && { issuers: options.issuers }),
    ...(options.clock && { now: options.clock }),
    ...(options.wallClock && { wallClock: options.wallClock }),
  });
  await ensureAdministrator({ shared: host.shared, account: ACCOUNT, home: HOME, now: new Date(), profile: folder });
  const administrator = credentialsIn(join(folder, "credentials"));
  const listening = await listen({ host: "127.0.0.1", port: 0, dispatch: host.dispatch, operator });

  return {
    urlOf: () => listening.url,
    database,
    host,
    shards: 1,
    administrator,
    logged,
    async stop() {
      await listening.stop();
      if (!options.database) await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function credentialsIn(path: string): Credentials {
  const text = readFileSync(path, "utf8");
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}
