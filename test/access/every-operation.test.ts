/** No operation does anything for whom no policy lets it, or against one that forbids it: all that there are, and those to come. */
import { CreateGrantCommand, type GrantOperation } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import * as declared from "#kms";
import type { AnyOperation } from "#operation";
import { setPolicy } from "../kms/permissions.ts";
import { allowing, denying, policyOf, startKms } from "../kms/start.ts";
import { memberOf, modelOf } from "../model/model.ts";
import { CONTEXT, TRIALS } from "./every-operation-inputs.ts";
import { expectAllowed, expectNothing, type Needed, type Scene, sceneOf } from "./every-operation-world.ts";
import { administrated, enablesIam } from "./examples.ts";
import { SAID } from "./refusals.ts";

const OPERATIONS: readonly (readonly [string, AnyOperation])[] = Object.values(declared).map((operation) => [operation.name, operation]);
const TARGETS = OPERATIONS.flatMap(([name, operation]) =>
  Object.keys(operation.on ?? {}).map((target) => [name, target, operation] as const),
);
const GOVERNED = TARGETS.filter(([, target, { on }]) => !on?.[target]?.retires);
const WITH_CONTEXT = TARGETS.filter(([, target, { on }]) => on?.[target]?.context);
const WITH_ALIAS = OPERATIONS.filter(([, { alias }]) => alias);
const WITHOUT_KEY = OPERATIONS.filter(([, { on, permission }]) => !on && permission);

const saying = (tenant: string) => ({ StringEquals: { "kms:EncryptionContext:tenant": tenant } });
const allow = ({ permission, on }: Needed, rest: object = {}) => policyOf({ Effect: "Allow", Action: permission, Resource: on, ...rest });
const forbid = ({ permission, on }: Needed, rest: object = {}) => policyOf({ Effect: "Deny", Action: permission, Resource: on, ...rest });

describe("every operation", () => {
  const kms = startKms();
  const model = modelOf("kms");

  /** The permission on a target's key, and all others that the call needs. */
  function asked({ needed }: Scene, target: string): { it: Needed; others: object[] } {
    const it = needed.find((one) => one.target === target);
    if (!it) throw new Error(`Nothing is asked for ${target}.`);
    return { it, others: needed.filter((one) => one !== it).map((one) => allow(one)) };
  }
  const words = (why: keyof typeof SAID, { permission, on }: Needed, who: string) => SAID[why]({ who, action: permission, on });

  it.each(OPERATIONS)("%s has an input in every-operation-inputs.ts", (name) => {
    expect(Object.keys(TRIALS)).toContain(name);
  });

  it("every input is that of an operation", () => {
    expect(OPERATIONS.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(TRIALS)));
  });

  it.each(OPERATIONS)("%s shows policies the encryption contexts that AWS's model gives it", (name, { on = {} }) => {
    const input = model.shapes[model.operations[name]?.input ?? ""];
    const contexts = Object.keys(input?.members ?? {}).filter((member) => input && memberOf(input, member) === "EncryptionContextType");
    expect(Object.values(on).filter(({ context }) => context).length).toBeGreaterThanOrEqual(contexts.length);
  });

  it.each(OPERATIONS)("%s asks for the permissions that AWS asks for", async (name, operation) => {
    const { needed } = await sceneOf(kms, operation);
    expect(new Set(needed.map(({ permission }) => permission))).toEqual(new Set(TRIALS[name]?.permissions ?? [`kms:${name}`]));
  });

  it.each(OPERATIONS)("%s: refuses who has no policy at all", async (_, operation) => {
    const [scene, user] = [await sceneOf(kms, operation), await kms.someone()];
    await expectNothing(
      kms,
      scene,
      () => scene.call(user.client),
      ...scene.needed.map((one) => words("no identity policy", one, user.arn)),
    );
  });

  it.each(OPERATIONS)("%s: takes who may do just that", async (_, operation) => {
    const scene = await sceneOf(kms, operation);
    const user = await kms.someone(scene.needed.map((one) => allow(one)));
    await expectAllowed(scene.call(user.client));
  });

  describe.each(TARGETS)("%s, of its %s", (_, target, operation) => {
    it("refuses who may do all else", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const user = await kms.someone(others);
      await expectNothing(kms, scene, () => scene.call(user.client), words("no identity policy", it, user.arn));
    });

    it("refuses who may do it with another key", async () => {
      const [scene, other] = [await sceneOf(kms, operation), await kms.key()];
      const { it, others } = asked(scene, target);
      const user = await kms.someone([...others, allow({ ...it, on: other.arn })]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("no identity policy", it, user.arn));
    });

    it("refuses who may do everything else with it", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const user = await kms.someone([...others, policyOf({ Effect: "Allow", NotAction: it.permission, Resource: "*" })]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("no identity policy", it, user.arn));
    });

    it("refuses to whom an identity policy denies it", async () => {
      const scene = await sceneOf(kms, operation);
      const { it } = asked(scene, target);
      const user = await kms.someone([allowing("*"), forbid(it)]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("denied by identity policy", it, user.arn));
    });

    it("refuses to whom the key policy denies it", async () => {
      const [scene, user] = [await sceneOf(kms, operation), await kms.someone([allowing("*")])];
      const { it } = asked(scene, target);
      const statement = { Effect: "Deny", Principal: { AWS: user.arn }, Action: it.permission, Resource: "*" };
      await setPolicy(kms, it.on, [enablesIam, statement]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("denied by key policy", it, user.arn));
    });
  });

  describe.each(GOVERNED)("%s, of its %s", (_, target, operation) => {
    it("refuses who has but identity policies, where the key policy leaves nothing to them", async () => {
      const [scene, user] = [await sceneOf(kms, operation), await kms.someone([allowing("*")])];
      const { it } = asked(scene, target);
      await setPolicy(kms, it.on, [administrated]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("no key policy", it, user.arn));
    });

    it("takes who is named by the key policy, without an identity policy", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const user = await kms.someone(others);
      const statement = { Effect: "Allow", Principal: { AWS: user.arn }, Action: it.permission, Resource: "*" };
      await setPolicy(kms, it.on, [administrated, statement]);
      await expectAllowed(scene.call(user.client));
    });
  });

  describe.each(WITH_CONTEXT)("%s, of its %s, looks at the encryption context", (_, target, operation) => {
    it("in an identity policy that allows", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const [right, wrong] = [CONTEXT.tenant, "another"].map((tenant) => [...others, allow(it, { Condition: saying(tenant) })]);
      const [may, mayNot] = [await kms.someone(right), await kms.someone(wrong)];
      await expectNothing(kms, scene, () => scene.call(mayNot.client), words("no identity policy", it, mayNot.arn));
      await expectAllowed(scene.call(may.client));
    });

    it("in an identity policy that denies", async () => {
      const scene = await sceneOf(kms, operation);
      const { it } = asked(scene, target);
      const mayNot = await kms.someone([allowing("*"), forbid(it, { Condition: saying(CONTEXT.tenant) })]);
      const may = await kms.someone([allowing("*"), forbid(it, { Condition: saying("another") })]);
      await expectNothing(kms, scene, () => scene.call(mayNot.client), words("denied by identity policy", it, mayNot.arn));
      await expectAllowed(scene.call(may.client));
    });

    it("in the key policy", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const [may, mayNot] = [await kms.someone(others), await kms.someone(others)];
      const statement = (AWS: string, tenant: string) => ({
        ...{ Effect: "Allow", Principal: { AWS }, Action: it.permission, Resource: "*" },
        Condition: saying(tenant),
      });
      await setPolicy(kms, it.on, [administrated, statement(may.arn, CONTEXT.tenant), statement(mayNot.arn, "another")]);
      await expectNothing(kms, scene, () => scene.call(mayNot.client), words("no key policy", it, mayNot.arn));
      await expectAllowed(scene.call(may.client));
    });

    it("in the constraint of a grant", async () => {
      const scene = await sceneOf(kms, operation);
      const { it, others } = asked(scene, target);
      const [may, mayNot] = [await kms.someone(others), await kms.someone(others)];
      const Operations = [...new Set([it.permission.replace("kms:", "") as GrantOperation, "Encrypt" as const])];
      for (const [{ arn: GranteePrincipal }, tenant] of [
        [may, CONTEXT.tenant],
        [mayNot, "another"],
      ] as const) {
        const Constraints = { EncryptionContextSubset: { tenant } };
        await kms.client.send(new CreateGrantCommand({ KeyId: it.on, GranteePrincipal, Operations, Constraints }));
      }
      await expectNothing(kms, scene, () => scene.call(mayNot.client), words("no identity policy", it, mayNot.arn));
      await expectAllowed(scene.call(may.client));
    });
  });

  describe.each(WITH_ALIAS)("%s, of its alias", (_, operation) => {
    const ofAlias = ({ needed }: Scene) => needed.find(({ on }) => on.includes(":alias/")) as Needed;

    it("refuses who may do it with the keys alone, whatever the key policies say", async () => {
      const scene = await sceneOf(kms, operation);
      const it = ofAlias(scene);
      const user = await kms.someone(scene.needed.filter((one) => one !== it).map((one) => allow(one)));
      const statement = { Effect: "Allow", Principal: { AWS: user.arn }, Action: "kms:*", Resource: "*" };
      for (const { target, on } of scene.needed) if (target) await setPolicy(kms, on, [enablesIam, statement]);
      await expectNothing(kms, scene, () => scene.call(user.client), words("no identity policy", it, user.arn));
    });

    it("refuses who may do it with another alias, or is denied this one", async () => {
      const scene = await sceneOf(kms, operation);
      const it = ofAlias(scene);
      const others = scene.needed.filter((one) => one !== it).map((one) => allow(one));
      const [other, denied] = [
        await kms.someone([...others, allow({ ...it, on: `${it.on}-2` })]),
        await kms.someone([allowing("*"), forbid(it)]),
      ];
      await expectNothing(kms, scene, () => scene.call(other.client), words("no identity policy", it, other.arn));
      await expectNothing(kms, scene, () => scene.call(denied.client), words("denied by identity policy", it, denied.arn));
    });
  });

  describe.each(WITHOUT_KEY)("%s", (_, operation) => {
    it("refuses who lacks one of its permissions, has it for a key only, or is denied it", async () => {
      const [scene, key] = [await sceneOf(kms, operation), await kms.key()];
      for (const one of scene.needed) {
        const others = scene.needed.filter((needed) => needed !== one).map((needed) => allow(needed));
        for (const policies of [others, [...others, allow({ ...one, on: key.arn })]]) {
          const user = await kms.someone(policies);
          await expectNothing(kms, scene, () => scene.call(user.client), words("no identity policy", one, user.arn));
        }
        const denied = await kms.someone([allowing("*"), denying(one.permission)]);
        await expectNothing(kms, scene, () => scene.call(denied.client), words("denied by identity policy", one, denied.arn));
      }
    });
  });
});
