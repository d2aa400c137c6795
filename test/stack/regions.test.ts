/** What Regions share, and what each has to itself. */
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, DecryptCommand, DescribeKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { kmsAt, stsAt } from "./clients.ts";
import { deployed, PREFIX, REGIONS } from "./deployment.ts";
import { trent } from "./stack.ts";

const { administrator, endpoint } = deployed();
const [home, other] = REGIONS;

test("an administrator made in the home Region is one in the other at once", async () => {
  const made = trent(endpoint, "account", "recover", administrator.account, "--region", home, "--stack", PREFIX);
  for (const region of REGIONS)
    expect(await stsAt({ region, credentials: made }).send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: made.userArn });
  expect((await kmsAt({ region: other, credentials: made }).send(new CreateKeyCommand({}))).KeyMetadata?.AWSAccountId).toBe(made.account);
});

test("what the home Region writes to a global table stands in the table of the other", async () => {
  const rows = REGIONS.map(async (region) => {
    const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    const Key = { pk: { S: `A#${administrator.account}` }, sk: { S: "U#administrator" } };
    return (await client.send(new GetItemCommand({ TableName: `${PREFIX}-principals`, Key }))).Item;
  });
  const [here, there] = await Promise.all(rows);
  expect(here).toMatchObject({ mac: expect.anything() });
  expect(there).toEqual(here);
});

test("a key and what is encrypted under it belong to one Region", async () => {
  const [here, there] = REGIONS.map((region) => kmsAt({ region }));
  const { KeyMetadata: key } = (await here?.send(new CreateKeyCommand({}))) ?? {};
  const sealed = await here?.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.from("x") }));
  await expect(there?.send(new DescribeKeyCommand({ KeyId: key?.KeyId }))).rejects.toMatchObject({ name: "NotFoundException" });
  await expect(there?.send(new DecryptCommand({ CiphertextBlob: sealed?.CiphertextBlob }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
});

test("trent init and trent account recover refuse what is not theirs to do", () => {
  expect(trent(endpoint, "init", "--region", home, "--stack", PREFIX).refused).toContain("initialised already");
  expect(trent(endpoint, "account", "recover", administrator.account, "--region", other, "--stack", PREFIX).refused).toContain(home);
});
