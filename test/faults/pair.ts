import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call } from "../pipeline/signed-request.ts";
import { atLeast, type Outcome } from "./crash.ts";
import { newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { type Server, startServer } from "./server.ts";
import { missing } from "./verify.ts";

export interface PairOutcome extends Outcome {
  /** Changes that were acknowledged by one server and then looked for at the other. */
  readonly looks: number;
  readonly stale: readonly string[];
}

/** Two servers on one data folder, under load; one of them, at random, is killed and started again, over and over. */
export async function pair(rounds: number, clients = 8): Promise<PairOutcome> {
  const folder = join(mkdtempSync(join(tmpdir(), "trent-pair-")), "data");
  const started = performance.now();
  const ledger = newLedger();
  const stale: string[] = [];
  let looks = 0;
  let servers = await Promise.all([startServer(folder), startServer(folder)]);
  let live: readonly Server[] = servers;
  const load = startLoad({ clients, servers: () => live, ledger });

  async function look(): Promise<void> {
    const found = await staleness(live);
    looks += found.looks;
    stale.push(...found.stale);
  }

  for (let round = 0; round < rounds; round += 1) {
    await atLeast(ledger.calls.size + 20, ledger);
    await look();
    await atLeast(ledger.calls.size + Math.random() * 40, ledger);
    const [killed, kept] = (Math.random() < 0.5 ? servers : servers.toReversed()) as [Server, Server];
    live = [kept];
    await killed.kill();
    await atLeast(ledger.calls.size + 20, ledger);
    servers = [kept, await startServer(folder)];
    live = servers;
  }
  await look();
  await load.stop();
  const lost = await missing(servers[0] as Server, folder, ledger);
  const codes = await Promise.all(servers.map((server) => server.stop()));
  if (codes.some((code) => code !== 0)) lost.push(`orderly ends: ${codes}`);
  rmSync(join(folder, ".."), { recursive: true });
  return { rounds, ledger, lost, looks, stale, seconds: (performance.now() - started) / 1000 };
}

type Answered = Awaited<ReturnType<typeof call>>;

/** Changes a key at one server and looks at it at the other, at once, each way round. */
async function staleness([one, other]: readonly Server[]): Promise<{ looks: number; stale: string[] }> {
  if (!one || !other) return { looks: 0, stale: [] };
  const stale: string[] = [];
  let looks = 0;
  const made = await required(one, "CreateKey", {});
  const { KeyId } = JSON.parse(made.text).KeyMetadata;
  const encrypt = { KeyId, Plaintext: "YQ==" };
  const { Policy } = JSON.parse((await required(one, "GetKeyPolicy", { KeyId })).text);
  const denying = JSON.parse(Policy);
  denying.Statement = [denying.Statement].flat().concat({ Effect: "Deny", Principal: "*", Action: "kms:Encrypt", Resource: "*" });

  async function sees(
    writer: Server,
    reader: Server,
    change: readonly [string, object],
    read: readonly [string, object],
    as: (seen: Answered) => boolean,
  ) {
    await required(writer, ...change);
    looks += 1;
    const seen = await call(reader, ...read);
    if (!as(seen)) stale.push(`after ${change[0]}, ${read[0]}: ${seen.text}`);
  }
  const succeeds = ({ status }: Answered) => status === 200;
  const refused = (name: string) => (seen: Answered) => seen.error.name === name;

  for (let turn = 0; turn < 2; turn += 1) {
    const [writer, reader] = turn % 2 === 0 ? [one, other] : [other, one];
    const value = `turn ${turn}`;
    await sees(
      writer,
      reader,
      ["TagResource", { KeyId, Tags: [{ TagKey: "turn", TagValue: value }] }],
      ["ListResourceTags", { KeyId }],
      ({ text }) => text.includes(value),
    );
    await sees(writer, reader, ["DisableKey", { KeyId }], ["Encrypt", encrypt], refused("DisabledException"));
    await sees(reader, writer, ["EnableKey", { KeyId }], ["Encrypt", encrypt], succeeds);
    await sees(
      writer,
      reader,
      ["PutKeyPolicy", { KeyId, Policy: JSON.stringify(denying) }],
      ["Encrypt", encrypt],
      refused("AccessDeniedException"),
    );
    await sees(reader, writer, ["PutKeyPolicy", { KeyId, Policy }], ["Encrypt", encrypt], succeeds);
    const alias = { AliasName: `alias/${KeyId}`, TargetKeyId: KeyId };
    await sees(writer, reader, ["CreateAlias", alias], ["Encrypt", { ...encrypt, KeyId: alias.AliasName }], succeeds);
    await sees(
      reader,
      writer,
      ["DeleteAlias", { AliasName: alias.AliasName }],
      ["Encrypt", { ...encrypt, KeyId: alias.AliasName }],
      refused("NotFoundException"),
    );
  }
  return { looks, stale };
}

async function required(server: Server, operation: string, body: object): Promise<Answered> {
  const answer = await call(server, operation, body);
  if (answer.status !== 200) throw new Error(`${operation} was answered ${answer.status} ${answer.text}: ${server.log().slice(-500)}`);
  return answer;
}
