/** An operation costs one file and one line: in a copy of the code, one is added so, and then it is served, authorized and recorded. */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { type ServerProcess, startServer } from "./clients/server-process.ts";
import { call } from "./pipeline/signed-request.ts";
import { type Credentials, HOME } from "./service.ts";

const FILE = `import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { integer, required, structure } from "#wire/shape";

/** Tells how many days ago a key was made. */
export const getKeyAge = operation({
  name: "GetKeyAge",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetKeyAge", states: anyState } },
  uses: {},
  input: structure({ KeyId: required(keyId) }),
  output: structure({ KeyId: required(keyArn), Days: required(integer()) }),
  errors: ["NotFoundException"],
  async handle({ keys: { key }, now }) {
    return { KeyId: key.arn, Days: Math.floor((now.getTime() - key.created.getTime()) / 86_400_000) };
  },
});
`;
const LINE = 'export { getKeyAge } from "./get-key-age.ts";\n';

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "trent-copy-"));
const data = join(copy, ".trent");
let server: ServerProcess;
let administrator: Credentials;

beforeAll(async () => {
  for (const part of ["lambdas", "package.json", "tsconfig.json"]) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, "lambdas/kms/get-key-age.ts"), FILE);
  appendFileSync(join(copy, "lambdas/kms/index.ts"), LINE);
  server = await startServer([process.execPath, "lambdas/local/main.ts", "serve", "--port", "0", "--data", data], copy, process.env);
  const profile = readFileSync(join(data, "aws/credentials"), "utf8");
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(profile)?.[1] ?? "";
  administrator = { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
});

afterAll(async () => {
  await server?.stop();
  rmSync(copy, { recursive: true, force: true });
});

const ask = (operation: string, input: object, signing = {}) => call({ url: server.url, administrator }, operation, input, signing);

/** The record that a call left: read from the data folder, beside the server. */
async function recordOf(
  requestId: string,
): Promise<{ readonly e: string; readonly x?: readonly string[]; readonly r?: readonly string[] } | undefined> {
  const database = openSqlite({ folder: data });
  try {
    const log = database.table("log", HOME);
    const account = /^account (\d{12})/m.exec(server.printed())?.[1];
    const days = await log.query({ pk: `${account}#DAYS`, limit: 10 });
    const pages = await Promise.all(days.rows.map(({ sk }) => log.query({ pk: `${account}#${sk}#0`, prefix: requestId, limit: 10 })));
    const [row] = pages.flatMap(({ rows }) => rows);
    return row && JSON.parse(row.body).r;
  } finally {
    await database.close();
  }
}

describe("an operation that was added as one file and one line", () => {
  let key: { readonly KeyId: string; readonly Arn: string; readonly AWSAccountId: string };
  beforeAll(async () => {
    key = JSON.parse((await ask("CreateKey", {})).text).KeyMetadata;
  });

  test("is served to a signed call, and recorded", async () => {
    const { status, text, requestId } = await ask("GetKeyAge", { KeyId: key.KeyId });
    expect([status, JSON.parse(text)]).toEqual([200, { Days: 0, KeyId: key.Arn }]);
    expect(await recordOf(requestId)).toMatchObject({ s: "kms", e: "GetKeyAge", q: { keyId: key.KeyId }, r: [key.Arn], ro: 1 });
  });

  test("validates its input", async () => {
    const { error, requestId } = await ask("GetKeyAge", {});
    expect(error.name).toBe("ValidationException");
    expect(error.text).toContain("at 'keyId' failed to satisfy constraint: Member must not be null");
    expect(await recordOf(requestId)).toMatchObject({ e: "GetKeyAge", x: ["ValidationException", error.text] });
  });

  test("refuses an unsigned call, and leaves no record of it", async () => {
    const { error, requestId } = await ask("GetKeyAge", { KeyId: key.KeyId }, { credentials: undefined });
    expect(error.name).toBe("MissingAuthenticationTokenException");
    expect(await recordOf(requestId)).toBeUndefined();
  });

  test("refuses whom a policy denies its permission, and records the refusal", async () => {
    const everybody = { AWS: `arn:aws:iam::${key.AWSAccountId}:root` };
    const statements = [
      { Effect: "Allow", Principal: everybody, Action: "kms:*", Resource: "*" },
      { Effect: "Deny", Principal: "*", Action: "kms:GetKeyAge", Resource: "*" },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    expect((await ask("PutKeyPolicy", { KeyId: key.KeyId, Policy })).status).toBe(200);
    const { error, requestId } = await ask("GetKeyAge", { KeyId: key.KeyId });
    expect(error.name).toBe("AccessDeniedException");
    expect(error.text).toContain("is not authorized to perform: kms:GetKeyAge");
    expect(await recordOf(requestId)).toMatchObject({ e: "GetKeyAge", x: ["AccessDeniedException", error.text] });
  });
});

test("the code with the added operation type-checks", () => {
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", copy], { encoding: "utf8" });
  expect([tsc.status, tsc.stdout]).toEqual([0, ""]);
});
