/**
 * The load: so many connections, each sending the same bytes again as soon as it has its answer.
 *
 * A job is a line of JSON on standard input, its result a line on standard output: requests, their times in µs, and answers that were not 200.
 */
import { connect } from "node:net";
import { createInterface } from "node:readline";

export interface Job {
  readonly port: number;
  /** The bytes of a request, in base64. */
  readonly request: string;
  readonly connections: number;
  readonly milliseconds: number;
  /** The address that it calls from; by default that of the server. */
  readonly from?: string;
}

export interface Load {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

const LENGTH = Buffer.from("content-length: ");
const OK = Buffer.from("HTTP/1.1 200");

async function run({ port, request, connections, milliseconds, from }: Job): Promise<Load> {
  const bytes = Buffer.from(request, "base64");
  const times: number[] = [];
  let failed = 0;
  const started = process.hrtime.bigint();
  const until = started + BigInt(milliseconds) * 1_000_000n;

  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true, ...(from !== undefined && { localAddress: from }) });
      let sent = 0n;
      let answer: Buffer = Buffer.alloc(0);
      const send = () => {
        sent = process.hrtime.bigint();
        socket.write(bytes);
      };
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("close", () => resolve());
      socket.on("data", (chunk: Buffer) => {
        answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
        if (!isWhole(answer)) return;
        const now = process.hrtime.bigint();
        times.push(Number(now - sent) / 1000);
        if (!answer.subarray(0, OK.length).equals(OK)) failed += 1;
        answer = Buffer.alloc(0);
        if (now < until) send();
        else socket.end();
      });
    });

  await Promise.all(Array.from({ length: connections }, one));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? 0;
  return { requests: times.length, failed, seconds, p50: at(0.5), p99: at(0.99) };
}

function isWhole(answer: Buffer): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = answer.subarray(0, end).toString("latin1").toLowerCase();
  const at = head.indexOf(LENGTH.toString());
  return at >= 0 && answer.length >= end + 4 + Number.parseInt(head.slice(at + LENGTH.length), 10);
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
