import { setTimeout as pause } from "node:timers/promises";
import type { KMSClient } from "@aws-sdk/client-kms";
import { type Call, type Deed, perform, type Tag } from "./calls.ts";
import type { Chance } from "./chance.ts";

export const CLIENTS = 8;
/** Tags and aliases that one key is given at the most; the limits are 50. */
const TAGGED = 12;
const ALIASES = 20;
/** After a refusal, in milliseconds: a client that asked again at once would keep the machine from everything else. */
const BACK_OFF = 10;

export interface StreamOptions {
  /** Unique in a data folder. */
  readonly label: string;
  readonly calls: Call[];
  readonly chance: Chance;
  /** The client for the next call of a worker; undefined when there is nobody to call. */
  readonly clientOf: (worker: number) => KMSClient | undefined;
}

export interface Stream {
  /** No further call is begun. */
  halt(): void;
  /** When the last of them is settled. */
  readonly ended: Promise<unknown>;
}

/** Eight clients, each of which makes keys, aliases, tags and ciphertexts, one call after the other, until they are halted. */
export function startStream({ label, calls, chance, clientOf }: StreamOptions): Stream {
  let halted = false;
  let serial = 0;

  function next(keys: Own[]): Exclude<Deed, { operation: "other" }> {
    serial += 1;
    const name = `${label}-${serial}`;
    const [key, ...others] = keys.slice(-5);
    if (!key || chance.of(0.15)) return { operation: "CreateKey", description: name, tags: tagsOf(name, 3) };
    const own = chance.pick([key, ...others]);
    const kind = chance.between(0, 1);
    if (kind < 0.2 && own.aliases < ALIASES) {
      own.aliases += 1;
      return { operation: "CreateAlias", alias: `alias/${name}`, keyId: own.id };
    }
    if (kind < 0.35 && own.tagged < TAGGED) {
      own.tagged += 1;
      return { operation: "TagResource", keyId: own.id, tags: tagsOf(name, 3), contended: false };
    }
    return { operation: "Encrypt", keyId: own.id, plaintext: `plaintext ${name}`, context: { for: name } };
  }

  async function work(worker: number): Promise<void> {
    const keys: Own[] = [];
    while (!halted) {
      const client = clientOf(worker);
      if (!client) return;
      const { acknowledged } = await perform(client, next(keys), calls);
      if (acknowledged?.keyId !== undefined) keys.push({ id: acknowledged.keyId, aliases: 0, tagged: 0 });
      if (!acknowledged) await pause(BACK_OFF);
    }
  }

  return {
    halt() {
      halted = true;
    },
    ended: Promise.all(Array.from({ length: CLIENTS }, (_, worker) => work(worker))),
  };
}

/** A worker's own key, and how often it was put to use. */
interface Own {
  readonly id: string;
  aliases: number;
  tagged: number;
}

/** Tags that no other call sets, so that it shows whether all of them are there. */
export const tagsOf = (name: string, count: number): Tag[] =>
  Array.from({ length: count }, (_, number) => ({ TagKey: `${name}-${number}`, TagValue: name }));
