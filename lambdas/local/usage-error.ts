/** A command line or a variable that makes no sense: exit 2 and one line that says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
