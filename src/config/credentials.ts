import { domainToUnicode } from "node:url";
import { Failure } from "../failure.ts";
import { parseHostname } from "./hostname.ts";

/** An API token and, in words for messages, where it was found. */
export type FoundToken = { token: string; source: string };

/** The environment as far as this stage reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = "TF_TOKEN_";

/**
 * The host that a variable such as `TF_TOKEN_my__tfe_example_com` holds the token of, in comparison form, or
 * undefined when it names none. Two underscores are a hyphen, one is a dot; both may also be written as they are,
 * and so may punycode and Unicode (opentofu internal/command/cliconfig/credentials.go).
 */
export function hostOfTokenVariable(name: string): string | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const written = name.slice(PREFIX.length).replaceAll("__", "-").replaceAll("_", ".");
  const readable = written
    .split(".")
    .map((label) => (/^xn--/i.test(label) ? domainToUnicode(label) : label))
    .join(".");
  const parsed = parseHostname(readable);
  return "error" in parsed ? undefined : parsed.hostname;
}

/** The variable for a host in comparison form; undefined for one with a port, which no portable variable name can say. */
export function tokenVariableOf(hostname: string): string | undefined {
  return hostname.includes(":") ? undefined : PREFIX + hostname.replaceAll("-", "__").replaceAll(".", "_");
}

/**
 * The token that the environment holds for a host (comparison form). Of several variables for one host the last in
 * the environment's order counts. One that is set but empty is found, with an empty token: it ends the search.
 */
export function environmentToken(hostname: string, environment: Environment): FoundToken | undefined {
  let found: FoundToken | undefined;
  for (const [name, token] of Object.entries(environment)) {
    if (token !== undefined && hostOfTokenVariable(name) === hostname) found = { token, source: name };
  }
  return found;
}

/** The tokens that the environment holds, of whichever host. */
export function environmentTokens(environment: Environment): Array<string | undefined> {
  return Object.entries(environment).flatMap(([name, token]) => (name.startsWith(PREFIX) ? [token] : []));
}

/**
 * Returns the token if it can be sent in a header; else throws a Failure that says where it came from, never what it is.
 * Visible ASCII is what RFC 6750 tokens consist of; anything else is nearly always a copied newline or space.
 */
export function usableToken(found: FoundToken): FoundToken {
  if (/^[\u0021-\u007e]+$/.test(found.token)) return found;
  const problem = /[\r\n]/.test(found.token)
    ? "contains a newline"
    : /\s/.test(found.token)
      ? "contains a space"
      : "contains control or non-ASCII characters";
  throw new Failure(
    "credentials",
    `The API token cannot be used: ${found.source} ${problem}. Store it again without anything before or after it, on one line.`,
  );
}

/**
 * The failure for a host that no source has a token for; `emptySource` is the variable that was set but empty, `facts`
 * are sentences about other places that were looked at.
 */
export function missingToken(hostname: string, emptySource?: string, facts: string[] = []): Failure {
  const variable = tokenVariableOf(hostname);
  const empty = emptySource === undefined ? [] : [`${emptySource} is set but empty, which ends the search.`];
  const why = [...empty, ...facts].map((fact) => ` ${fact}`).join("");
  const elsewhere =
    variable === undefined
      ? `, or add a credentials block for it to the CLI's configuration (a TF_TOKEN_ variable cannot name a port)`
      : `, or the environment variable ${variable}`;
  return new Failure(
    "credentials",
    `Required token could not be found: there is no API token for ${hostname}.${why} Set the input token, for instance to a secret of the repository${elsewhere}. ` +
      "If it is set from a secret: GitHub gives no secrets to pull requests from forks, and Dependabot's runs have secrets of their own.",
  );
}
