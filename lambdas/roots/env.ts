import { ROOT_LENGTH, type Root, RootUnusable, rootOf } from "./root.ts";

/** The roots in `TRENT_ROOT_KEY`: base64 of 64 bytes, control then material. @throws {RootUnusable} */
export function rootFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Root {
  const text = environment["TRENT_ROOT_KEY"];
  if (text === undefined) throw new RootUnusable("TRENT_ROOT_KEY is not set: give it base64 of 64 random bytes, or use --root file:PATH.");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 2 * ROOT_LENGTH || bytes.toString("base64") !== text.trim()) {
    throw new RootUnusable("TRENT_ROOT_KEY is not base64 of 64 bytes.");
  }
  return rootOf(bytes.subarray(0, ROOT_LENGTH), bytes.subarray(ROOT_LENGTH));
}
