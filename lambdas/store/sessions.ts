import { randomBytes } from "@trent/crypto";
import type { Session, SessionCredentials } from "#domain/session";
import { isSessionKeyId, SESSION_KEY_BYTES, sessionKeyId } from "#domain/session-key-id";
import { keyVersionOf, type OpenedSession, openSession, sealSession } from "#domain/session-token";
import { bounded } from "./bounded.ts";
import type { DomainKeys } from "./domain-keys.ts";

export interface SessionReader {
  /** The session that a token holds; undefined when it is none of ours, or goes with another access key. It may have expired. */
  open(accessKeyId: string, token: string): Promise<OpenedSession | undefined>;
}

export interface SessionIssuer {
  /** New credentials for a session; the token is at least so many characters long. Nothing is written. */
  issue(session: Session, least?: number): Promise<SessionCredentials>;
}

/** Opened sessions kept by a process. */
const KEPT = 10_000;

/** Sessions: nothing of them is stored, and the token key makes and opens their tokens in every Region. */
export function sessionTokens(keys: DomainKeys): SessionReader & SessionIssuer {
  const opened = bounded<string, OpenedSession>(KEPT);

  return {
    async open(accessKeyId, token) {
      if (!isSessionKeyId(accessKeyId)) return undefined;
      const name = `${accessKeyId} ${token}`;
      const known = opened.get(name);
      if (known) return known;
      const current = await keys.current("token");
      const version = keyVersionOf(token) ?? current.version;
      // Nobody makes us look for keys that were never made.
      const key = version < current.version ? await keys.version("token", version) : current.key;
      const found = openSession(token, accessKeyId, key ?? current.key);
      if (!found || !key || version > current.version) return undefined;
      opened.set(name, found);
      return found;
    },

    async issue(session, least = 0) {
      const id = sessionKeyId(session.account, randomBytes(SESSION_KEY_BYTES));
      return sealSession(session, id, await keys.current("token"), least);
    },
  };
}
