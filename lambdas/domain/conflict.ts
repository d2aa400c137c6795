/** What was read is not what is there any more: somebody else changed it meanwhile. Whoever catches it decides anew. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
