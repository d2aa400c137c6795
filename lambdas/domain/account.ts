/** An account: what keys, users and quotas belong to. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** The name by which people know it. Nothing is found by it. */
  readonly alias?: string;
  readonly created: Date;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}
