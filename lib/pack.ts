/**
 * `npm run pack`: the command as one package that needs nothing but Node 24, for machines that have no checkout.
 *
 * The tarball's path is printed. `npx ./trent-<version>.tgz serve` runs it. What was bundled is named with its license in THIRD-PARTY-LICENSES.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { ASSETS, emptied, ROOT, SHARED } from "./bundle.ts";

/** Where the command looks for package.json, seen from its own file. */
const HOME = "lambdas/local";
/** The command, and the threads that it starts by the name of their file. */
const ENTRIES = ["lambdas/local/main.ts", "lambdas/local/signing-thread.ts", "lambdas/store/drivers/sqlite-writer.ts"];
/** Some packages are CommonJS, and ask for Node's modules by `require`. */
const REQUIRE = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`;

/** Bundles, packs, and returns the path of the tarball. The same sources make the same files. */
export async function pack(into: string = ASSETS): Promise<string> {
  const stage = emptied(join(into, "package"));
  const { metafile } = await build({
    ...SHARED,
    write: true,
    entryPoints: ENTRIES,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    outdir: join(stage, HOME),
    // What is loaded only when it is asked for stays so.
    splitting: true,
    format: "esm",
    minify: true,
    keepNames: true,
    banner: { js: REQUIRE },
    plugins: [threadsAsBundled],
  });
  const main = join(stage, HOME, "main.js");
  writeFileSync(main, `#!/usr/bin/env node\n${readFileSync(main, "utf8")}`);
  chmodSync(main, 0o755);
  const { name, version, description, license, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const manifest = { name, version, description, license, private: true, type: "module", engines, bin: { [name]: `${HOME}/main.js` } };
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["README.md", "LICENSE"]) cpSync(join(ROOT, file), join(stage, file));
  writeFileSync(join(stage, "THIRD-PARTY-LICENSES"), licensesOf(metafile));
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", into], { cwd: stage, encoding: "utf8" }),
  );
  return join(into, filename);
}

/** Threads are started by the name of their source, which in the package is JavaScript: Node strips no types below `node_modules`. */
const threadsAsBundled: Plugin = {
  name: "threads",
  setup({ onLoad }) {
    onLoad({ filter: /\/lambdas\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replace(/new URL\("\.\/([a-z-]+)\.ts", import\.meta\.url\)/g, (_, file: string) => {
        if (!ENTRIES.some((entry) => basename(entry) === `${file}.ts`)) throw new Error(`${path} starts ${file}.ts, which is not packed.`);
        return `new URL("./${file}.js", import.meta.url)`;
      });
      return { contents, loader: "ts" };
    });
  },
};

/** The license of each package of which something went in, by name. @throws when one has none. */
function licensesOf({ inputs }: Metafile): string {
  const folders = new Set(Object.keys(inputs).flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = Array.from(folders, (folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    const [file] = globSync("{LICENSE,LICENCE,License,license}*", { cwd: join(ROOT, folder) });
    if (license === undefined && file === undefined) throw new Error(`${name} has no license.`);
    const text = file === undefined ? "" : `\n\n${readFileSync(join(ROOT, folder, file), "utf8").trim()}`;
    return `${name} ${version}: ${license}${text}\n`;
  });
  return [...new Set(texts)].sort().join(`\n${"-".repeat(80)}\n\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await pack());
