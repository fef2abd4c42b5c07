import type { Failure } from "../failure.ts";
import { maxDepth, parseJson, unreadablePlan } from "./json-shape.ts";

/** A member of an object or an element of a list, as the bytes from `start` up to `end`; an element has no key. */
export type Member = { key: string | undefined; start: number; end: number };

export type Splitter = {
  /** Takes the next bytes and returns the members that end in them. The bytes may be overwritten afterwards. */
  push: (chunk: Uint8Array) => Member[];
  /** To be called after the last bytes. Throws Failure("server") where the object or list was not complete. */
  end: () => void;
};

/** What may come next at the level of the members; within a value it is that value's own kind. */
type Step =
  | "opening"
  | "first"
  | "key"
  | "key-text"
  | "colon"
  | "value"
  | "scalar"
  | "nested"
  | "comma"
  | "done";

type State = {
  step: Step;
  isObject: boolean;
  /** Open objects and lists, the outer one included. */
  depth: number;
  /** Inside of a string, whose next byte may be escaped. */
  quoted: boolean;
  escaped: boolean;
  /** Offset of the first byte of the chunk, and of the value. */
  offset: number;
  start: number;
  key: string | undefined;
  keyBytes: Uint8Array[];
  members: Member[];
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Cuts the JSON text of one object or list into its members without looking into them, in one pass over chunks that may
 * end anywhere; offsets are counted from `offset`. What stands between members is checked here, what is in them by the
 * JSON parser that reads them: for a member that nobody reads only quotes and nesting count. Throws Failure("server")
 * on what is no such JSON text or nests deeper than `maxDepth`.
 */
export function createSplitter(offset = 0): Splitter {
  const state: State = {
    ...{ step: "opening", isObject: false, depth: 0, quoted: false, escaped: false },
    ...{ offset, start: offset, key: undefined, keyBytes: [], members: [] },
  };
  return {
    push: (chunk) => {
      state.members = [];
      for (let at = 0; at < chunk.length; ) at = advance(state, chunk, at);
      state.offset += chunk.length;
      return state.members;
    },
    end: () => {
      if (state.step !== "done") throw unreadablePlan("it", "ends before it is complete");
    },
  };
}

/** Goes on from `at` and returns where it stopped, which is behind it or in another step. */
function advance(state: State, chunk: Uint8Array, at: number): number {
  if (state.step === "nested") return passNested(state, chunk, at);
  if (state.step === "key-text") return passKey(state, chunk, at);
  const byte = chunk[at] ?? 0;
  if (state.step === "scalar") {
    if (!endsScalar(byte)) return at + 1;
    endValue(state, at);
    return at;
  }
  if (!isSpace(byte)) takeSign(state, byte, at);
  return at + 1;
}

/** A byte between members, or the first one of a key or a value. */
function takeSign(state: State, byte: number, at: number): void {
  const { step, isObject } = state;
  const mayEnd = step === "first" || step === "comma";
  if (step === "opening") open(state, byte);
  else if (mayEnd && byte === (isObject ? CLOSE_OBJECT : CLOSE_LIST)) state.step = "done";
  else if (step === "value" || (step === "first" && !isObject)) beginValue(state, byte, at);
  else if ((step === "key" || step === "first") && byte === QUOTE) beginKey(state);
  else if (step === "colon" && byte === COLON) state.step = "value";
  else if (step === "comma" && byte === COMMA) state.step = isObject ? "key" : "value";
  else throw malformed();
}

function beginKey(state: State): void {
  state.step = "key-text";
  state.keyBytes = [];
  state.quoted = true;
}

function open(state: State, byte: number): void {
  if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) throw malformed();
  state.isObject = byte === OPEN_OBJECT;
  state.depth = 1;
  state.step = "first";
}

function beginValue(state: State, byte: number, at: number): void {
  if (byte === COMMA || byte === COLON || byte === CLOSE_LIST || byte === CLOSE_OBJECT) throw malformed();
  state.start = state.offset + at;
  state.quoted = byte === QUOTE;
  const isNested = byte === OPEN_LIST || byte === OPEN_OBJECT;
  if (isNested) state.depth += 1;
  state.step = isNested || state.quoted ? "nested" : "scalar";
}

function endValue(state: State, at: number): void {
  state.members.push({ key: state.key, start: state.start, end: state.offset + at });
  state.key = undefined;
  state.step = "comma";
}

/** Passes over a string, an object or a list up to its end. */
function passNested(state: State, chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length) {
    if (state.quoted) at = passString(state, chunk, at);
    else {
      const byte = chunk[at];
      at += 1;
      if (byte === QUOTE) state.quoted = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) deepen(state);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) state.depth -= 1;
    }
    if (!state.quoted && state.depth === 1) {
      endValue(state, at);
      return at;
    }
  }
  return at;
}

function deepen(state: State): void {
  state.depth += 1;
  if (state.depth > maxDepth) {
    throw unreadablePlan("a value in it", `nests deeper than ${maxDepth} levels`);
  }
}

/** Returns where the string ends, behind its quote, or the end of the chunk. */
function passString(state: State, chunk: Uint8Array, from: number): number {
  let at = from;
  if (state.escaped) {
    state.escaped = false;
    at += 1;
  }
  for (; at < chunk.length; at += 1) {
    const byte = chunk[at];
    if (byte === QUOTE) {
      state.quoted = false;
      return at + 1;
    }
    if (byte === BACKSLASH) {
      at += 1;
      state.escaped = at === chunk.length;
    }
  }
  return chunk.length;
}

function passKey(state: State, chunk: Uint8Array, from: number): number {
  const end = passString(state, chunk, from);
  state.keyBytes.push(chunk.slice(from, end));
  if (!state.quoted) {
    state.key = String(parseJson(Buffer.concat([Buffer.from('"'), ...state.keyBytes]), "a key in it"));
    state.step = "colon";
  }
  return end;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT;
}

function malformed(): Failure {
  return unreadablePlan("it", "is not JSON");
}
