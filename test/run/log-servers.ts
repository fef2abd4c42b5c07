import type { LogChunk } from "../../src/api/types.ts";

/** How a server numbers its log: by bytes, or by the units of a Java String (with `?` for half a surrogate pair). */
export type Counting = "bytes" | "utf16";

export const STX = 0x02;
export const ETX = 0x03;

/** A log as the server holds it: between marks, or plain. */
export function held(text: Uint8Array, framed: boolean): Uint8Array {
  return framed ? Buffer.concat([Uint8Array.of(STX), text, Uint8Array.of(ETX)]) : text;
}

/** A server that answers requests for a range of `log`. */
export function rangeServer(
  log: Uint8Array,
  counting: Counting,
): (offset: number, limit: number) => Uint8Array {
  if (counting === "bytes") return (offset, limit) => log.subarray(offset, offset + limit);
  const text = Buffer.from(log).toString("utf8");
  return (offset, limit) =>
    Buffer.from(text.slice(offset, offset + limit).replace(LONE_SURROGATE, "?"), "utf8");
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The ways in which a read is disturbed after `n` bytes. */
export const FAULTS = ["reset", "fin", "truncated", "502", "stall"] as const;
export type Fault = (typeof FAULTS)[number];

/** What a client is left with: part of the body, an error page, or nothing (`undefined`). */
export function disturb(whole: Uint8Array, fault: Fault, n: number): LogChunk | undefined {
  const bytes = whole.slice(0, n);
  switch (fault) {
    case "reset":
      return { status: 200, bytes, complete: false };
    case "fin":
      return { status: 200, bytes, complete: true };
    case "truncated":
      return { status: 200, bytes, complete: false };
    case "502":
      return { status: 502, bytes: Buffer.from("<html>Bad Gateway</html>\n"), complete: true };
    case "stall":
      return n % 2 === 0 ? undefined : { status: 200, bytes, complete: false };
  }
}

/** 64 KiB: characters of one to four bytes, lone and paired CR, STX and ETX inside, escape codes, no final newline. */
export function testLog(): Uint8Array {
  const parts: string[] = ["Terraform v1.9.0\r\n"];
  let size = 0;
  for (let line = 0; size < 64 * 1024; line++) {
    const text =
      line % 7 === 0
        ? `\u001b[1m│ ${"─".repeat(line % 90)} ${line}\u001b[0m\r\n`
        : line % 5 === 0
          ? `progress\r${line}%\r100%? 😀😀 \u0003 in the middle \u0002?\n`
          : `aws_thing.é${line}["ключ"]: 值 is \u0000 ${"x".repeat(line % 40)}\u0003\n`;
    parts.push(text);
    size += Buffer.byteLength(text);
  }
  const log = Buffer.from(parts.join(""), "utf8").subarray(0, 64 * 1024 - 9);
  return Buffer.concat([log.subarray(0, log.lastIndexOf(0x0a) + 1), Buffer.from("last línea 😀")]);
}

/** The lines that a log holds, computed in the plainest way. */
export function referenceLines(text: Uint8Array): string[] {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(text).split("\n");
  const last = lines.pop();
  const ended = lines.map((line) => line.replace(/\r$/, ""));
  return last === undefined || last === "" ? ended : [...ended, last];
}
