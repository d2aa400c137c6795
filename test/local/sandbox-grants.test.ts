import {
  CreateGrantCommand,
  CreateKeyCommand,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  RetireGrantCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";

const NOBODY = `arn:aws:iam::${ACCOUNT}:role/path/nobody`;
let service: Service;

beforeAll(async () => {
  service = await startService({ sandbox: true });
});
afterAll(() => service.stop());

it("a sandbox takes grants to principals that nobody has made, and lists and retires them", async () => {
  const client = service.kms({ accessKeyId: ACCOUNT, secretAccessKey: "any" });
  const KeyId = (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
  const principals = { GranteePrincipal: NOBODY, RetiringPrincipal: NOBODY };
  const { GrantId, GrantToken } = await client.send(new CreateGrantCommand({ KeyId, ...principals, Operations: ["Encrypt"] }));
  const entry = { GrantId, ...principals };
  expect((await client.send(new ListGrantsCommand({ KeyId }))).Grants).toMatchObject([entry]);
  expect((await client.send(new ListRetirableGrantsCommand({ RetiringPrincipal: NOBODY }))).Grants).toMatchObject([entry]);
  await client.send(new RetireGrantCommand({ GrantToken }));
  expect((await client.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
});
