/** What an address names: a whole module, or one or all instances of a resource. */
export type Address = {
  /** As the CLI writes it, which is what the API takes. */
  canonical: string;
  kind: "module" | "managed" | "data" | "ephemeral";
};

type Step = { name: string } | { key: string };

/** A name after a dot (the first one without), or an instance key. */
const STEP =
  /(?:(?:^|(?!^)\.)([\p{ID_Start}_][\p{ID_Continue}-]*)|\[\s*(?:(\d{1,15})|"((?:[^"\\]|\\.)*)")\s*\])/uy;
const MODES: Readonly<Record<string, Address["kind"]>> = {
  data: "data",
  ephemeral: "ephemeral",
  resource: "managed",
};

/**
 * Reads an address as `-target` takes it: `module.a["b"]`, `aws_instance.a`, `module.a.data.aws_ami.b[0]` (OpenTofu's
 * internal/addrs, ParseTarget). `undefined` for what is none.
 */
export function parseAddress(text: string): Address | undefined {
  const steps = readSteps(text.trim());
  if (steps === undefined) return undefined;
  const path: string[] = [];
  while (steps[0] !== undefined && "name" in steps[0] && steps[0].name === "module") {
    const module = takeNamed(steps.slice(1));
    if (module === undefined) return undefined;
    path.push(`module.${module.text}`);
    steps.splice(0, module.used + 1);
  }
  const resource = steps.length === 0 ? undefined : resourceOf(steps);
  if (resource === undefined) {
    return steps.length === 0 && path.length > 0 ? { canonical: path.join("."), kind: "module" } : undefined;
  }
  return { canonical: [...path, resource.canonical].join("."), kind: resource.kind };
}

function resourceOf(steps: Step[]): Address | undefined {
  const [first] = steps;
  const word = first !== undefined && "name" in first ? first.name : "";
  const kind = Object.hasOwn(MODES, word) ? MODES[word] : undefined;
  const [type, ...rest] = kind === undefined ? steps : steps.slice(1);
  const named = takeNamed(rest);
  if (type === undefined || !("name" in type) || named === undefined || named.used !== rest.length) {
    return undefined;
  }
  const prefix = kind === undefined || kind === "managed" ? "" : `${word}.`;
  return { canonical: `${prefix}${type.name}.${named.text}`, kind: kind ?? "managed" };
}

/** A name and the instance key that may follow it. */
function takeNamed([name, key]: Step[]): { text: string; used: number } | undefined {
  if (name === undefined || !("name" in name)) return undefined;
  if (key === undefined || !("key" in key)) return { text: name.name, used: 1 };
  return { text: `${name.name}[${key.key}]`, used: 2 };
}

function readSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let at = 0; at < text.length; at = STEP.lastIndex) {
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [, name, number, string] = found;
    const key = number === undefined ? quotedKey(string ?? "") : String(Number(number));
    if (name === undefined && key === undefined) return undefined;
    steps.push(name === undefined ? { key: key ?? "" } : { name });
  }
  return steps;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** A quoted key as the CLI writes it; `undefined` where it holds a template or an escape that HCL does not know. */
function quotedKey(quoted: string): string | undefined {
  let isValid = !/(?<!\$)\$\{|(?<!%)%\{/.test(quoted);
  const text = quoted
    .replaceAll(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gsu, (_, sign: string) => {
      const code = Number.parseInt(sign.slice(1), 16);
      if (sign.length > 2 && code <= 0x10ffff) return String.fromCodePoint(code);
      isValid &&= Object.hasOwn(ESCAPES, sign);
      return ESCAPES[sign] ?? "";
    })
    .replaceAll(/(\$|%)\1\{/g, "$1{");
  return isValid ? `"${escaped(text)}"` : undefined;
}

function escaped(text: string): string {
  return text
    .replaceAll(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(/[$%](?=\{)/g, "$&$&")
    .replaceAll(/\p{Cc}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
