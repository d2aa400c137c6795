import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { rootFromEnvironment } from "#roots/env";
import { ensureRootFile, followedRoot, plain } from "#roots/file";
import { passphraseIn, underPassphrase } from "#roots/passphrase";
import type { Keeping, Root } from "#roots/root";
import { type RootOption, UsageError } from "./options.ts";

/**
 * The root that the options name, made if there is none.
 * @param store where a store is that was made under the root: then none is made.
 * @throws {UsageError | RootUnusable}
 */
export async function ensureRoot(folder: string, root: RootOption, store: string | undefined): Promise<Root> {
  if (root.kind !== "env") {
    const path = pathOf(folder, root);
    if (store !== undefined && !existsSync(path)) {
      throw new UsageError(
        `${path} is missing, and the store ${store} cannot be read without it: put the root key back. A new one is never made beside an existing store.`,
      );
    }
    await ensureRootFile(path, await keepingOf(root));
  }
  return rootAt(folder, root);
}

/** The root that the options name. @throws {RootUnusable} */
export async function rootAt(folder: string, root: RootOption): Promise<Root> {
  if (root.kind === "env") return rootFromEnvironment(process.env);
  return followedRoot(pathOf(folder, root), await keepingOf(root));
}

/** The root file that the options name, and how it is kept. */
export async function rootFileOf(folder: string, root: Exclude<RootOption, { readonly kind: "env" }>) {
  return { path: pathOf(folder, root), keeping: await keepingOf(root) };
}

const pathOf = (folder: string, root: RootOption): string =>
  root.kind === "file" && root.path !== undefined ? resolve(root.path) : join(folder, "root.key");

async function keepingOf(root: Exclude<RootOption, { readonly kind: "env" }>): Promise<Keeping> {
  if (root.kind === "file") return plain;
  if (root.kind === "passphrase") return underPassphrase(passphraseIn(process.env));
  // The client is loaded when it is needed: another root does without.
  const { underKmsKey } = await import("#roots/aws-kms");
  return underKmsKey(root.keyId);
}
