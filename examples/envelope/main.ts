import { KMSClient } from "@aws-sdk/client-kms";
import { openFile } from "./open-file.ts";
import { sealFile } from "./seal-file.ts";

const USAGE = "usage: node main.ts seal KEY FILE SEALED\n       node main.ts open SEALED FILE [KEY]";

const [command, ...args] = process.argv.slice(2);
const kms = new KMSClient();
const [first = "", second = "", third] = args;
if (command === "seal" && third !== undefined) await sealFile(kms, first, second, third);
else if (command === "open" && second !== "") await openFile(kms, first, second, third);
else {
  console.error(USAGE);
  process.exitCode = 2;
}
