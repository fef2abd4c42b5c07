import type { Item, Node } from "./hcl1.ts";
import { Hcl1Error } from "./hcl1-tokens.ts";

/** What a file of the CLI's configuration says about hosts and their tokens, by the names as written. */
export type ConfigurationBlocks = {
  /** A block without a token that is a string is there all the same. */
  credentials: Map<string, { token: string | undefined }>;
  helpers: Map<string, { args: string[] }>;
  /** Service → URL. */
  hosts: Map<string, Record<string, string>>;
};

export function noBlocks(): ConfigurationBlocks {
  return { credentials: new Map(), helpers: new Map(), hosts: new Map() };
}

/**
 * Decodes the blocks `host`, `credentials` and `credentials_helper`, into `blocks` in this order, so that what precedes
 * an error counts (opentofu internal/command/cliconfig). Blocks and assigned objects are the same; of credentials for
 * one host the last token counts, of the others the last block. Throws Hcl1Error.
 */
export function decodeBlocks(items: Item[], blocks: ConfigurationBlocks): void {
  for (const { name, items: host } of labelled(items, "host")) blocks.hosts.set(name, services(host));
  for (const { name, items: body } of labelled(items, "credentials")) {
    const given = body.findLast(({ keys }) => keys[0] === "token");
    const earlier = blocks.credentials.get(name);
    const token = given === undefined ? earlier?.token : textOf(given);
    blocks.credentials.set(name, { token });
  }
  for (const { name, items: body } of labelled(items, "credentials_helper"))
    blocks.helpers.set(name, { args: named(body, "args").flatMap(texts) });
}

type Labelled = { name: string; items: Item[] };

/** The blocks `type "name" { … }`, and the members of `type = { name = { … } }`, which come last. */
function labelled(items: Item[], type: string): Labelled[] {
  const found = named(items, type);
  const members = found.filter(({ keys }) => keys.length === 0).flatMap((item) => bodyOf(item, type));
  return [...found.filter(({ keys }) => keys.length > 0), ...members].map((item) => {
    const [name = "", ...keys] = item.keys;
    return { name, items: bodyOf({ ...item, keys }, type) };
  });
}

/** The items of this name, whatever its case, without it. */
function named(items: Item[], name: string): Item[] {
  return items
    .filter(({ keys }) => keys[0]?.toLowerCase() === name)
    .map((item) => ({ ...item, keys: item.keys.slice(1) }));
}

function bodyOf({ keys, value, line }: Item, type: string): Item[] {
  if (keys.length > 0) return [{ keys, value, line }];
  if (value.kind === "object") return value.items;
  throw new Hcl1Error(`${type} is not a block`, line);
}

function textOf({ keys, value }: Item): string | undefined {
  return keys.length === 1 && value.kind === "text" ? value.text : undefined;
}

function services(host: Item[]): Record<string, string> {
  const entries = named(host, "services").flatMap((item) => bodyOf(item, "services"));
  return Object.fromEntries(
    entries.flatMap((item) => {
      const url = textOf(item);
      return url === undefined ? [] : [[item.keys[0] ?? "", url]];
    }),
  );
}

function texts({ value, line }: Item): string[] {
  if (value.kind !== "list") throw new Hcl1Error("args is not a list", line);
  return value.items.map((item: Node) => {
    if (item.kind === "text") return item.text;
    throw new Hcl1Error("args is not a list of strings", line);
  });
}
