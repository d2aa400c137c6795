import { type Policy, type PolicyKind, readPolicy } from "./document.ts";

export type Compile = (text: string, kind: PolicyKind) => Policy;

type Generation = Readonly<Record<PolicyKind, Map<string, Policy>>>;

const generation = (): Generation => ({
  key: new Map(),
  identity: new Map(),
  session: new Map(),
  trust: new Map(),
  "guard-rail": new Map(),
});

/**
 * A compiler that remembers: the same text is compiled once while it is in use.
 *
 * Refuses what `parsePolicy` refuses except for size, for the text was accepted before; a refusal is not remembered. There are two generations,
 * each of half the room: what is asked for again moves to the young one, and the old one is dropped whole.
 * @param characters how much text is kept compiled at most; a single longer one is kept too, alone.
 */
export function policyCompiler(characters: number): Compile {
  let old = generation();
  let young = generation();
  let room = characters / 2;

  return (text, kind) => {
    const known = young[kind].get(text);
    if (known !== undefined) return known;
    const policy = old[kind].get(text) ?? readPolicy(text, kind);
    if (text.length > room) {
      [old, young] = [young, generation()];
      room = characters / 2;
    }
    young[kind].set(text, policy);
    room -= text.length;
    return policy;
  };
}

/** The process's own: four million characters are some 10,000 policies, in less than 40 MB. */
export const compilePolicy: Compile = policyCompiler(4_000_000);
