/** Lists in pages, as tests that operations share. */
import type { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import type { Answered, Kms } from "./start.ts";

export interface Page {
  readonly Limit?: number;
  readonly Marker?: string | undefined;
}

export interface Listed extends Answered {
  readonly names: readonly (string | undefined)[];
  readonly NextMarker?: string | undefined;
  readonly Truncated?: boolean | undefined;
}

interface List {
  readonly list: (client: KMSClient, page: Page) => Promise<Listed>;
  /** Everything that is listed, in its order: at least four entries. */
  readonly all: () => readonly string[];
  /** The largest page that may be asked for. */
  readonly most: number;
  /** A user who may list, but is not the administrator. */
  readonly policy: object;
  /** A list that is not this one, with more than one entry. */
  readonly another: (page: Page) => Promise<{ readonly NextMarker?: string | undefined }>;
}

export function itAnswersInPages(kms: Kms, { list, all, most, policy, another }: List): void {
  describe("in pages", () => {
    it("goes on where the page before ended, and loses nothing", async () => {
      const names: (string | undefined)[] = [];
      let Marker: string | undefined;
      do {
        const page = await list(kms.client, { Limit: 3, Marker });
        expect(page.Truncated).toBe(page.NextMarker !== undefined);
        expect(page.names.length).toBe(Math.min(3, all().length - names.length));
        names.push(...page.names);
        Marker = page.NextMarker;
      } while (Marker !== undefined);
      expect(names).toEqual(all());
    });

    it("has no marker after a page that ends the list exactly", async () => {
      const { names, Truncated, NextMarker } = await list(kms.client, { Limit: all().length });
      expect({ names, Truncated, NextMarker }).toEqual({ names: all(), Truncated: false, NextMarker: undefined });
    });

    it.each([
      [0, "greater than or equal to 1"],
      [most + 1, `less than or equal to ${most}`],
      [1001, "less than or equal to 1000"],
    ])("refuses a Limit of %i", async (Limit, rule) => {
      expect(await kms.refused(list(kms.client, { Limit }))).toBe(
        `ValidationException: 1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint: Member must have value ${rule}`,
      );
    });

    it("refuses a marker that it has not answered, or that was changed since", async () => {
      const { NextMarker = "" } = await list(kms.client, { Limit: 2 });
      const changed = (NextMarker.startsWith("A") ? "B" : "A") + NextMarker.slice(1);
      for (const Marker of ["marker", changed, NextMarker.slice(0, -4), `${NextMarker}AAAA`, NextMarker.slice(0, 43)]) {
        expect(await kms.refused(list(kms.client, { Marker }))).toMatch(/^InvalidMarkerException: /);
      }
      expect((await list(kms.client, { Marker: NextMarker })).names).toEqual(all().slice(2));
    });

    it("refuses another caller's marker", async () => {
      const { NextMarker } = await list(kms.client, { Limit: 1 });
      const user = await kms.someone([policy]);
      expect(await kms.refused(list(user.client, { Marker: NextMarker }))).toMatch(/^InvalidMarkerException: /);
      const own = await list(user.client, { Limit: 1 });
      expect((await list(user.client, { Marker: own.NextMarker })).names).toEqual(all().slice(1));
    });

    it("refuses another list's marker", async () => {
      const { NextMarker } = await another({ Limit: 1 });
      expect(NextMarker).toBeDefined();
      expect(await kms.refused(list(kms.client, { Marker: NextMarker }))).toMatch(/^InvalidMarkerException: /);
    });

    it("refuses a marker of no length, too long, or of characters that no marker has", async () => {
      const broken = (value: string, rule: string) =>
        `ValidationException: 1 validation error detected: Value '${value}' at 'marker' failed to satisfy constraint: Member must ${rule}`;
      const long = "a".repeat(1025);
      expect(await kms.refused(list(kms.client, { Marker: "" }))).toBe(broken("", "have length greater than or equal to 1"));
      expect(await kms.refused(list(kms.client, { Marker: long }))).toBe(broken(long, "have length less than or equal to 1024"));
      expect(await kms.refused(list(kms.client, { Marker: "Ā" }))).toBe(
        broken("Ā", "satisfy regular expression pattern: [\\u0020-\\u00FF]*"),
      );
    });
  });
}
