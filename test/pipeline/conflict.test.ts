import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "#store/drivers/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { call } from "./signed-request.ts";

const folder = mkdtempSync(join(tmpdir(), "trent-conflict-"));
const database = openSqlite({ folder });
let service: Service;
beforeAll(async () => {
  service = await startService({ database });
});
afterAll(async () => {
  await service.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

const newKey = async (): Promise<string> => JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;

async function tagsOf(KeyId: string): Promise<Record<string, string>> {
  const { Tags } = JSON.parse((await call(service, "ListResourceTags", { KeyId })).text);
  return Object.fromEntries(Tags.map(({ TagKey, TagValue }: { TagKey: string; TagValue: string }) => [TagKey, TagValue]));
}

test("twenty changes of one key at once: each happens and is answered, or is refused and did not happen", async () => {
  for (let i=0;i<5;i++){
  const KeyId = await newKey();
  const names = Array.from({ length: 20 }, (_, number) => `tag-${number}`);
  const t0=performance.now();
  const answers = await Promise.all(names.map((TagKey) => call(service, "TagResource", { KeyId, Tags: [{ TagKey, TagValue: "x" }] })));
  const answered = names.filter((_, number) => answers[number]?.status === 200);
  console.log(performance.now()-t0,answers.map(a => a.status + a.error.name).join(" "));
  console.log((await service.log()).filter(r => r.id.includes("#I")).length);
  expect(Object.keys(await tagsOf(KeyId)).sort()).toEqual(answered.sort());
  }
});
