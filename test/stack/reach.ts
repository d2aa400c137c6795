/**
 * For every test file here: connections to the door of a deployed Trent go to the stack, whatever its name is.
 *
 * The name is part of the signature, so it has to be the one that the function sees; but no DNS knows it, and some have no port.
 */
import { Agent } from "node:http";
import { connect } from "node:net";
import { deployed } from "./deployment.ts";

const { endpoint, doors } = deployed();
const { hostname, port } = new URL(endpoint);
const names = new Set(Object.values(doors).map((door) => new URL(door).hostname));

const asUsual = Agent.prototype.createConnection;
Agent.prototype.createConnection = function (options, connected) {
  if (!names.has(options.host ?? "")) return asUsual.call(this, options, connected);
  return connect({ host: hostname, port: Number(port) }, connected as () => void);
};
