/** The forms in which bytes may lie about, and the search for them. */

/** Base64 of the bytes wherever they stand in what was encoded: without the characters that they share with their neighbours. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

/** Raw, as hex in either case, as base64 and base64url in every alignment. */
export function formsOf(bytes: Buffer): Buffer[] {
  const base64 = base64Forms(bytes);
  const texts = [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

/** The names of the secrets that are in some form in one of these places, with the place. */
export function found(secrets: ReadonlyMap<string, Buffer>, places: ReadonlyMap<string, Buffer>): string[] {
  const all = Array.from(secrets, ([name, bytes]) => [name, formsOf(bytes)] as const);
  return Array.from(places).flatMap(([place, content]) =>
    all.filter(([, forms]) => forms.some((form) => content.includes(form))).map(([name]) => `${name} in ${place}`),
  );
}
