import { randomUUID } from "node:crypto";
import { RETENTION } from "#domain/retention";
import { serviceEvent, serviceIdentity } from "#domain/service-event";
import type { OperatorLog } from "#pipeline";
import { Conflict, type Database, type Gate, type LogWriter, type Mutation, type OpenShared, openRegional, type Roots } from "#store";

/** Something that the operator asked for and that is not to be done, with a line that says why. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** What the operator's actions need of a host. */
export interface OperatorDeps {
  readonly database: Database;
  readonly roots: Roots;
  /** The Region that the action is for. */
  readonly region: string;
  readonly home: string;
  /** Partitions that a day's records are spread over. */
  readonly shards: number;
  readonly now: () => Date;
  /** UUIDv7. */
  readonly newId: () => string;
  readonly operator: OperatorLog;
}

/** A writer of its own to the log of the home Region. */
export async function openLog({ database, roots, home, shards }: OperatorDeps, shared: OpenShared): Promise<LogWriter> {
  return (await openRegional(database, home, roots, shared, { shards, ...RETENTION, newWriter: randomUUID })).log;
}

/** What is written down of an action: event and what it is about. */
interface Act {
  readonly log: LogWriter;
  readonly account: string;
  readonly event: string;
  readonly details?: object;
  /** What it is about to change, where that is known before: its intent says so. */
  readonly intended?: readonly Mutation[];
  /** Of the user, or of the key. */
  readonly userArn?: string;
  readonly keyArn?: string;
}

/** For the `catch` of a change: somebody else came first. @throws {Refusal} */
export const meanwhile =
  (what = "changed the account") =>
  (cause: unknown): never => {
    throw cause instanceof Conflict ? new Refusal(`Somebody else has ${what} meanwhile: look, and try again.`) : cause;
  };

/**
 * Does something in an account, written down before and after, as operations are: what cannot be recorded does not happen. What is changed
 * through the gate that the action is given is written down too.
 *
 * When it has happened and only its outcome cannot be recorded, it is answered all the same: its intent stands in the log.
 */
export async function recorded<T>(
  { log, account, event, details, intended, userArn, keyArn }: Act,
  { now, newId, operator }: OperatorDeps,
  action: (gate: Gate) => Promise<T>,
): Promise<T> {
  const id = newId();
  const at = now();
  const said = { s: "trent" as const, e: event, r: [userArn, keyArn].filter((arn) => arn !== undefined), d: details };
  const append = (row: string, body: object) => log.append({ account, id: row, at, body: JSON.stringify(body) });
  await append(`${id}#I`, { i: 1, c: serviceIdentity(account), ...said, v: intended });
  const outcome = (facts: object) => append(id, { ...serviceEvent(account, now(), said), ...facts });
  const changes: Mutation[] = [];
  let done: T;
  try {
    done = await action(async (change) => void changes.push(change));
  } catch (cause) {
    const x = cause instanceof Refusal ? [cause.name, cause.message] : ["KMSInternalException", ""];
    await outcome({ x, ...(changes.length > 0 && { v: changes }) });
    throw cause;
  }
  await outcome(changes.length > 0 ? { w: changes } : {}).catch((cause: unknown) =>
    operator.error("outcome not recorded", { id, event, cause: String(cause) }),
  );
  return done;
}
