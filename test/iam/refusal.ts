/** What a client learns of a call that was refused; undefined members when it was not. */
export interface Refused {
  readonly name: string;
  readonly text?: string;
  readonly status?: number | undefined;
}

/** @see how `AWS.SimpleQueueService`-style faults reach a client: code, text, HTTP status. */
export const refusal = (call: Promise<unknown>): Promise<Refused> =>
  call.then(
    () => ({ name: "none" }),
    (error) => ({ name: error.Error?.Code ?? error.Code ?? error.name, text: error.message, status: error.$metadata?.httpStatusCode }),
  );
