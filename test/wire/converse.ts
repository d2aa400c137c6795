import { connect } from "node:net";
import { expect } from "vitest";

/** A socket, and what came back over it. */
export function converse(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  const statuses = () => Array.from(received.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => Number(status));
  return {
    socket,
    closed,
    statuses,
    received: () => received,
    say: (text: string | Uint8Array) => new Promise<void>((resolve) => socket.write(text, () => resolve())),
    hears: (expected: readonly number[]) => expect.poll(statuses, { timeout: 5000 }).toEqual(expected),
  };
}
