import { type Policy, readPolicy } from "./document.ts";
import type { PolicyKind } from "./statement.ts";

export type Compile = (text: string, kind: PolicyKind) => Policy;

/**
 * A compiler that remembers: the same text is compiled once while it is in use.
 *
 * Refuses what `parsePolicy` refuses except for size, for the text was accepted before; a refusal is not remembered.
 * @param characters how much text is kept compiled at most; a single longer one is kept too, alone.
 */
export function policyCompiler(characters: number): Compile {
  const compilers = { key: remembering("key", characters / 2), identity: remembering("identity", characters / 2) };
  return (text, kind) => compilers[kind](text);
}

/** The process's own: four million characters are some 10,000 policies, in less than 40 MB. */
export const compilePolicy: Compile = policyCompiler(4_000_000);

/** Two generations, each of half the room: what is asked for again moves to the young one, and the old one is dropped whole. */
function remembering(kind: PolicyKind, characters: number): (text: string) => Policy {
  let old = new Map<string, Policy>();
  let young = new Map<string, Policy>();
  let room = characters / 2;

  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const policy = old.get(text) ?? readPolicy(text, kind);
    if (text.length > room) {
      [old, young] = [young, new Map()];
      room = characters / 2;
    }
    young.set(text, policy);
    room -= text.length;
    return policy;
  };
}
