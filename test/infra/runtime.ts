/** A Lambda execution environment, small: one process that loads one function, as the platform does, and hands it one event after another. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Invoke } from "./function-url.ts";

const [folder = ""] = process.argv.slice(2);
const { handler } = createRequire(join(folder, "/"))("./index.js") as { readonly handler: Invoke };

process.on("message", ({ id, event }: { readonly id: number; readonly event: unknown }) => {
  handler(event).then(
    (reply) => process.send?.({ id, reply }),
    (cause: unknown) => process.send?.({ id, thrown: String(cause) }),
  );
});
