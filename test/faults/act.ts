import type { KMSClient } from "@aws-sdk/client-kms";

/** One client, and the server that it calls, which may be gone. */
export interface Stage {
  /** Unique in a data folder. */
  readonly name: string;
  readonly account: string;
  /** The time that keys live in. */
  readonly now: () => Date;
  /** Makes a call that changes something, and must succeed. @throws {Cut} when it was cut off, or refused, which is a finding. */
  does<T>(name: string, send: (client: KMSClient) => Promise<T>): Promise<T>;
  /** Makes a call that changes nothing, and must succeed. @throws {Cut} */
  asks<T>(name: string, send: (client: KMSClient) => Promise<T>): Promise<T>;
  /** Makes a call that may be refused, and must change nothing: the name of the error, or undefined. @throws {Cut} */
  refusal(name: string, send: (client: KMSClient) => Promise<unknown>): Promise<string | undefined>;
  /** The same, calling another Region. */
  in(region: string): Stage;
  readonly wrong: (sentence: string) => void;
}

/** A call had no answer, or not the one that it had to have. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** Finished or undone: whoever dies in the midst of an act leaves one of these. */
export type Outcome = "done" | "undone";

/** An act on a subject of its own, with everything at hand. */
export interface Begun {
  /** Absent where the time that has passed and the timers do it. Is called again when it was left undone, or cut off. */
  readonly perform?: (stage: Stage) => Promise<unknown>;
  /** Looks at the subject, as any client would. What is neither done nor undone is wrong. */
  readonly look: (stage: Stage) => Promise<Outcome>;
  /** Whatever comes later, it stays done. */
  readonly lasts?: boolean;
  /** Sees to it that time changes nothing about the subject any more. */
  readonly end?: (stage: Stage) => Promise<unknown>;
}

/** Something that the service does, and that a kill at any of its points leaves done or undone. */
export interface Act {
  readonly name: string;
  /** So many days pass before it is due. */
  readonly days?: number;
  /** Other Regions learn of it, sooner or later: before anybody looks, they do. */
  readonly spreads?: true;
  begin(stage: Stage): Promise<Begun>;
}
