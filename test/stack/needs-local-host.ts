const CLOCK = "sets the time that keys live in, or reads it; on a stack that is the machine's";
const REGION = "calls a Region in which nothing is deployed";
const ACCOUNT = "spells out the account, which on a stack is another one for each file";
const REQUEST_ID = "knows the request id by its form; behind a gateway it is the gateway's";

/** Files of `test/kms` (`*`: all of them) -> the ends of names of tests that what is deployed cannot pass, and why. All others run here too. */
export const NEEDS_LOCAL_HOST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "*": { "deletion date passed: the key does not exist": CLOCK },
  "answers.test.ts": {
    "has the members that there are, sorted, with seconds as a number and the list before its end": ACCOUNT,
    "has the id under which the call is recorded, with where it came from": REQUEST_ID,
  },
  "cancel-key-deletion.test.ts": { "comes too late when the waiting period is over": CLOCK },
  "create-alias.test.ts": {
    "gives a key a name by which it is found at once, and answers nothing": CLOCK,
    "gives a name again when the key that had it is gone": CLOCK,
  },
  "create-key.test.ts": {
    "without arguments makes an enabled symmetric encryption key, and answers exactly what there is to say of it": CLOCK,
    "leaves an intent before the key is there, and a record after": CLOCK,
  },
  "decrypt.test.ts": { "says the same of a key that is in another Region, or gone": CLOCK },
  "delete-alias.test.ts": { "finds no alias of a key that is gone": CLOCK },
  "describe-key.test.ts": { "shows the state PendingDeletion": CLOCK, "finds no key by the alias of one that is gone": CLOCK },
  "enable-key-rotation.test.ts": {
    "rotates the key every 90 days, for the first time when they have passed": CLOCK,
    "rotates the key every 365 days, for the first time when they have passed": CLOCK,
    "rotates the key every 2560 days, for the first time when they have passed": CLOCK,
    "rotates it once a year unless it is told otherwise": CLOCK,
    "begins a new period when it is called again": CLOCK,
  },
  "get-key-last-usage.test.ts": {
    "and since when that is known: since it was made": CLOCK,
    "answers the last of several uses, and of no other key's": CLOCK,
    "knows of both keys of a ReEncrypt": CLOCK,
    "counts successful cryptographic operations alone": CLOCK,
    "knows of a use by another account, under the event id of the key's own": CLOCK,
    "goes back as far as records are kept": CLOCK,
    "goes back no further": CLOCK,
  },
  "get-key-policy.test.ts": { "answers the default policy of a key that was made without one, and its name": ACCOUNT },
  "get-parameters-for-import.test.ts": {
    "and a token, for 24 hours": CLOCK,
    "leaves a record without the keys, changes no key, and leaves nothing unwrapped in the store": CLOCK,
  },
  "import-key-material-refusals.test.ts": { "a date that is past, or more than a year away": CLOCK },
  "import-key-material.test.ts": {
    "leaves an intent, and a record without token and material": CLOCK,
    "takes a set of parameters more than once, in any order, until it has expired": CLOCK,
    "takes it again with another expiration, and keeps the description": CLOCK,
    "tells policies how long the material is to be kept": CLOCK,
  },
  "imported-material.test.ts": {
    "is not rotated without imported material that waits for it": CLOCK,
    "shows the earliest expiration of the materials that it needs": CLOCK,
    "see each change in the very next read": CLOCK,
  },
  "last-use-guard.test.ts": {
    "lets both be done on the day after": CLOCK,
    "counts from the last use": CLOCK,
    "counts from when it was made for a key that was never used, whatever else is": CLOCK,
    "does not count use that was refused": CLOCK,
    "counts no more than the 90 days that uses are told of": CLOCK,
    "does its work in an identity policy": CLOCK,
    "lets an Allow wait for so many days": CLOCK,
    "so that a Deny of more days holds, however long ago it was used": CLOCK,
    "a Deny of fewer days lets a key go that was not used since": CLOCK,
  },
  "list-aliases.test.ts": {
    "answers the aliases by name, with their keys and dates": CLOCK,
    "a key whose waiting period is over": CLOCK,
  },
  "list-grants.test.ts": {
    "shows everything that a grant says": CLOCK,
    "shows an empty name, and no constraint and nobody to retire it, where there is none": CLOCK,
  },
  "list-retirable-grants.test.ts": {
    "shows them as ListGrants does": CLOCK,
    "answers none on a key that is gone, swept or not": CLOCK,
    "answers those on keys of other accounts, and of the Region that is called only": REGION,
  },
  "retire-grant.test.ts": {
    "finds no grant on a key that is gone": CLOCK,
    "a token that was changed, is none, or is of another Region": REGION,
  },
  "list-key-rotations.test.ts": { "lists the rotations with their dates, the oldest first": CLOCK },
  "list-keys.test.ts": {
    "answers the keys of the caller's account and of the Region that is called only": REGION,
    "answers a hundred at a time unless it is told otherwise": REGION,
  },
  "re-encrypt.test.ts": { "without SourceKeyId > looks at the state of both keys": CLOCK },
  "rotate-key-on-demand.test.ts": { "is refused when an automatic rotation is 20 minutes away or less": CLOCK },
  "schedule-key-deletion.test.ts": {
    "starts a waiting period of 7 days": CLOCK,
    "starts a waiting period of 15 days": CLOCK,
    "starts a waiting period of 30 days": CLOCK,
    "waits for 30 days unless it is told otherwise": CLOCK,
    "leaves an intent, and a record with the date": CLOCK,
    "keeps the key until the very end of the period, and not a moment longer": CLOCK,
  },
  "update-alias.test.ts": {
    "points an alias to another key, changes its date and keeps the date it was made, and answers nothing": CLOCK,
    "finds no alias of a key that is gone": CLOCK,
  },
};

/** Why a test cannot run on a stack; undefined when it can. */
export function reasonToSkip(file: string, test: string): string | undefined {
  const known = Object.entries({ ...NEEDS_LOCAL_HOST["*"], ...NEEDS_LOCAL_HOST[file] });
  const [, reason] = known.find(([name]) => test.endsWith(name)) ?? [];
  return reason && `It ${reason}.`;
}

/** Entries that are no test's name (any more), among all tests by file and name. */
export function staleAmong(tests: readonly (readonly [file: string, test: string])[]): string[] {
  return Object.entries(NEEDS_LOCAL_HOST).flatMap(([file, entries]) =>
    Object.keys(entries)
      .filter((name) => !tests.some(([of, test]) => (file === "*" || file === of) && test.endsWith(name)))
      .map((name) => `${file}: ${name}`),
  );
}
