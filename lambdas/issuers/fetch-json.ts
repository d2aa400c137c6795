/** Reads what a server says that is not ours: little of it, soon, and from where it was asked. */

/** Asks a server; that of the platform unless a test has its own. */
export type Fetch = (
  url: URL,
  init: { readonly redirect: "manual"; readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> },
) => Promise<Response>;

/** Bytes of an answer, and milliseconds until its last one. */
const LARGEST = 256 * 1024;
const LONGEST_MS = 2000;

/** The server could not be reached, or failed, or did not answer in time: it may do better the next time. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What the server answered is of no use: a redirection, an error, too much, or no JSON object. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/**
 * The JSON object behind an https URL. Redirections are not followed: where keys are read is what the account's administrator wrote down.
 * @throws {Unreachable | Unusable}
 */
export async function fetchJson(url: URL, fetch: Fetch): Promise<Readonly<Record<string, unknown>>> {
  if (url.protocol !== "https:") throw new Unusable(`${url} is no https URL.`);
  const signal = AbortSignal.timeout(LONGEST_MS);
  let text: string;
  try {
    const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "application/json" } });
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status >= 500 || response.status === 429) throw new Unreachable(`${url} answers ${response.status}.`);
      throw new Unusable(`${url} answers ${response.status}.`);
    }
    text = await textOf(response, url);
  } catch (cause) {
    if (cause instanceof Unusable || cause instanceof Unreachable) throw cause;
    throw new Unreachable(`${url} does not answer.`, { cause });
  }
  return objectIn(text, url);
}

async function textOf({ body }: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Unusable(`${url} answers more than ${LARGEST} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function objectIn(text: string, url: URL): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // No JSON at all: the same.
  }
  throw new Unusable(`${url} answers no JSON object.`);
}
