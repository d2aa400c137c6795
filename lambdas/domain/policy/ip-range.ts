/** An address as 16-bit groups: two for version 4, eight for version 6. */
type Address = readonly number[];

export interface IpRange {
  readonly address: Address;
  readonly bits: number;
}

/**
 * Reads an address or a range in CIDR notation; undefined for what is neither. An address alone is a range of one.
 *
 * A version 4 address that is mapped into version 6 (`::ffff:203.0.113.5`) is the version 4 address.
 * @see IAM User Guide, "IP address condition operators"; RFC 4632, RFC 4291 section 2.2
 */
export function readIpRange(text: string): IpRange | undefined {
  const [written = "", prefix, ...more] = text.split("/");
  const address = readAddress(written);
  if (address === undefined || more.length > 0) return undefined;
  const width = address.length * 16;
  if (prefix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const bits = prefix === undefined ? width : Number(prefix);
  if (bits > width) return undefined;
  return isMapped(address) && bits >= 96 ? { address: address.slice(6), bits: bits - 96 } : { address, bits };
}

/** Says whether the range holds the address. */
export function holds({ address, bits }: IpRange, found: IpRange): boolean {
  if (found.address.length !== address.length || found.bits < bits) return false;
  for (let group = 0, left = bits; left > 0; group += 1, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if ((address[group] ?? 0) >> shift !== (found.address[group] ?? 0) >> shift) return false;
  }
  return true;
}

function readAddress(text: string): Address | undefined {
  if (!text.includes(":")) return readVersion4(text);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? readVersion4(dotted[2] ?? "") : [];
  if (tail === undefined) return undefined;
  const [left = "", right, ...more] = (dotted ? `${dotted[1]}` : text).split("::");
  if (more.length > 0) return undefined;
  if (right === undefined) {
    const groups = groupsOf(dotted ? left.slice(0, -1) : left);
    return groups !== undefined && groups.length + tail.length === 8 ? [...groups, ...tail] : undefined;
  }
  const before = groupsOf(left);
  const after = groupsOf(dotted && right !== "" ? right.slice(0, -1) : right);
  if (before === undefined || after === undefined) return undefined;
  const zeros = 8 - before.length - after.length - tail.length;
  return zeros < 1 ? undefined : [...before, ...new Array<number>(zeros).fill(0), ...after, ...tail];
}

function groupsOf(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined;
}

function readVersion4(text: string): Address | undefined {
  const bytes = text.split(".");
  if (bytes.length !== 4 || !bytes.every((byte) => /^(?:0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return [a * 256 + b, c * 256 + d];
}

const isMapped = (address: Address): boolean =>
  address.length === 8 && address[5] === 0xffff && address.slice(0, 5).every((group) => group === 0);
