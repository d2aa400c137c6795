import type { HttpRequest } from "#wire/http";

/** What a path beside the API answers. */
export interface Page {
  readonly status: number;
  /** Its Content-Type. */
  readonly type: string;
  readonly body: string;
}

/** Answers the requests that are its own, and leaves all others to the API. */
export type Beside = (request: HttpRequest) => Promise<Page> | undefined;

/** A page that is shown at one path. */
export const pageAt =
  (path: string, show: (request: HttpRequest) => Promise<Page>): Beside =>
  (request) =>
    request.method === "GET" && request.path === path ? show(request) : undefined;
