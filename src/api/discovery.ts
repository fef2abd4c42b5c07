import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";
import { answerText } from "./answer-text.ts";
import { askedWait, persist } from "./attempts.ts";
import type { BlobClient, SignedUrl } from "./clients.ts";
import type { Trouble } from "./failures.ts";
import { transportFault } from "./faults.ts";
import { type HttpResponse, header } from "./http.ts";
import { type JsonObject, parseApiBody } from "./json-api.ts";
import type { RetryTiming } from "./retry.ts";
import type { Session } from "./session.ts";

const documentPath = "/.well-known/terraform.json";
/** Limit of OpenTofu's own discovery. */
const documentCap = 1024 * 1024;
/** `tfe.v2.1` is what the remote backend asks for, `tfe.v2` the cloud block; a host offers all at one URL. */
const serviceNames = ["tfe.v2.1", "tfe.v2", "tfe.v2.2"];

/** A host that is not there is a typing error more often than an outage. */
export const discoveryLimits: Pick<RetryTiming, "tries" | "budgetMs"> = { tries: 5, budgetMs: 30_000 };

/**
 * Asks a host for the base URL of its API (the service discovery of OpenTofu and Terraform), without the token: whoever answers
 * has not yet shown a right to it.
 * @throws ApiError `unreachable`, `not-a-tfe-server`; Failure `input` for what is no host name.
 */
export async function discover(
  session: Session,
  blob: BlobClient,
  options: { signal: AbortSignal; limits?: Partial<RetryTiming> },
): Promise<URL> {
  const { hostname } = session;
  const url = discoveryUrl(hostname);
  const { signal } = options;
  return persist(session, {
    info: { what: `asking ${hostname} for its services`, method: "GET", path: documentPath, hostname },
    endpoint: "GET discovery",
    repeat: "safely",
    limits: { ...discoveryLimits, ...options.limits },
    signal,
    attempt: async () => {
      const response = await blob.send({
        method: "GET",
        url,
        headers: { accept: "application/json" },
        signal,
      });
      return takeDocument(session, response);
    },
  });
}

/** @throws Failure (`input`) for what is not a host name with an optional port. */
export function discoveryUrl(hostname: string): SignedUrl {
  const url = URL.parse(`https://${hostname}${documentPath}`);
  const whole =
    url !== null &&
    url.pathname === documentPath &&
    url.username === "" &&
    url.search === "" &&
    url.hash === "";
  if (whole && !/[\s/\\@]/.test(hostname)) return url as SignedUrl;
  throw new Failure(
    "input",
    `"${hostname}" is not a host name: give the host and an optional port, without https:// and path`,
  );
}

async function takeDocument(
  session: Session,
  response: HttpResponse,
): Promise<{ value: URL } | { trouble: Trouble }> {
  const { status, headers } = response;
  const contentType = header(headers, "content-type");
  const body = await response.read(status === 200 ? documentCap : 64 * 1024);
  if (body.end === "cut")
    return { trouble: { fault: transportFault(body.error), detail: "", cause: body.error } };
  const detail = () => answerText({ contentType, bytes: body.bytes }, session.secrets);
  if (status === 404) throw noService(session.hostname, []);
  if (status !== 200) {
    return {
      trouble: {
        fault: { kind: "status", status, serverWaitMs: askedWait(session, headers) },
        detail: detail(),
      },
    };
  }
  const document = body.end === "over-cap" ? undefined : parseApiBody(contentType, body.bytes);
  if (document === undefined) return { trouble: { fault: { kind: "not-api", status }, detail: detail() } };
  return { value: chooseService(session.hostname, document, response.url) };
}

/**
 * Picks the base of the API, its path with a final `/`, out of a discovery document; a relative URL is resolved against
 * the one that answered.
 * @throws Failure (`not-a-tfe-server`) when there is none, or it is not https on the very host that was configured:
 * the token goes nowhere else.
 */
export function chooseService(hostname: string, document: JsonObject, answered: URL): URL {
  const name = serviceNames.find((candidate) => typeof document[candidate] === "string");
  if (name === undefined) throw noService(hostname, Object.keys(document));
  const base = baseUrl(hostname, document[name], answered);
  const configured = new URL(`https://${hostname}`);
  if (base.protocol !== "https:" || base.host !== configured.host) {
    throw new Failure(
      "not-a-tfe-server",
      `${hostname} says that its API is at ${base.protocol}//${base.host}; the token is only sent over https to the configured host. ` +
        "If that other host is the right one, configure it as hostname",
    );
  }
  return base;
}

/**
 * Picks the base of the API out of the `host` block of the CLI's configuration, which stands for the discovery document
 * (opentofu svchost, disco.ForceHostServices). Its user chose where the token goes, so it may be any host, by https.
 * @throws Failure (`not-a-tfe-server`) when there is none, or it is not https.
 */
export function chooseConfigured(hostname: string, services: Readonly<Record<string, string>>): URL {
  const name = serviceNames.find((candidate) => services[candidate] !== undefined);
  const place = `the block host "${hostname}" of the CLI configuration`;
  if (name === undefined) {
    const message = `${place} has no service tfe.v2: add its URL, or remove the block so that ${hostname} is asked`;
    throw new Failure("not-a-tfe-server", message);
  }
  const base = parseBase(services[name], discoveryUrl(hostname).href);
  if (base?.protocol === "https:") return base;
  throw new Failure("not-a-tfe-server", `the service ${name} of ${place} has to be a URL with https://`);
}

function baseUrl(hostname: string, service: JsonValue | undefined, answered: URL): URL {
  const base = parseBase(service, answered.href);
  if (base !== undefined) return base;
  throw new Failure(
    "not-a-tfe-server",
    `the discovery document of ${hostname} has no usable URL of its API: correct it on the server`,
  );
}

function parseBase(service: JsonValue | undefined, relativeTo: string): URL | undefined {
  const url = typeof service === "string" ? URL.parse(service, relativeTo) : null;
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  url.hash = "";
  url.search = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function noService(hostname: string, offered: readonly string[]): Failure {
  const names = offered.filter((name) => /^[a-z][a-z0-9.-]{0,40}$/.test(name)).slice(0, 10);
  const listed = names.length === 0 ? "it offers no services" : `it offers only ${names.join(", ")}`;
  return new Failure(
    "not-a-tfe-server",
    `${hostname} has no TFE API (service tfe.v2 in ${documentPath}): ${listed}. Check the hostname`,
  );
}
