import { Agent } from "node:http";
import { errorOf, kmsRequest, send } from "../pipeline/signed-request.ts";
import type { Ledger, Tag } from "./ledger.ts";
import type { Server } from "./server.ts";

export interface Load {
  readonly clients: number;
  /** The servers to call, asked anew before each call. */
  readonly servers: () => readonly Server[];
  readonly ledger: Ledger;
}

/** Clients that call until they are told to stop, or no server answers any more. */
export interface Running {
  stop(): Promise<void>;
  /** Calls made so far, answered or not. */
  readonly calls: () => number;
}

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;

/** Starts a stream of CreateKey, CreateAlias, TagResource and Encrypt from so many clients. */
export function startLoad({ clients, servers, ledger }: Load): Running {
  let stopping = false;
  let calls = 0;
  const names = Array.from({ length: clients }, (_, number) => `client-${number}-${Date.now().toString(36)}`);

  async function client(name: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const mine: string[] = [];
    for (let number = 0; !stopping && servers().length > 0; number += 1) {
      const { operation, body, acknowledge } = next(name, number, mine, ledger);
      calls += 1;
      try {
        const server = pick(servers());
        const answer = await send(server.url, kmsRequest(server, operation, body), agent);
        if (answer.status !== 200) {
          ledger.failures.push(`${operation} ${answer.status} ${errorOf(answer).name}`);
          continue;
        }
        ledger.calls.set(String(answer.headers["x-amzn-requestid"]), { operation, change: operation !== "Encrypt" });
        acknowledge(answer.text === "" ? {} : JSON.parse(answer.text));
      } catch {
        // Cut off: nobody knows whether it happened.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    agent.destroy();
  }

  const running = Promise.all(names.map(client));
  return {
    calls: () => calls,
    async stop() {
      stopping = true;
      await running;
    },
  };
}

interface Next {
  readonly operation: string;
  readonly body: object;
  acknowledge(answer: { readonly KeyMetadata?: { readonly KeyId: string }; readonly CiphertextBlob?: string }): void;
}

/** The next call of a client that has made these keys. */
function next(name: string, number: number, mine: string[], ledger: Ledger): Next {
  const dice = Math.random();
  if (mine.length === 0 || dice < 0.15) {
    return {
      operation: "CreateKey",
      body: { Description: name },
      acknowledge({ KeyMetadata: { KeyId } = { KeyId: "" } }) {
        mine.push(KeyId);
        ledger.keys.add(KeyId);
      },
    };
  }
  const keyId = pick(mine.slice(-20));
  if (dice < 0.3) {
    const alias = `alias/${name}/${number}`;
    return {
      operation: "CreateAlias",
      body: { AliasName: alias, TargetKeyId: keyId },
      acknowledge: () => void ledger.aliases.set(alias, keyId),
    };
  }
  if (dice < 0.55) return tagging(tagOf(pick([keyId, pick([...ledger.keys])]), name, ledger), `${number}`);
  const plaintext = Buffer.from(`${name} ${number}`).toString("base64");
  const context = { client: name };
  return {
    operation: "Encrypt",
    body: { KeyId: keyId, Plaintext: plaintext, EncryptionContext: context },
    acknowledge: ({ CiphertextBlob: blob = "" }) => void ledger.ciphertexts.push({ blob, plaintext, context }),
  };
}

/** A tag of this client's own on a key of anybody's: nobody else writes it. */
function tagOf(keyId: string, name: string, { tags }: Ledger): Tag {
  const id = `${keyId} ${name}`;
  const tag = tags.get(id) ?? { keyId, name, value: undefined, tried: [] };
  tags.set(id, tag);
  return tag;
}

function tagging(tag: Tag, value: string): Next {
  tag.tried.push(value);
  return {
    operation: "TagResource",
    body: { KeyId: tag.keyId, Tags: [{ TagKey: tag.name, TagValue: value }] },
    acknowledge() {
      tag.value = value;
      tag.tried = [];
    },
  };
}
