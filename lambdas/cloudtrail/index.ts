export { lookupEvents } from "./lookup-events.ts";
