/** Grants, as tests of their operations share them. */
import { CreateGrantCommand, type CreateGrantCommandInput, type KMSClient, ListGrantsCommand } from "@aws-sdk/client-kms";
import { randomBytes } from "@trent/crypto";
import type { Grant } from "#domain/grant";
import type { Tables } from "#store";
import { ACCOUNT, HOME } from "../service.ts";
import { ADMINISTRATOR, type Kms } from "./start.ts";

/** A grant to the administrator unless it says otherwise. */
export const create = (client: KMSClient, KeyId: string, rest: Partial<CreateGrantCommandInput> = {}) => {
  const grantee = rest.GranteeServicePrincipal === undefined ? { GranteePrincipal: ADMINISTRATOR } : {};
  return client.send(new CreateGrantCommand({ KeyId, ...grantee, Operations: ["Encrypt"], ...rest }));
};

export const newGrantId = (): string => randomBytes(32).toString("hex");

/** A grant's row in the log's words. */
export const grantItem = (keyId: string, id: string | undefined, version: number): string => `keys/K#${keyId}/G#${id}@${version}`;

/** A grant put into the store, whatever state its key is in. */
export async function storedGrant(kms: Pick<Kms, "host">, KeyId: string, facts: Partial<Grant> = {}): Promise<Grant> {
  const grant: Grant = {
    id: newGrantId(),
    keyId: KeyId.split("/").at(-1) ?? "",
    account: ACCOUNT,
    name: "",
    grantee: { principal: ADMINISTRATOR },
    operations: ["Encrypt"],
    issuer: ACCOUNT,
    creator: ACCOUNT,
    created: new Date(),
    version: 0,
    ...facts,
  };
  await (await grantsOf(kms)).create(grant);
  return { ...grant, version: 1 };
}

/** The grants in the store, beside the service. */
export async function grantsOf({ host }: Pick<Kms, "host">): Promise<Tables["grants"]["write"]> {
  const stores = (await host.region(HOME)).stores({ grants: "write" }, async () => undefined);
  return stores["grants"] as Tables["grants"]["write"];
}

/** Ids of a key's grants, as ListGrants answers them. */
export async function grantIds(client: KMSClient, KeyId: string): Promise<(string | undefined)[]> {
  const { Grants } = await client.send(new ListGrantsCommand({ KeyId, Limit: 100 }));
  return (Grants ?? []).map(({ GrantId }) => GrantId);
}
