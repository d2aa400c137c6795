/** Requests that are wrong as HTTP: over real sockets, because Node reads them before Trent does. */
import { connect } from "node:net";
import { chanceFrom } from "../faults/chance.ts";
import { kmsRequest } from "../pipeline/signed-request.ts";
import { startService } from "../service.ts";
import { errorsIn, type Finding, type FuzzOptions, LONGEST_MS, type Report } from "./fuzz.ts";
import { oneOf, spoilt } from "./spoil.ts";

const AT_ONCE = 16;
const HEADERS: readonly string[] = [
  ...[
    "Content-Length: 0",
    "Content-Length: 5",
    "Content-Length: -1",
    "Content-Length: 1e3",
    "Content-Length: 99999999999999999999",
    "Transfer-Encoding: chunked",
  ],
  ...[
    "Transfer-Encoding: identity",
    "Transfer-Encoding : chunked",
    "transfer-encoding:\tchunked",
    "Expect: 100-continue",
    "Upgrade: h2c",
    "Connection: close",
  ],
  ...[
    "Host: elsewhere",
    "Authorization: AWS4-HMAC-SHA256 x",
    " folded: line",
    "X-Forwarded-For: 1.2.3.4",
    `Long: ${"a".repeat(20_000)}`,
    "No colon",
    ": no name",
  ],
];

/** Sends whole requests with lines too many and bytes changed, and closes its side: what is not answered must be closed. */
export async function framing({ cases, seed, onWorld = () => {} }: Omit<FuzzOptions, "only">): Promise<Report> {
  const service = await startService();
  const answers = new Map<string, number>();
  const findings: Finding[] = [];
  let [next, slowestMs] = [0, 0];

  async function one(number: number): Promise<void> {
    const began = performance.now();
    const received = await converse(service.url, bytesOf(seed + number));
    const took = performance.now() - began;
    slowestMs = Math.max(slowestMs, took);
    const found = (what: string) => findings.push({ kind: "framing", seed: seed + number, what });
    if (received === undefined) found(`nobody answered or closed for ${took.toFixed(0)} ms`);
    const statuses = Array.from((received ?? "").matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => status ?? "");
    const answered = statuses.join(" ") || "closed";
    answers.set(answered, (answers.get(answered) ?? 0) + 1);
    if (statuses.some((status) => status.startsWith("5"))) found(`it was answered ${answered}`);
  }

  function bytesOf(of: number): Buffer {
    const chance = chanceFrom(of);
    const { headers, body } = kmsRequest(service, "ListKeys", {});
    const lines = Object.entries({ ...headers, "content-length": String(body.length) }).map(([name, value]) => `${name}: ${value}`);
    for (let more = Math.floor(chance.between(0, 3)); more > 0; more -= 1)
      lines.splice(Math.floor(chance.between(0, lines.length + 1)), 0, oneOf(chance, HEADERS));
    const whole = Buffer.from(`POST / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${Buffer.from(body)}`);
    return chance.of(0.7) ? spoilt(chance, whole) : whole;
  }

  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < cases) await one(next++);
    }),
  );
  for (const what of errorsIn(service.logged)) findings.push({ kind: "framing", seed, what });
  await service.stop();
  onWorld(cases, findings.length);
  return { cases, answers, findings, slowestMs };
}

/** What came back until the other side closed; undefined when it did not. */
function converse(url: string, bytes: Buffer): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.setTimeout(5 * LONGEST_MS, () => {
      resolve(undefined);
      socket.destroy();
    });
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}
