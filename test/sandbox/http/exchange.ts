import type { JsonValue } from "../../../src/json.ts";

/** One request as a handler sees it; `params` are the `:names` of its route. */
export type Exchange = {
  method: string;
  url: URL;
  params: Record<string, string>;
  headers: Record<string, string>;
  body: Buffer;
};

/** An answer. `body` text and bytes are sent as they are. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string | Buffer };

/** Thrown by a handler to answer at once. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with ${reply.status}`);
    this.reply = reply;
  }
}

export const json = (status: number, value: JsonValue, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(value),
});

export const text = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});

/** A parameter of the route; the router guarantees it. */
export function param(exchange: Exchange, name: string): string {
  const value = exchange.params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
