import { classifyLine, countRefresh, type RefreshCount, type RefreshStep, tellRefresh } from "./refresh.ts";
import type { Clock, LogPiece, RunLog } from "./types.ts";

/** Renders a structured (JSON) log line; `undefined` for a line that is none. */
export type RenderLine = (line: string) => { text: string[]; kind: string } | undefined;

/** Brings log lines to the job log: structured ones rendered, refresh lines folded into a count. */
export type LogPrinter = { print: (pieces: LogPiece[]) => void; finish: () => void };

/** Stands at the end of each part of a line that is too long to be shown in one. */
const GOES_ON = " [line goes on]";

/** Makes a printer for the log of one phase. */
export function createLogPrinter(log: RunLog, render: RenderLine, clock: Clock): LogPrinter {
  let count: RefreshCount = { objects: 0, toldAt: clock.now() };
  const take = (step: RefreshStep): string[] => {
    count = step.count;
    return step.lines;
  };
  const showPiece = (piece: LogPiece): string[] => {
    const shown = piece.ends ? renderLine(piece.text, render) : other([piece.text + GOES_ON]);
    if (shown.class !== "other") return take(countRefresh(count, shown.class === "object", clock.now()));
    if (shown.text.length === 0) return [];
    return [...take(tellRefresh(count, clock.now())), ...shown.text];
  };
  const send = (lines: string[]) => {
    if (lines.length > 0) log.foreign(lines);
  };
  return {
    print: (pieces) => send(pieces.flatMap(showPiece)),
    finish: () => send(take(tellRefresh(count, clock.now()))),
  };
}

type Shown = { text: string[]; class: ReturnType<typeof classifyLine> };

const other = (text: string[]): Shown => ({ text, class: "other" });

function renderLine(line: string, render: RenderLine): Shown {
  const structured = line.startsWith("{") ? render(line) : undefined;
  if (structured === undefined) return { text: [line], class: classifyLine(line) };
  if (structured.kind === "refresh_complete") return { text: [], class: "object" };
  if (structured.kind === "refresh_start") return { text: [], class: "noise" };
  const [only, ...more] = structured.text;
  if (only === undefined || more.length > 0) return other(structured.text);
  return { text: structured.text, class: classifyLine(only) };
}
