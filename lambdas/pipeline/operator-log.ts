/** What the people who run Trent read. Nothing sensitive, nothing a caller sent but names. */
export interface OperatorLog {
  error(event: string, facts: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts: Readonly<Record<string, unknown>>): void;
  debug(event: string, facts: Readonly<Record<string, unknown>>): void;
}

const LEVELS = ["debug", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];
export const LOG_LEVELS: readonly string[] = LEVELS;

/** JSON lines on standard error: time, level, event, and the facts of the event. */
export function operatorLog(least: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): OperatorLog {
  const at = (level: LogLevel) => (event: string, facts: Readonly<Record<string, unknown>>) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...facts })}\n`);
  };
  return { debug: at("debug"), warn: at("warn"), error: at("error") };
}
