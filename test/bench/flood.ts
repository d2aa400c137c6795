/** What a flood of unsigned calls does to those who sign, and to the disk. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Load } from "./load.ts";
import { median } from "./median.ts";
import { encrypting, loaded, startLoad, startTarget, tried } from "./target.ts";

/** Those who sign, and those who do not, who come from an address of their own. */
const [SIGNING, FLOODING, ELSEWHERE] = [16, 64, "127.0.0.2"];
const UNSIGNED = Buffer.from(
  "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: TrentService.Encrypt\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 2\r\n\r\n{}",
);

export interface Flooded {
  /** Signed calls a second while there is a flood, as a part of those while there is none. */
  readonly kept: number;
  /** Unsigned calls a second that were answered. */
  readonly unsigned: number;
  /** Bytes a second in the data folder that the flood added to what the signed calls do. */
  readonly bytes: number;
}

/** Alternates between no flood and a flood, so many rounds of so many milliseconds each; answers the medians. */
export async function flooded(milliseconds: number, rounds: number): Promise<Flooded> {
  const folder = mkdtempSync(join(tmpdir(), "trent-flood-"));
  const [signing, flooding] = [startLoad(1), startLoad(1)];
  const processes = [signing, flooding];
  try {
    const { server, port, config } = await startTarget(folder, 0);
    processes.push(server);
    const encrypt = await encrypting(config);
    const sign = async () => loaded(signing, { port, request: await encrypt.signed(), milliseconds, connections: SIGNING });
    const flood = () => tried(flooding, { port, request: UNSIGNED, milliseconds, connections: FLOODING, from: ELSEWHERE });
    const grown = async (work: () => Promise<Load>) => {
      const before = sizeOf(folder);
      const load = await work();
      return { ...load, bytes: sizeOf(folder) - before };
    };
    await sign();
    const measured: Flooded[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const quiet = await sign();
      const [busy, unsigned] = await Promise.all([sign(), flood()]);
      const alone = await grown(flood);
      const seconds = milliseconds / 1000;
      measured.push({ kept: rateOf(busy) / rateOf(quiet), unsigned: rateOf(unsigned), bytes: alone.bytes / seconds });
    }
    const middle = (of: keyof Flooded) => median(measured.map((one) => one[of]));
    return { kept: middle("kept"), unsigned: middle("unsigned"), bytes: middle("bytes") };
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

export const lineOfFlood = ({ kept, unsigned, bytes }: Flooded): string =>
  `under ${unsigned.toFixed(0)} unsigned calls a second from elsewhere, signed calls keep ${kept.toFixed(2)} of their rate (goal: 0.5); the flood alone adds ${bytes.toFixed(0)} bytes a second to the data folder`;

const rateOf = ({ requests, seconds }: Load): number => requests / seconds;
const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
