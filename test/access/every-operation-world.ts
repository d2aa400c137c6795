/** For each operation: keys of its own, an input that names them, and the policies that it needs. */
import * as sdk from "@aws-sdk/client-kms";
import { expect } from "vitest";
import type { AnyOperation } from "#operation";
import { replicated } from "../kms/related.ts";
import { type Answered, aliasArn, type Kms, keyArn, members, OTHER_REGION, type TestKey } from "../kms/start.ts";
import { TRIALS } from "./every-operation-inputs.ts";

export type Scene = Awaited<ReturnType<typeof sceneOf>>;

/** A permission, and the ARN that it is asked for. */
export interface Needed {
  readonly permission: string;
  readonly on: string;
  /** The target whose key it is asked for. */
  readonly target?: string;
}

type Commands = Record<string, new (input: object) => sdk.ListKeysCommand>;

export async function sceneOf(kms: Kms, operation: AnyOperation) {
  const trial = TRIALS[operation.name];
  if (!trial) throw new Error(`${operation.name} has no input in every-operation-inputs.ts.`);
  const names = Object.keys(operation.on ?? {});
  const made = await Promise.all(["key", ...names].map(async (name) => [name, await kms.key(trial.kind)] as const));
  const keys: Record<string, TestKey> & { key: TestKey } = {
    ...(Object.fromEntries(made) as Record<string, TestKey>),
    key: made.at(-1)?.[1] as TestKey,
  };
  if (names.includes("key")) keys.key = made[names.indexOf("key") + 1]?.[1] as TestKey;
  for (const name of names) {
    if (!operation.on?.[name]?.region) continue;
    await replicated(kms, keys.key.id);
    keys[name] = { ...keys.key, arn: keyArn(keys.key.id, OTHER_REGION) };
  }
  const input = await trial.input({ kms, keys });
  const Command = (sdk as unknown as Commands)[`${operation.name}Command`];
  if (!Command) throw new Error(`The SDK has no ${operation.name}Command.`);

  return {
    keys,
    needed: neededBy(operation, keys, input),
    input,
    /** Somebody calls the operation. */
    call: (client: sdk.KMSClient, other: object = input): Promise<Answered> => client.send(new Command(other)),
    /** What the administrator sees of the keys, and of what is beside them. */
    seen: () => seenOf(kms, Object.values(keys)),
  };
}

/** The permissions that AWS asks for, on every resource unless a key is declared for them, or the alias. */
function neededBy(operation: AnyOperation, keys: Readonly<Record<string, TestKey>>, input: object): readonly Needed[] {
  const { name, alias, on = {} } = operation;
  const targets = Object.entries(on).map(([target, { permission }]) => ({ permission, on: keys[target]?.arn ?? "", target }));
  const ofAlias = alias ? [{ permission: targets[0]?.permission ?? "", on: aliasArn(alias(input as never)) }] : [];
  const permissions = TRIALS[name]?.permissions ?? [`kms:${name}`];
  const others = permissions.filter((permission) => !targets.some((target) => target.permission === permission));
  return [...others.map((permission) => ({ permission, on: "*" })), ...ofAlias, ...targets];
}

async function seenOf({ client }: Kms, keys: readonly TestKey[]): Promise<unknown> {
  const { Keys } = await client.send(new sdk.ListKeysCommand({ Limit: 1000 }));
  const each = keys.map(async ({ id: KeyId }) => {
    const answers = [
      await client.send(new sdk.DescribeKeyCommand({ KeyId })),
      await client.send(new sdk.GetKeyPolicyCommand({ KeyId })),
      await client.send(new sdk.ListResourceTagsCommand({ KeyId })),
      await client.send(new sdk.ListGrantsCommand({ KeyId })),
      await client.send(new sdk.ListAliasesCommand({ KeyId })),
    ];
    return answers.map((answer) => members(answer as Answered));
  });
  return { keys: Keys?.length, each: await Promise.all(each) };
}

/** The call is refused in these words or one of these, is recorded as that, and everything is as it was. */
export async function expectNothing(kms: Kms, { seen }: Scene, call: () => Promise<Answered>, ...words: readonly string[]): Promise<void> {
  const before = await seen();
  expect(words).toContain(await kms.refused(call()));
  expect(await seen()).toEqual(before);
}

/** The call is answered, or refused for another reason than that its caller may not make it or that it is none. */
export async function expectAllowed(call: Promise<Answered>): Promise<void> {
  const outcome = await call.then(
    () => "answered",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
  expect(outcome).not.toMatch(/AccessDenied|Validation|Internal|Serialization|Unknown|Unrecognized|Signature/);
}
