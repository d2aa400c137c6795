import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect } from "vitest";
import { GLOBAL } from "#store";
import { call as callRaw, type Signing } from "../pipeline/signed-request.ts";
import { ACCOUNT, type Credentials, HOME, ownAccount, type Service, type ServiceOptions, startService } from "../service.ts";

export const ADMINISTRATOR = `arn:aws:iam::${ACCOUNT}:user/administrator`;
/** Nothing is in it until a test makes a user of it. */
export const OTHER_ACCOUNT = ownAccount("444455556666");
export const OTHER_REGION = "eu-west-1";

export type State = "Enabled" | "Disabled" | "PendingDeletion" | "Gone";

export interface TestKey {
  readonly id: string;
  readonly arn: string;
  /** CurrentKeyMaterialId; empty for all but symmetric encryption keys. */
  readonly material: string;
}

/** What every answer and every error of the SDK carries. */
export interface Answered {
  readonly $metadata: { readonly requestId?: string; readonly httpStatusCode?: number };
}

/** What the log says of a call. Changes and intents are written as `<table>/<partition key>/<sort key>@<version>`. */
export interface Told {
  readonly event: string;
  /** The caller's ARN. */
  readonly caller: string;
  readonly parameters?: unknown;
  readonly response?: unknown;
  readonly resources?: readonly string[];
  readonly readOnly: boolean;
  readonly materials?: readonly string[];
  /** Name and text, as `refused` puts it. */
  readonly error?: string;
  readonly intents: readonly string[];
  readonly changes: readonly string[];
}

/** A user with the credentials and the client that speak for it. */
export type TestUser = Credentials & { readonly arn: string; readonly id: string; readonly client: KMSClient };

export type Kms = Awaited<ReturnType<typeof openKms>>;

/** A service for the tests of one file: started before them, stopped after them. @param kind what its keys are, unless a test says otherwise. */
export function startKms(kind: CreateKeyCommandInput = {}, options: Pick<ServiceOptions, "retention"> = {}): Kms {
  const kms = {} as Kms;
  beforeAll(async () => {
    Object.assign(kms, await openKms(kind, options));
  });
  afterAll(() => kms.stop?.());
  return kms;
}

/** A key's row in the log's words. */
export const keyItem = (id: string, version: number): string => `keys/K#${id}/KEY@${version}`;
/** An alias's row in the log's words. */
export const aliasItem = (name: string, version: number): string => `keys/A#${ACCOUNT}/ALIAS#${name}@${version}`;

export const keyArn = (id: string, region: string = HOME, account: string = ACCOUNT): string =>
  `arn:aws:kms:${region}:${account}:key/${id}`;
export const aliasArn = (name: string, region: string = HOME): string => `arn:aws:kms:${region}:${ACCOUNT}:${name}`;

/** The members of an answer, without what the SDK adds. */
export function members<A extends Answered>({ $metadata: _, ...answer }: A): Omit<A, "$metadata"> {
  return answer;
}

/** A policy document with one statement. */
export const policyOf = (statement: object): object => ({ Version: "2012-10-17", Statement: [statement] });
export const allowing = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): object =>
  policyOf({ Effect: "Allow", Action, Resource });
export const denying = (Action: string, Resource: string = "*"): object => policyOf({ Effect: "Deny", Action, Resource });

/** Of the file: on a stack all its services have one account. */
let names = 0;

/** A service whose time stands still until a test moves it. */
async function openKms(kind: CreateKeyCommandInput, options: Pick<ServiceOptions, "retention">) {
  let now = new Date("2026-06-01T12:00:00.123Z");
  const service: Service = await startService({ ...options, clock: () => now });
  const client = service.kms();

  /** What the log says of the call with this request id. */
  async function toldOf(requestId: string | undefined, region: string, account: string): Promise<Told> {
    const rows = await service.records(requestId, region, account);
    const { record } = rows.find(({ id }) => id === requestId) ?? {};
    if (!record) throw new Error("The call left no record.");
    const intents = rows.filter(({ id }) => id !== requestId);
    expect(rows.at(-1)?.id, "the record comes after the intents").toBe(requestId);
    for (const intent of intents)
      expect(intent.record, "an intent says who does what").toMatchObject({ i: 1, s: record.s, e: record.e, c: record.c });
    expect(record.s).toBe("kms");
    return {
      event: record.e,
      caller: record.c.a,
      parameters: record.q,
      response: record.a,
      resources: record.r,
      readOnly: record.ro === 1,
      materials: record.m,
      ...(record.x && { error: refusalOf(record.x[0], record.x[1]) }),
      intents: intents.map((intent) => itemOf(intent.record.m)),
      changes: (record.w ?? []).map(itemOf),
    };
  }

  return {
    ...service,
    /** The administrator's. */
    client,
    now: () => now,
    advance(time: { readonly days?: number; readonly ms?: number }): void {
      now = new Date(now.getTime() + (time.days ?? 0) * 86_400_000 + (time.ms ?? 0));
    },

    /** A name that nothing has yet. */
    newName: (prefix = "name"): string => `${prefix}-${++names}`,

    async key(input: CreateKeyCommandInput = {}, of: KMSClient = client): Promise<TestKey> {
      const { KeyMetadata: made } = await of.send(new CreateKeyCommand({ ...kind, ...input }));
      if (!made?.KeyId || !made.Arn) throw new Error("CreateKey left something out.");
      return { id: made.KeyId, arn: made.Arn, material: made.CurrentKeyMaterialId ?? "" };
    },

    /** A key in this state; `Gone` when its waiting period is over, which moves the time. */
    async keyIn(state: State): Promise<TestKey> {
      const key = await this.key();
      if (state === "Disabled") await client.send(new DisableKeyCommand({ KeyId: key.id }));
      if (state === "PendingDeletion" || state === "Gone") await this.schedule(key.id);
      if (state === "Gone") this.advance({ days: 7 });
      return key;
    },

    /** Lets a key be deleted in seven days. */
    async schedule(KeyId: string): Promise<void> {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    },

    /** A user with these policies and nothing else. */
    async someone(policies: readonly object[] = [], account: string = ACCOUNT): Promise<TestUser> {
      const user = await service.user(`user-${++names}`, policies, account);
      return { ...user, client: service.kms(user) };
    },

    /** Another user under the same name: no operation removes a user in this version. */
    async namesake({ arn }: TestUser): Promise<TestUser> {
      const name = arn.split("/").at(-1) ?? "";
      await service.database.table("principals", GLOBAL).delete({ pk: `A#${ACCOUNT}`, sk: `U#${name}` }, 1);
      const user = await service.user(name);
      expect(user.arn).toBe(arn);
      return { ...user, client: service.kms(user) };
    },

    /** A call as bytes, for what the SDK neither sends nor shows; the body is JSON unless it is a string. */
    async raw(operation: string, body: unknown, signing: Signing = {}) {
      const answer = await callRaw(service, operation, body, signing);
      return { ...answer, $metadata: { requestId: answer.requestId, httpStatusCode: answer.status } };
    },

    told: ({ $metadata }: Answered, region: string = HOME, account: string = ACCOUNT) => toldOf($metadata.requestId, region, account),

    /**
     * The refusal of a call as `<name>: <text>`, or the bare name when it has no text.
     *
     * Every refusal is recorded under the same name and text, and nothing is changed or about to be.
     */
    async refused(call: Promise<unknown>, region: string = HOME, account: string = ACCOUNT): Promise<string> {
      const { said, told } = await this.refusal(call, region, account);
      expect(told).toMatchObject({ error: said, intents: [], changes: [] });
      return said;
    },

    /** The refusal of a call, and its record. */
    async refusal(
      call: Promise<unknown>,
      region: string = HOME,
      account: string = ACCOUNT,
    ): Promise<{ readonly said: string; readonly told: Told }> {
      const error = await call.then(
        () => Promise.reject(new Error("The call was not refused.")),
        (cause: Error & Answered) => cause,
      );
      if (!error.$metadata) throw error;
      expect(error.$metadata.httpStatusCode, error.message).toBe(400);
      return { said: refusalOf(error.name, error.message), told: await toldOf(error.$metadata.requestId, region, account) };
    },
  };
}

/** The SDK calls a text that was not sent "UnknownError". */
const refusalOf = (name: string, text: string): string => (text === "" || text === "UnknownError" ? name : `${name}: ${text}`);

const itemOf = (item: { readonly table: string; readonly pk: string; readonly sk: string; readonly version: number }): string =>
  `${item.table}/${item.pk}/${item.sk}@${item.version}`;
