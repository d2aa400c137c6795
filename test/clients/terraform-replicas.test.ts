/** The calls of Terraform's aws_kms_replica_key and aws_kms_replica_external_key, by the SDK. Terraform itself is not run here. */
import { type CreateKeyCommandInput, ImportKeyMaterialCommand, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { keyArn, OTHER_REGION, startKms } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import * as terraform from "./terraform-provider.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const policyOf = (Id: string) => ({
  Id,
  Statement: [{ Action: "kms:*", Effect: "Allow", Principal: { AWS: ROOT }, Resource: "*", Sid: "account" }],
  Version: "2012-10-17",
});

describe("Terraform", () => {
  const trent = startKms();
  const there = (): KMSClient => trent.kms(trent.administrator, OTHER_REGION);
  const primary = (input: CreateKeyCommandInput = {}) => terraform.createKey(trent.client, { MultiRegion: true, ...input });
  const replicate = (KeyId: string, kms: KMSClient, input = {}, state: "Enabled" | "PendingImport" = "Enabled") =>
    terraform.createReplica({ primary: trent.client, there: kms }, { KeyId, ReplicaRegion: OTHER_REGION, ...input }, state);

  describe("aws_kms_replica_key", () => {
    it("creates a replica with policy and tags of its own, and reads back what it wrote", async () => {
      const [kms, policy, tags] = [there(), policyOf("replica"), { owner: "platform", stage: "test" }];
      const of = await primary({ KeySpec: "SYMMETRIC_DEFAULT", Description: "the primary's", Tags: terraform.tagList({ not: "here" }) });
      const given = { Description: "there", Policy: JSON.stringify(policy), Tags: terraform.tagList(tags) };
      const id = await replicate(of, kms, given);
      await terraform.policySettled(kms, id, policy);
      await terraform.tagsSettled(kms, id, tags);
      const { metadata, ...rest } = await terraform.readKey(kms, id);
      expect(metadata).toMatchObject({
        Description: "there",
        Enabled: true,
        MultiRegion: true,
        MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", PrimaryKey: { Arn: keyArn(of) } },
      });
      expect(rest).toEqual({ policy, rotation: [false, undefined], tags });
    });

    it("changes what is the replica's, and nothing of the primary key's", async () => {
      const [kms, before, after] = [there(), { gone: "soon", changed: "from" }, { added: "new", changed: "to" }];
      const of = await primary({ KeySpec: "SYMMETRIC_DEFAULT" });
      const id = await replicate(of, kms, { Tags: terraform.tagList(before) });
      const untouched = await terraform.readKey(trent.client, of);
      await terraform.enable(kms, id, false);
      await terraform.updateTags(kms, id, before, after);
      await terraform.enable(kms, id, true);
      await terraform.updateDescription(kms, id, "changed");
      await terraform.updatePolicy(kms, id, policyOf("changed"));
      expect(await terraform.readKey(trent.client, of)).toEqual(untouched);
    });

    it("shows the rotation that is set on the primary key", async () => {
      const kms = there();
      const of = await primary({ KeySpec: "SYMMETRIC_DEFAULT" });
      await terraform.enableRotation(trent.client, of, 180);
      expect((await terraform.readKey(kms, await replicate(of, kms))).rotation).toEqual([true, 180]);
    });

    it("destroys the replica, then the primary key, which waits for it", async () => {
      const kms = there();
      const of = await primary({ KeySpec: "SYMMETRIC_DEFAULT" });
      await terraform.deleteKey(kms, await replicate(of, kms), 7);
      await terraform.deleteKey(trent.client, of, 7);
      expect((await terraform.describeKey(trent.client, of)).KeyState).toBe("PendingReplicaDeletion");
    });
  });

  describe("aws_kms_replica_external_key", () => {
    it("creates a replica, and brings it the primary key's material", async () => {
      const kms = there();
      const of = await primary({ Origin: "EXTERNAL" });
      const material = newMaterial("SYMMETRIC_DEFAULT");
      await importInto(trent.client, of, material);
      const id = await replicate(of, kms, {}, "PendingImport");
      const parameters = await parametersFor(kms, id);
      const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", material);
      await kms.send(new ImportKeyMaterialCommand({ KeyId: id, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ...FOR_EVER }));
      expect(await terraform.describeKey(kms, id)).toMatchObject({ KeyState: "Enabled", ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" });
      await terraform.enable(kms, id, false);
    });
  });
});
