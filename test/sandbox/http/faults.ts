/**
 * What goes wrong with a request, at the socket.
 * - `reset`: the connection is reset (RST) before anything is processed.
 * - `cut`: the request is processed, the answer breaks off after `afterBytes` of its body, by RST or by an orderly FIN;
 *   without `contentLength` the answer is one that ends with its connection, so a FIN looks like its regular end.
 * - `stall`: nothing more comes after `afterBytes` of the body, or, without it, no answer at all.
 * - `answer`: this answer instead; with `process` after the request took effect.
 * - `delay`: the request is processed and answered so much later.
 * - `drop`: the request is processed, its answer lost in a reset.
 */
export type Fault =
  | { kind: "reset" }
  | { kind: "cut"; afterBytes: number; end: "reset" | "fin"; contentLength?: boolean }
  | { kind: "stall"; afterBytes?: number }
  | { kind: "answer"; status: number; headers?: Record<string, string>; body?: string; process?: boolean }
  | { kind: "delay"; ms: number }
  | { kind: "drop" };

/** Which requests a fault hits: the `nth` matching one (from 1), the first `times` matching ones, or every one. */
export type FaultMatch = {
  /** Default both. */
  server?: "tfe" | "github";
  method?: string;
  /** A part of the path, or a pattern over path and query. */
  path?: string | RegExp;
  nth?: number;
  times?: number;
};

export type Faults = {
  /** Adds a fault; the returned function takes it away. `hits` counts the requests it struck. */
  add: (match: FaultMatch, fault: Fault) => { remove: () => void; hits: () => number };
  clear: () => void;
  /** Asked by the listener for every request. */
  take: (request: { server: string; method: string; path: string }) => Fault | undefined;
};

type Entry = { match: FaultMatch; fault: Fault; seen: number; hits: number };

/** An empty list of faults. */
export function makeFaults(): Faults {
  let entries: Entry[] = [];
  return {
    add: (match, fault) => {
      const entry = { match, fault, seen: 0, hits: 0 };
      entries.push(entry);
      return {
        remove: () => {
          entries = entries.filter((other) => other !== entry);
        },
        hits: () => entry.hits,
      };
    },
    clear: () => {
      entries = [];
    },
    take: (request) => {
      const matching = entries.filter((entry) => matches(entry.match, request));
      for (const entry of matching) entry.seen += 1;
      const struck = matching.find(isDue);
      if (struck !== undefined) struck.hits += 1;
      return struck?.fault;
    },
  };
}

function matches(match: FaultMatch, { server, method, path }: Parameters<Faults["take"]>[0]): boolean {
  if (match.server !== undefined && match.server !== server) return false;
  if (match.method !== undefined && match.method !== method) return false;
  if (match.path === undefined) return true;
  return typeof match.path === "string" ? path.includes(match.path) : match.path.test(path);
}

function isDue({ match, seen }: Entry): boolean {
  if (match.nth !== undefined) return seen === match.nth;
  return match.times === undefined || seen <= match.times;
}
