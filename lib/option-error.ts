/** A choice that makes no sense. Its message is for whoever made it. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}
