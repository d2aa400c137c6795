import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holds, readIpRange } from "#domain/policy/ip-range";
import { type Row, table } from "./holds.ts";

const ip = (wanted: string | readonly string[], operator = "IpAddress") => ({ [operator]: { "aws:SourceIp": wanted } });
const from = (address: string) => ({ "aws:SourceIp": address });

// IAM User Guide, "IP address condition operators": "The value must be in the standard CIDR format".
describe("IP address operators", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["\"the request must come from the IP range 203.0.113.0 to 203.0.113.255\": the first", ip("203.0.113.0/24"), from("203.0.113.0"), "yes"],
    ["… the last", ip("203.0.113.0/24"), from("203.0.113.255"), "yes"],
    ["… not the one before", ip("203.0.113.0/24"), from("203.0.112.255"), "no"],
    ["… not the one after", ip("203.0.113.0/24"), from("203.0.114.0"), "no"],
    ["\"without the associated routing prefix, IAM uses the default prefix value of /32\"", ip("203.0.113.5"), from("203.0.113.5"), "yes"],
    ["… so not a neighbour", ip("203.0.113.5"), from("203.0.113.4"), "no"],
    ["a prefix within a byte", ip("10.0.0.128/25"), from("10.0.0.127"), "no"],
    ["… above it", ip("10.0.0.128/25"), from("10.0.0.128"), "yes"],
    ["… within the first half", ip("172.16.0.0/12"), from("172.31.255.255"), "yes"],
    ["… and beyond", ip("172.16.0.0/12"), from("172.32.0.0"), "no"],
    ["bits behind the prefix do not count", ip("203.0.113.77/24"), from("203.0.113.5"), "yes"],
    ["/0 is every address", ip("0.0.0.0/0"), from("255.255.255.255"), "yes"],
    ["… of version 4", ip("0.0.0.0/0"), from("2001:db8::1"), "no"],
    ["\"how to mix IPv4 and IPv6 addresses\"", ip(["203.0.113.0/24", "2001:DB8:1234:5678::/64"]), from("2001:db8:1234:5678:9::1"), "yes"],
    ["… beyond the prefix", ip("2001:DB8:1234:5678::/64"), from("2001:db8:1234:5679::"), "no"],
    ["one address of version 6", ip("2001:db8::1"), from("2001:0db8:0:0:0:0:0:1"), "yes"],
    ["… not a neighbour", ip("2001:db8::1"), from("2001:db8::2"), "no"],
    ["a version 4 address within version 6 is itself", ip("203.0.113.0/24"), from("::ffff:203.0.113.5"), "yes"],
    ["… in the policy too", ip("::ffff:203.0.113.0/120"), from("203.0.113.5"), "yes"],
    ["NotIpAddress: \"All IP addresses except the specified\"", ip("203.0.113.0/24", "NotIpAddress"), from("203.0.113.5"), "no"],
    ["… another", ip("203.0.113.0/24", "NotIpAddress"), from("198.51.100.1"), "yes"],
    ["… none of several", ip(["203.0.113.0/24", "198.51.100.0/24"], "NotIpAddress"), from("198.51.100.1"), "no"],
    ["what is no address cannot be judged", ip("203.0.113.0/24"), from("lambda.amazonaws.com"), "unknown"],
    ["… nor when negated", ip("203.0.113.0/24", "NotIpAddress"), from("203.0.113"), "unknown"],
  ];
  table("ip", ROWS);

  test.each([
    "",
    "/8",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4/33",
    "1.2.3.4/",
    "1.2.3.4/08",
    "1.2.3.4/8/8",
    "1.2.3.4/x",
    "a.b.c.d",
    ":",
    ":::",
    "1::2::3",
    "::/129",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "::1.2.3",
    "::1.2.3.256",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3.4:1",
    "fe80::1%eth0",
    "[::1]",
    " ::1",
    "1:",
    ":1",
    "1:2:3:4:5:6:1.2.3.4.5",
    "1:2:3:4:5:6:7:",
    "::1:",
    "::/x/1.2.3.4",
    "::1.2.3.4444",
    "/::1.2.3.4",
    "x\n::1.2.3.4",
  ])("%s is no range", (text) => expect(readIpRange(text)).toBeUndefined());

  test.each<[string, readonly number[], number]>([
    ["1.2.3.4", [0x102, 0x304], 32],
    ["255.255.255.255/0", [0xffff, 0xffff], 0],
    ["::", [0, 0, 0, 0, 0, 0, 0, 0], 128],
    ["1::", [1, 0, 0, 0, 0, 0, 0, 0], 128],
    ["::1/127", [0, 0, 0, 0, 0, 0, 0, 1], 127],
    ["1:2:3:4:5:6:7:8", [1, 2, 3, 4, 5, 6, 7, 8], 128],
    ["1:2:3::6:7:8", [1, 2, 3, 0, 0, 6, 7, 8], 128],
    ["1:2:3::5:6:7:8", [1, 2, 3, 0, 5, 6, 7, 8], 128],
    ["::1.20.30.40", [0, 0, 0, 0, 0, 0, 0x114, 0x1e28], 128],
    ["1:2:3:4:5:6:1.2.3.4", [1, 2, 3, 4, 5, 6, 0x102, 0x304], 128],
    ["64:ff9b::1.2.3.4", [0x64, 0xff9b, 0, 0, 0, 0, 0x102, 0x304], 128],
    ["::5:1.2.3.4", [0, 0, 0, 0, 0, 5, 0x102, 0x304], 128],
    ["::ffff:1.2.3.4", [0x102, 0x304], 32],
    ["::ffff:1.2.3.4/96", [0x102, 0x304], 0],
    ["::ffff:1.2.3.4/95", [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304], 95],
    ["1::ffff:1.2.3.4", [1, 0, 0, 0, 0, 0xffff, 0x102, 0x304], 128],
    ["::fffe:1.2.3.4", [0, 0, 0, 0, 0, 0xfffe, 0x102, 0x304], 128],
    ["ABCD::", [0xabcd, 0, 0, 0, 0, 0, 0, 0], 128],
  ])("%s is read", (text, address, bits) => expect(readIpRange(text)).toEqual({ address, bits }));

  test("a range holds exactly the addresses that agree in its first bits", () => {
    const word = fc.nat(0xffff_ffff);
    const written = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
    fc.assert(
      fc.property(word, fc.nat(32), word, (base, bits, other) => {
        const near = bits === 0 ? other : ((base >>> (32 - bits)) << (32 - bits)) | (bits === 32 ? 0 : other >>> bits);
        for (const address of [other, near >>> 0]) {
          const [range, found] = [readIpRange(`${written(base)}/${bits}`), readIpRange(written(address))];
          const agree = bits === 0 || base >>> (32 - bits) === address >>> (32 - bits);
          expect(range && found && holds(range, found)).toBe(agree);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("a range does not hold a wider one", () => {
    const [wide, narrow] = [readIpRange("10.0.0.0/8"), readIpRange("10.0.0.0/16")];
    expect(wide && narrow && [holds(wide, narrow), holds(narrow, wide)]).toEqual([true, false]);
  });
});

const ROLE = "arn:aws:iam::111122223333:role/teams/Builder";
const who = (wanted: string | readonly string[], operator = "ArnLike") => ({ [operator]: { "aws:PrincipalArn": wanted } });
const is = (arn: string) => ({ "aws:PrincipalArn": arn });
const STORE = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";

// "Each of the six colon-delimited components of the ARN is checked separately and each can include" wildcards.
describe("ARN operators", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["the ARN itself", who(ROLE), is(ROLE), "yes"],
    ["\"ArnEquals and ArnLike … behave identically\"", who("arn:aws:iam::*:role/*", "ArnEquals"), is(ROLE), "yes"],
    ["\"Case-sensitive matching of the ARN\"", who(ROLE.toLowerCase()), is(ROLE), "no"],
    ["a wildcard in the resource", who("arn:aws:iam::111122223333:role/*"), is(ROLE), "yes"],
    ["? is one character", who("arn:aws:iam::11112222333?:role/teams/Builder"), is(ROLE), "yes"],
    ["a wildcard for the account", who("arn:aws:iam::*:role/teams/Builder"), is(ROLE), "yes"],
    ["… another account", who("arn:aws:iam::444455556666:role/*"), is(ROLE), "no"],
    ["… another service", who("arn:aws:sts::111122223333:role/*"), is(ROLE), "no"],
    ["… another partition", who("arn:aws-cn:iam::111122223333:role/*"), is(ROLE), "no"],
    ["… a Region that is not there", who("arn:aws:iam:us-east-1:111122223333:role/*"), is(ROLE), "no"],
    ["… the beginning of the resource", who("arn:aws:iam::111122223333:role/teams"), is(ROLE), "no"],
    ["\"The first asterisk matches only us-east-2 and fails on\" the rest", who("arn:aws:someservice:*:111122223333:finance/*"), is(STORE), "no"],
    ["\"With a StringLike condition, the match succeeds\"", who("arn:aws:someservice:*:111122223333:finance/*", "StringLike"), is(STORE), "yes"],
    ["the sixth part has what colons there are", who("arn:aws:someservice:*:*:store/abc:*:finance/*"), is(STORE), "yes"],
    ["* alone is every ARN", who("*"), is(ROLE), "yes"],
    ["one of several", who([`${ROLE}s`, ROLE]), is(ROLE), "yes"],
    ["ArnNotLike: \"Negated matching for ARN\"", who("arn:aws:iam::*:role/*", "ArnNotLike"), is(ROLE), "no"],
    ["… another", who("arn:aws:iam::*:user/*", "ArnNotLike"), is(ROLE), "yes"],
    ["ArnNotEquals is the same", who("arn:aws:iam::*:role/*", "ArnNotEquals"), is(ROLE), "no"],
    ["… of several none", who(["arn:aws:iam::*:user/*", ROLE], "ArnNotEquals"), is(ROLE), "no"],
    ["what is no ARN cannot be judged", who(ROLE), is("Builder"), "unknown"],
    ["… nor by *", who("*"), is("arn:aws:iam::111122223333"), "unknown"],
    ["… nor when negated", who(ROLE, "ArnNotLike"), is("Builder"), "unknown"],
    ["\"the condition is false\" when the key is missing", who(ROLE), {}, "no"],
    ["… and true when negated", who(ROLE, "ArnNotLike"), {}, "yes"],
  ];
  table("arn", ROWS);
});

const bytes = (wanted: string | readonly string[]) => ({ BinaryEquals: { "kms:EncryptionContext:blob": wanted } });
const blob = (value: string) => ({ "kms:EncryptionContext:blob": value });

// "It compares the value of the specified key byte for byte against a base-64 encoded representation of the binary value".
describe("BinaryEquals", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["the same bytes", bytes("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), blob("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), "yes"],
    ["… without padding", bytes("QmluYXJ5VmFsdWVJbkJhc2U2NA"), blob("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), "yes"],
    ["other bytes", bytes("QUJD"), blob("QUJE"), "no"],
    ["one of several", bytes(["QUJD", "QUJE"]), blob("QUJE"), "yes"],
    ["a letter's case counts", bytes("QUJD"), blob("qUJD"), "no"],
    ["what is no base64 cannot be judged", bytes("QUJD"), blob("not base64!"), "unknown"],
    ["\"the values do not match\" when the key is missing", bytes("QUJD"), {}, "no"],
  ];
  table("binary", ROWS);
});
