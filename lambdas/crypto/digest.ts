import { hash } from "node:crypto";

/** SHA-256 of a text's UTF-8 bytes, as 43 characters of base64url: what chains the rows of the log. */
export const digest = (text: string): string => hash("sha256", text, "base64url");
