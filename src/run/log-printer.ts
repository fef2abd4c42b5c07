import {
  classifyLine,
  countRefresh,
  type LineClass,
  type RefreshCount,
  type RefreshStep,
  tellRefresh,
} from "./refresh.ts";
import type { Clock, LogPiece, RunLog } from "./types.ts";

/** Renders a structured (JSON) log line; `undefined` for a line that is none. */
export type RenderLine = (line: string) => { text: string[]; kind: string } | undefined;

/** Brings log lines to the job log: structured ones rendered, refresh lines folded into a count. */
export type LogPrinter = { print: (pieces: LogPiece[]) => void; finish: () => void };

/** Stands at the end of each part of a line that is too long to be shown in one. */
const GOES_ON = " [line goes on]";

/** Makes a printer for the log of one phase. */
export function createLogPrinter(log: Pick<RunLog, "foreign">, render: RenderLine, clock: Clock): LogPrinter {
  let count: RefreshCount = { objects: 0, toldAt: clock.now() };
  const take = (step: RefreshStep, into: string[]) => {
    count = step.count;
    into.push(...step.lines);
  };
  const showLine = (line: string, kind: LineClass, into: string[]) => {
    if (kind !== "other") return take(countRefresh(count, kind === "object", clock.now()), into);
    if (count.objects > 0) take(tellRefresh(count, clock.now()), into);
    into.push(line);
  };
  const showPiece = ({ text, ends }: LogPiece, into: string[]) => {
    const structured = ends && text.startsWith("{") ? render(text) : undefined;
    if (!ends) showLine(text + GOES_ON, "other", into);
    else if (structured === undefined) showLine(text, classifyLine(text), into);
    else for (const [line, kind] of structuredLines(structured)) showLine(line, kind, into);
  };
  const send = (collect: (into: string[]) => void) => {
    const lines: string[] = [];
    collect(lines);
    if (lines.length > 0) log.foreign(lines);
  };
  return {
    print: (pieces) =>
      send((into) => {
        for (const piece of pieces) showPiece(piece, into);
      }),
    finish: () => send((into) => take(tellRefresh(count, clock.now()), into)),
  };
}

function structuredLines(structured: { text: string[]; kind: string }): [string, LineClass][] {
  if (structured.kind === "refresh_complete") return [["", "object"]];
  if (structured.kind === "refresh_start") return [["", "noise"]];
  const [only] = structured.text;
  if (structured.text.length === 1 && only !== undefined) return [[only, classifyLine(only)]];
  return structured.text.map((line) => [line, "other"]);
}
