import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

/** Says whether there is nobody to ask. */
export const withoutPeer: boolean = spawnSync("python3", ["-c", "import cryptography"]).status !== 0;
if (withoutPeer) console.warn("NOT RUN: what Python's `cryptography` does beside KMS, because there is none here.");

type Given = Readonly<Record<string, string | Uint8Array | Readonly<Record<string, string>>>>;
interface Answer {
  readonly valid?: boolean;
  readonly ciphertext?: Buffer;
  readonly plaintext?: Buffer;
  readonly mac?: Buffer;
  readonly publicKey?: Buffer;
  readonly secret?: Buffer;
}

export interface Peer {
  /** What Python answers; nothing where its `cryptography` is too old for the algorithm. @throws what it raised */
  ask(question: Given): Promise<Answer | undefined>;
}

/** Python with `cryptography`, for the tests of one file. */
export function startPeer(): Peer {
  const peer = {} as Peer;
  let stop = () => {};
  beforeAll(() => {
    if (withoutPeer) return;
    const python = spawn("python3", [fileURLToPath(new URL("every-spec-peer.py", import.meta.url))], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    stop = () => python.stdin.end();
    peer.ask = async (question) => {
      const asked = mapped(question, (value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value));
      python.stdin.write(`${JSON.stringify(asked)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("Python has ended.");
      const { raised, text, ...answer } = JSON.parse(value);
      if (raised === "UnsupportedAlgorithm") {
        console.warn(`NOT RUN: ${question["algorithm"]} in Python, whose \`cryptography\` is too old for it.`);
        return undefined;
      }
      if (raised !== undefined) throw new Error(`${raised}: ${text}`);
      return mapped(answer, (said) => (typeof said === "string" ? Buffer.from(said, "hex") : said)) as Answer;
    };
  });
  afterAll(() => stop());
  return peer;
}

const mapped = (members: object, map: (value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, map(value)]));
