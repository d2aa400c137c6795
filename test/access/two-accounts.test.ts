/** No operation reaches across accounts, however it names a key, unless both sides consent: the key's policy, and the caller's own policies. */
import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  GetAccessKeyLastUsedCommand,
  GetPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateAliasCommand, ListAliasesCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { beforeAll, describe, expect, it } from "vitest";
import * as declared from "#kms";
import type { AnyOperation } from "#operation";
import { setPolicy } from "../kms/permissions.ts";
import { aliasArn, allowing, members, OTHER_ACCOUNT, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import { makeRole, trust } from "../sts/sessions.ts";
import { expectAllowed, type Scene, sceneOf } from "./every-operation-world.ts";
import { enablesIam } from "./examples.ts";

const OPERATIONS: readonly (readonly [string, AnyOperation])[] = Object.values(declared).map((operation) => [operation.name, operation]);
const ON_KEYS = OPERATIONS.filter(([, { on }]) => on);
const ON_NONE = OPERATIONS.filter(([, { on }]) => !on);
const WITHIN = ON_KEYS.filter(([, { on = {} }]) => Object.values(on).some(({ acrossAccounts }) => !acrossAccounts));
/** Who may retire a grant is for the grant to say. */
const ACROSS = ON_KEYS.filter(([, { on = {} }]) => Object.values(on).every(({ acrossAccounts, retires }) => acrossAccounts && !retires));

const everythingTo = (AWS: string) => ({ Effect: "Allow", Principal: { AWS }, Action: "kms:*", Resource: "*" });

describe("from another account", () => {
  const kms = startKms();
  let mighty: TestUser;
  let nobody: TestUser;
  beforeAll(async () => {
    mighty = await kms.someone([allowing("*")], OTHER_ACCOUNT);
    nobody = await kms.someone([], OTHER_ACCOUNT);
  });

  const consentsOf = (keys: Scene["keys"], statement: object) =>
    Promise.all([...new Set(Object.values(keys))].map(({ id }) => setPolicy(kms, id, [enablesIam, statement])));

  /** The input under every name that a key has, and under none where its ciphertext tells it. */
  async function inputsOf({ input, keys }: Scene): Promise<ReadonlyMap<string, object>> {
    const made = [...new Set(Object.values(keys))];
    const aliases = new Map(await Promise.all(made.map(async (key) => [key.arn, await aliasOf(key)] as const)));
    const renamed = (name: (key: TestKey) => string | undefined) =>
      Object.fromEntries(
        Object.entries(input).map(([member, value]) => {
          const key = made.find(({ arn }) => arn === value);
          return [member, key ? name(key) : value];
        }),
      );
    return new Map<string, object>([
      ["key ARN", renamed(({ arn }) => arn)],
      ["key id", renamed(({ id }) => id)],
      ["alias name", renamed(({ arn }) => aliases.get(arn))],
      ["alias ARN", renamed(({ arn }) => aliasArn(aliases.get(arn) ?? ""))],
      ...("CiphertextBlob" in input ? [["ciphertext alone", { ...input, KeyId: undefined, SourceKeyId: undefined }] as const] : []),
    ]);
  }

  /** A key that is pending deletion takes no alias: then it is one that there is not. */
  async function aliasOf({ id }: TestKey): Promise<string> {
    const AliasName = kms.newName("alias/across");
    await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: id })).catch((cause: Error) => {
      expect(cause.name).toBe("KMSInvalidStateException");
    });
    return AliasName;
  }

  async function expectRefused(scene: Scene, user: TestUser, inputs: ReadonlyMap<string, object>): Promise<void> {
    for (const [form, input] of inputs) {
      const said = await kms.refused(scene.call(user.client, input), undefined, OTHER_ACCOUNT);
      expect(said, form).toMatch(/^(AccessDenied|NotFound|InvalidArn|Validation)Exception/);
      // What is refused says nothing of a key that the caller has not said itself.
      for (const { id } of Object.values(scene.keys)) if (!JSON.stringify(input).includes(id)) expect(said, form).not.toContain(id);
    }
  }

  it.each(ON_KEYS)("%s does nothing without both sides' consent, in whatever form the key is named", async (_, operation) => {
    const scene = await sceneOf(kms, operation);
    const inputs = await inputsOf(scene);
    const before = await scene.seen();
    await expectRefused(scene, nobody, inputs);
    await expectRefused(scene, mighty, inputs);
    expect(await scene.seen()).toEqual(before);
    await consentsOf(scene.keys, everythingTo(`arn:aws:iam::${OTHER_ACCOUNT}:root`));
    const consented = await scene.seen();
    await expectRefused(scene, nobody, inputs);
    expect(await scene.seen()).toEqual(consented);
  });

  it.each(ACROSS)("%s works with the consent of both sides, by ARN", async (_, operation) => {
    const scene = await sceneOf(kms, operation);
    await consentsOf(scene.keys, everythingTo(mighty.arn));
    await expectAllowed(scene.call(mighty.client));
  });

  it.each(WITHIN)("%s is for the key's own account, whatever both sides say", async (_, operation) => {
    const scene = await sceneOf(kms, operation);
    const inputs = await inputsOf(scene);
    await consentsOf(scene.keys, everythingTo(mighty.arn));
    const before = await scene.seen();
    await expectRefused(scene, mighty, inputs);
    expect(await scene.seen()).toEqual(before);
  });

  it.each(ON_NONE)("%s, which names no key, answers nothing of another account", async (_, operation) => {
    const scene = await sceneOf(kms, operation);
    const answer = await scene.call(mighty.client).then(
      (answered) => JSON.stringify(members(answered)),
      // Of whom it asks, it names by ARN.
      ({ name }: Error) => expect(name).toBe("AccessDeniedException"),
    );
    expect(String(answer)).not.toContain(ACCOUNT);
    for (const { id } of Object.values(scene.keys)) expect(String(answer)).not.toContain(id);
  });

  it("ListAliases answers none of a key of another account", async () => {
    const key = await kms.key();
    const AliasName = await aliasOf(key);
    for (const KeyId of [key.id, key.arn]) {
      const said = await mighty.client.send(new ListAliasesCommand({ KeyId })).then(JSON.stringify, ({ name }: Error) => name);
      expect(said).not.toContain(AliasName);
    }
  });

  it("policies, roles and access keys are those of the caller's own account", async () => {
    const iam = kms.iam(mighty);
    const PolicyDocument = JSON.stringify(allowing("kms:*"));
    const { Policy } = await kms.iam().send(new CreatePolicyCommand({ PolicyName: "across", PolicyDocument }));
    const role = await makeRole(kms, "across", { trust: trust({ AWS: ACCOUNT }), policies: [allowing("*")] });
    await iam.send(new CreateUserCommand({ UserName: "across" }));
    const inside = await kms.someone();
    const names = await Promise.all(
      [
        iam.send(new GetPolicyCommand({ PolicyArn: Policy?.Arn })),
        iam.send(new AttachUserPolicyCommand({ UserName: "across", PolicyArn: Policy?.Arn })),
        iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: inside.accessKeyId })),
        kms.sts(mighty).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "across" })),
      ].map((call) =>
        call.then(
          () => "answered",
          ({ name }: Error) => name,
        ),
      ),
    );
    expect(names).not.toContain("answered");
    for (const name of names) expect(name).toMatch(/AccessDenied|NoSuchEntity|InvalidInput|ValidationError/);
  });
});
