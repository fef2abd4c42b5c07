import { domainToASCII, domainToUnicode } from "node:url";

/** A hostname in its comparison form, or what is wrong with the text given. */
export type HostnameResult = { hostname: string } | { error: string };

const NOT_A_URL = "need just a hostname and optional port number, not a full URL";
const ASCII_NAME = /^[a-z0-9.-]*$/;
const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Brings a service hostname as people write it (`App.Example.com`, `café.fr:8443`) into the form in which hosts are
 * compared, requested and credentials are keyed: lower case, IDNA-encoded, `:443` dropped. The rules and their
 * sentences are those of OpenTofu's svchost package (svchost.go, ForComparison), with one refusal more: punycode is
 * refused in any letter case.
 */
export function parseHostname(given: string): HostnameResult {
  if (given.includes("/")) return { error: NOT_A_URL };
  const colon = given.indexOf(":");
  const port = colon === -1 ? "" : parsePort(given.slice(colon + 1));
  if (typeof port !== "string") return port;
  const name = parseName(colon === -1 ? given : given.slice(0, colon));
  return "error" in name ? name : { hostname: name.hostname + port };
}

/** The port with its colon, or nothing for 443, which is the default. */
function parsePort(digits: string): string | { error: string } {
  if (!/^[0-9]+$/.test(digits)) return { error: "port portion contains non-digit characters" };
  const port = Number(digits);
  if (port > 65535) return { error: "port number is greater than 65535" };
  return port === 443 ? "" : `:${port}`;
}

function parseName(given: string): HostnameResult {
  if (given === "") return { error: "empty string is not a valid hostname" };
  const labels = labelsOf(given);
  if (labels.includes("")) return { error: "hostname contains empty label (two consecutive periods)" };
  const encoded = labels.find((label) => /^xn--/i.test(label));
  if (encoded !== undefined) {
    return {
      error: `hostname label "${encoded}" specified in punycode format; service hostnames must be given in unicode`,
    };
  }
  // The WHATWG conversion would decode percent signs and read numbers as IPv4 addresses; ASCII needs none of it.
  const ascii = ASCII.test(given) ? given.toLowerCase() : isAllowed(given) ? domainToASCII(given) : "";
  return ascii !== "" && isAllowed(ascii) && labelsOf(ascii).every(isLabel)
    ? { hostname: ascii }
    : { error: "hostname contains characters that are not allowed in a host's name" };
}

/** A final dot, which marks the root of the name system, is not a label. */
function labelsOf(name: string): string[] {
  const labels = name.split(".");
  return labels.length > 1 && labels.at(-1) === "" ? labels.slice(0, -1) : labels;
}

/** True when every ASCII character is one that RFC 5890 allows in a name (STD 3). */
function isAllowed(name: string): boolean {
  return [...name].every((character) => character > "\u007f" || ASCII_NAME.test(character.toLowerCase()));
}

/** RFC 5891 §4.2.3.1: no hyphen at either end, none at the third and fourth place, judged on the Unicode form. */
function isLabel(label: string): boolean {
  const unicode = label.startsWith("xn--") ? domainToUnicode(label) : label;
  return unicode !== "" && !unicode.startsWith("-") && !unicode.endsWith("-") && unicode.slice(2, 4) !== "--";
}
