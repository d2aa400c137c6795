/**
 * The calls of Terraform's aws_kms_key, aws_kms_external_key, aws_kms_alias and aws_kms_grant, by the SDK: each is stable at the first read.
 *
 * Terraform itself is not run here.
 */
import {
  CreateAliasCommand,
  CreateGrantCommand,
  type CreateGrantCommandInput,
  DeleteAliasCommand,
  ImportKeyMaterialCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { FOR_EVER, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { ADMINISTRATOR, allowing, startKms } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";
import * as terraform from "./terraform-provider.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
/** Its members in the order in which Go writes them. */
const policyFor = (AWS: string, Id = "plan") => ({
  Id,
  Statement: [
    { Action: "kms:*", Effect: "Allow", Principal: { AWS: ROOT }, Resource: "*", Sid: "account" },
    { Action: ["kms:Decrypt", "kms:DescribeKey"], Effect: "Allow", Principal: { AWS }, Resource: "*", Sid: "use" },
  ],
  Version: "2012-10-17",
});

describe("Terraform", () => {
  const trent = startKms();

  describe("aws_kms_key", () => {
    it("creates a key with policy, rotation and tags, and reads back what it wrote", async () => {
      const kms = trent.client;
      const { arn } = await trent.someone();
      const [policy, tags] = [policyFor(arn), { owner: "platform", stage: "test" }];
      const Policy = JSON.stringify(policy);
      const id = await terraform.createKey(kms, {
        KeySpec: "SYMMETRIC_DEFAULT",
        Description: "made",
        Policy,
        Tags: terraform.tagList(tags),
      });
      await terraform.enableRotation(kms, id, 180);
      await terraform.policySettled(kms, id, policy);
      await terraform.tagsSettled(kms, id, tags);
      const { metadata, ...rest } = await terraform.readKey(kms, id);
      expect(metadata).toMatchObject({ KeySpec: "SYMMETRIC_DEFAULT", Description: "made", Enabled: true, MultiRegion: false });
      expect(rest).toEqual({ policy, rotation: [true, 180], tags });
    });

    it("creates one that is disabled", async () => {
      const kms = trent.client;
      const id = await terraform.createKey(kms, { KeySpec: "SYMMETRIC_DEFAULT" });
      await terraform.enableRotation(kms, id, 365);
      await terraform.enable(kms, id, false);
      expect(await terraform.readKey(kms, id)).toMatchObject({ metadata: { KeyState: "Disabled" }, rotation: [true, 365], tags: {} });
    });

    it.each([
      ["RSA_2048", "SIGN_VERIFY"],
      ["ECC_NIST_P256", "SIGN_VERIFY"],
      ["HMAC_256", "GENERATE_VERIFY_MAC"],
    ] as const)("asks of a key of spec %s, too, whether it rotates", async (KeySpec, KeyUsage) => {
      const id = await terraform.createKey(trent.client, { KeySpec, KeyUsage });
      expect((await terraform.readKey(trent.client, id)).rotation).toEqual([false, undefined]);
    });

    it("changes everything that can be changed: tags, then enabled, rotation, description and policy, at last disabled", async () => {
      const kms = trent.client;
      const [before, after] = [
        { gone: "soon", kept: "as it is", changed: "from" },
        { added: "new", changed: "to", kept: "as it is" },
      ];
      const Policy = JSON.stringify(policyFor(ADMINISTRATOR));
      const id = await terraform.createKey(kms, { KeySpec: "SYMMETRIC_DEFAULT", Policy, Tags: terraform.tagList(before) });
      await terraform.enable(kms, id, false);

      await terraform.updateTags(kms, id, before, after);
      await terraform.enable(kms, id, true);
      await terraform.enableRotation(kms, id, 90);
      await terraform.enableRotation(kms, id, 2560);
      await terraform.updateDescription(kms, id, "changed");
      const policy = policyFor(ADMINISTRATOR, "changed");
      await terraform.updatePolicy(kms, id, policy);
      await terraform.disableRotation(kms, id);
      await terraform.enable(kms, id, false);

      const { metadata, rotation, ...rest } = await terraform.readKey(kms, id);
      expect(metadata).toMatchObject({ Description: "changed", Enabled: false });
      expect(rotation?.[0]).toBe(false);
      expect(rest).toEqual({ policy, tags: after });
    });

    it("names a role in a policy as soon as there is one", async () => {
      const { arn } = await trent.someone();
      const id = await terraform.createKey(trent.client, { KeySpec: "SYMMETRIC_DEFAULT", Policy: JSON.stringify(policyFor(arn)) });
      const other = await trent.someone();
      await terraform.updatePolicy(trent.client, id, policyFor(other.arn));
    });

    it("deletes it, and finds it deleted when it was so before", async () => {
      const id = await terraform.createKey(trent.client, { KeySpec: "SYMMETRIC_DEFAULT" });
      await terraform.deleteKey(trent.client, id, 7);
      await terraform.deleteKey(trent.client, id, 7);
    });
  });

  describe("aws_kms_external_key", () => {
    const inYears = (years: number) => new Date(Math.floor(trent.now().getTime() / 1000) * 1000 + years * 365 * 86_400_000);

    async function importMaterial(KeyId: string, material: Uint8Array, ValidTo?: Date): Promise<void> {
      const kms = trent.client;
      const { ImportToken, PublicKey } = await parametersFor(kms, KeyId, "RSAES_OAEP_SHA_256", "RSA_2048");
      const EncryptedKeyMaterial = wrapped({ PublicKey }, "RSAES_OAEP_SHA_256", material);
      const expiration = ValidTo ? ({ ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo } as const) : FOR_EVER;
      await kms.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...expiration }));
      const found = await terraform.describeKey(kms, KeyId);
      expect([found.KeyState, found.ValidTo]).toEqual(["Enabled", ValidTo]);
    }

    it("creates a key, brings its material, and disables it, unless it is told otherwise", async () => {
      const kms = trent.client;
      const [policy, tags] = [policyFor(ADMINISTRATOR), { stage: "test" }];
      const input = { Origin: "EXTERNAL", Policy: JSON.stringify(policy), Tags: terraform.tagList(tags) } as const;
      const id = await terraform.createKey(kms, input);
      await importMaterial(id, newMaterial("SYMMETRIC_DEFAULT"));
      await terraform.enable(kms, id, false);
      await terraform.policySettled(kms, id, policy);
      await terraform.tagsSettled(kms, id, tags);
      const { metadata, ...rest } = await terraform.readKey(kms, id);
      expect(metadata).toMatchObject({ KeyManager: "CUSTOMER", KeyState: "Disabled", ExpirationModel: FOR_EVER.ExpirationModel });
      expect(rest).toEqual({ policy, tags });
    });

    it("creates one that waits for material", async () => {
      const id = await terraform.createKey(trent.client, { Origin: "EXTERNAL" });
      const { KeyState, Enabled, ExpirationModel } = (await terraform.readKey(trent.client, id)).metadata;
      expect([KeyState, Enabled, ExpirationModel]).toEqual(["PendingImport", false, undefined]);
    });

    it("brings the same material again when its end is moved, or taken away", async () => {
      const id = await terraform.createKey(trent.client, { Origin: "EXTERNAL" });
      const material = newMaterial("SYMMETRIC_DEFAULT");
      await importMaterial(id, material, inYears(0.5));
      await importMaterial(id, material, inYears(0.75));
      await importMaterial(id, material);
      await terraform.deleteKey(trent.client, id, 30);
    });
  });

  it("aws_kms_alias: gives a name, moves it, and takes it away", async () => {
    const kms = trent.client;
    const [one, other] = [await trent.key(), await trent.key()];
    const AliasName = `alias/${trent.newName("terraform")}`;
    const entry = { AliasName, AliasArn: `arn:aws:kms:${HOME}:${ACCOUNT}:${AliasName}` };
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.id }));
    expect(await terraform.aliasNamed(kms, AliasName)).toMatchObject({ ...entry, TargetKeyId: one.id });
    // A plan names keys by ARN as well.
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: other.arn }));
    expect(await terraform.aliasNamed(kms, AliasName)).toMatchObject({ ...entry, TargetKeyId: other.id });
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await terraform.aliasNamed(kms, AliasName)).toBeUndefined();
    await expect(kms.send(new DeleteAliasCommand({ AliasName }))).rejects.toThrow(expect.objectContaining({ name: "NotFoundException" }));
  });

  describe("aws_kms_grant", () => {
    async function granted(rest: Pick<CreateGrantCommandInput, "Name" | "Constraints" | "RetiringPrincipal"> = {}) {
      const key = await trent.key();
      const grantee = await trent.someone([allowing("kms:ListKeys")]);
      const grant = new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: grantee.arn, Operations: ["Decrypt", "Encrypt"], ...rest });
      const { GrantId = "", GrantToken } = await trent.client.send(grant);
      expect(GrantToken).toBeTruthy();
      const found = await terraform.grantWith(trent.client, key.id, GrantId);
      expect(found).toMatchObject({ GranteePrincipal: grantee.arn, Name: rest.Name ?? "" });
      expect(found?.Operations?.toSorted()).toEqual(["Decrypt", "Encrypt"]);
      return { key, id: GrantId, found };
    }

    it("grants, reads it in the list with what it is bound to, and revokes", async () => {
      const Constraints = { EncryptionContextEquals: { department: "finance" } };
      const { key, id, found } = await granted({ Name: "plan", Constraints });
      expect(found?.Constraints).toEqual(Constraints);
      await trent.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: id }));
      expect(await terraform.grantWith(trent.client, key.id, id)).toBeUndefined();
    });

    it("retires it on deletion, where the plan says so", async () => {
      const { key, id, found } = await granted({ RetiringPrincipal: ADMINISTRATOR });
      expect(found?.RetiringPrincipal).toBe(ADMINISTRATOR);
      await trent.client.send(new RetireGrantCommand({ KeyId: key.arn, GrantId: id }));
      expect(await terraform.grantWith(trent.client, key.id, id)).toBeUndefined();
    });

    it("finds one that is gone already gone", async () => {
      const { key, id } = await granted();
      const revoke = () => trent.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: id }));
      await revoke();
      await expect(revoke()).rejects.toThrow(expect.objectContaining({ name: "NotFoundException" }));
    });
  });
});
