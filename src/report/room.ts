import { cutText } from "./markdown.ts";

/** How long a report may get and how that is counted: UTF-16 units for comments, bytes of UTF-8 for summaries. */
export type Room = {
  limit: number;
  size: (text: string) => number;
  /** Greatest size of one UTF-16 unit: 1, or 3 bytes. */
  unitSize: number;
  /** Longest single line, in UTF-16 units; what is longer is cut with a mark. */
  lineLimit: number;
  /** Most lines listed of one action. */
  listLimit: number;
};

/** Lines that fit, and how many did not. `shortened` counts lines of which the end was cut. */
export type Fitted = { lines: string[]; left: number; shortened: number };

/**
 * As many whole lines from the beginning as fit into `space` (in the room's measure, one for each line's end) and as
 * many as `most` allows.
 */
export function fitLines(lines: readonly string[], space: number, room: Room & { most?: number }): Fitted {
  const kept: string[] = [];
  let used = 0;
  let shortened = 0;
  for (const line of lines.slice(0, room.most ?? lines.length)) {
    const short = shortLine(line, room.lineLimit);
    used += room.size(short) + 1;
    if (used > space) break;
    if (short !== line) shortened += 1;
    kept.push(short);
  }
  return { lines: kept, left: lines.length - kept.length, shortened };
}

function shortLine(line: string, limit: number): string {
  if (line.length <= limit) return line;
  const head = cutText(line, limit);
  return `${head} … (${count(line.length - head.length)} more characters)`;
}

/** The beginning of a text that surely fits into `space`, with a mark where it was cut. */
export function fitText(text: string, space: number, room: Room): string {
  if (room.size(text) <= space) return text;
  const head = cutText(text, Math.floor((space - 40) / room.unitSize));
  return `${head}… (${count(text.length - head.length)} more characters)`;
}

/** A number as people read it: `1,234`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 error`, `2 errors`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
