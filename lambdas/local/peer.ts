import { BlockList, isIP } from "node:net";

/** Whose call it is: the address at the other end of the connection, and what `X-Forwarded-For` says, to the client's address. */
export type PeerOf = (address: string, forwardedFor: string | undefined) => string;

/** Nobody stands between: what a header says, anybody can say. */
export const directPeer: PeerOf = (address) => plain(address);

/**
 * Behind proxies in these networks. Each adds to the right end of the header the address that it saw; so from the right, past those that are
 * proxies themselves, the first address is the client's. Whatever stands to the left of it is hearsay.
 */
export function peerBehind(proxies: BlockList): PeerOf {
  const isProxy = (address: string) => proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  return (address, forwardedFor = "") => {
    let peer = plain(address);
    for (const hop of forwardedFor.split(",").reverse()) {
      if (!isProxy(peer)) break;
      const before = addressIn(hop.trim());
      // Nobody is at home elsewhere: what a proxy calls its own machine is not this one.
      if (before === undefined || (isLoopback(before) && !isLoopback(peer))) break;
      peer = before;
    }
    return peer;
  };
}

/**
 * The networks in a list of addresses and CIDRs, as `10.0.0.0/8,192.0.2.7`.
 * @throws {RangeError} with the part that is neither, or that is everybody.
 */
export function networksIn(text: string): BlockList {
  const networks = new BlockList();
  for (const part of text.split(",").map((one) => one.trim())) {
    const [address = "", length, ...rest] = part.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const bits = family === "ipv6" ? 128 : 32;
    const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
    if (!isIP(address) || rest.length > 0 || !(prefix >= 1 && prefix <= bits)) throw new RangeError(part);
    networks.addSubnet(address, prefix, family);
  }
  return networks;
}

/** The address of a hop; some proxies write its port too. */
function addressIn(hop: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? [];
  const address = plain(bracketed ?? dotted ?? hop);
  return isIP(address) === 0 ? undefined : address;
}

/** Of an address as `PeerOf` writes it. */
export const isLoopback = (peer: string): boolean => peer === "::1" || peer.startsWith("127.");

/** IPv4 as IPv4, however the socket writes it. */
const plain = (address: string): string =>
  address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
