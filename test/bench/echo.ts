/** The baseline: reads the body, answers 350 fixed bytes. Prints its address. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const body = "x".repeat(350);

const server = createServer((request, response) => {
  request.on("data", () => {});
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "application/x-amz-json-1.1", "Content-Length": String(body.length) });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`ready on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));
process.on("SIGTERM", () => process.exit(0));
