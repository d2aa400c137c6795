/**
 * What was given cannot be opened with this key and this context.
 *
 * There is one such failure, without a detail and without a cause: which check refused the bytes is nobody's business outside.
 */
export class DecryptionError extends Error {
  override readonly name = "DecryptionError";

  constructor() {
    super("The bytes cannot be decrypted with this key and context.");
  }
}
