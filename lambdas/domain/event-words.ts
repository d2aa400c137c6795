import { userNameOf } from "./event-identity.ts";
import type { EventRecord } from "./event-record.ts";

/** The word of what does not only read. */
export const CHANGES = "changes";

/**
 * What a record is looked up by: its name, who called by which access key, the resources it is about; whether it changed anything, and its service
 * if that is not KMS.
 */
export function wordsOf({ s, e, c, r = [], ro }: EventRecord): readonly string[] {
  const words = [e, ...r.map(nameIn)];
  if (c.ak !== undefined) words.push(c.ak);
  const user = userNameOf(c);
  if (user !== undefined) words.push(user);
  if (ro !== 1) words.push(CHANGES);
  if (s !== "kms") words.push(sourceOf(s));
  return words;
}

/** Of what Trent does and AWS has no event for, no service of AWS's is the source. */
export const sourceOf = (service: string): string => (service === "trent" ? "trent" : `${service}.amazonaws.com`);

/** Of a key its id, of an alias `alias/…`, of a user, role or policy its name. */
export function nameIn(arn: string): string {
  let start = 0;
  for (let part = 0; part < 5; part += 1) start = arn.indexOf(":", start) + 1;
  const resource = arn.slice(start);
  return resource.startsWith("alias/") ? resource : resource.slice(resource.lastIndexOf("/") + 1);
}
