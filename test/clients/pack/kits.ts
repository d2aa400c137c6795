/** Each language's own tools, as they are set up on this machine: which registry they ask is their configuration's, never named here. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Kit } from "./client.ts";

const PROGRAMS = new URL("./programs/", import.meta.url);
const pathOf = (program: string): string => fileURLToPath(new URL(program, PROGRAMS));
const textOf = (program: string): string => readFileSync(new URL(program, PROGRAMS), "utf8");

const PYTHON = ["python3", "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"] as const;
const GO = ["go", "version"] as const;

/** Packages in a virtual environment of their own; a program in Python, or in the shell with their commands on its PATH. */
export function python(packages: readonly string[], program: string): Kit {
  const shell = ["bash", "-c", 'PATH="{folder}/venv/bin:$PATH" exec bash "$0"', pathOf(program)] as const;
  return {
    toolchain: [PYTHON],
    files: {},
    install: [
      ["python3", "-m", "venv", "venv"],
      ["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", ...packages],
    ],
    run: program.endsWith(".sh") ? shell : ["{folder}/venv/bin/python", pathOf(program)],
  };
}

/** Packages beside a program in JavaScript. */
export function npm(dependencies: Readonly<Record<string, string>>, program: string): Kit {
  return {
    toolchain: [["npm", "--version"]],
    files: { "package.json": JSON.stringify({ private: true, type: "module", dependencies }), "client.mjs": textOf(program) },
    install: [["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"]],
    run: [process.execPath, "{folder}/client.mjs"],
  };
}

/** A program in Go; the modules that it imports are those that are named, at their versions. */
export function go(modules: Readonly<Record<string, string>>, program: string): Kit {
  const required = Object.entries(modules).map(([path, version]) => `require ${path} v${version}\n`);
  return {
    toolchain: [GO],
    files: { "go.mod": `module client\n\ngo 1.25\n\n${required.join("")}`, "main.go": textOf(program) },
    install: [
      ["go", "mod", "tidy"],
      ["go", "build", "-o", "client", "."],
    ],
    run: ["{folder}/client"],
  };
}

/** A command written in Go, for a program in the shell. */
export function goCommand(path: string, version: string, program: string): Kit {
  return {
    toolchain: [GO, ["bash", "--version"]],
    files: {},
    install: [["bash", "-c", `GOBIN="$PWD/bin" go install ${path}@v${version}`]],
    run: ["bash", "-c", 'PATH="{folder}/bin:$PATH" exec bash "$0"', pathOf(program)],
  };
}

/** A program in Rust. */
export function cargo(dependencies: Readonly<Record<string, string>>, program: string): Kit {
  const lines = Object.entries(dependencies).map(([name, dependency]) => `${name} = ${dependency}\n`);
  const manifest = `[package]\nname = "client"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${lines.join("")}`;
  return {
    toolchain: [
      ["cargo", "--version"],
      ["cc", "--version"],
    ],
    files: { "Cargo.toml": manifest, "src/main.rs": textOf(program) },
    install: [["cargo", "build", "--quiet"]],
    run: ["{folder}/target/debug/client"],
  };
}

/** A program in one file of Java; what it depends on comes by Maven's dependency plugin. */
export function maven(artifacts: Readonly<Record<string, string>>, program: string): Kit {
  const dependencies = Object.entries(artifacts).map(([name, version]) => {
    const [group, artifact] = name.split(":");
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  const coordinates = "<modelVersion>4.0.0</modelVersion><groupId>client</groupId><artifactId>client</artifactId><version>0</version>";
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  return {
    toolchain: [
      ["mvn", "--version"],
      ["javac", "--version"],
    ],
    files: {
      "pom.xml": `<project>${coordinates}<dependencies>${dependencies.join("")}</dependencies></project>`,
      "Client.java": textOf(program),
    },
    install: [
      ["mvn", "--quiet", "--batch-mode", plugin, "-DoutputDirectory=lib", "-DincludeScope=runtime"],
      ["javac", "-cp", "lib/*", "-d", "classes", "Client.java"],
    ],
    run: ["java", "-cp", "{folder}/lib/*:{folder}/classes", "Client"],
  };
}
