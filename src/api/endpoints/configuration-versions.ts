import { answerText } from "../answer-text.ts";
import { askedWait, persist } from "../attempts.ts";
import { optionalText, requiredText } from "../attributes.ts";
import { type Answer, callEndpoint, callForDocument, caps } from "../call.ts";
import { readSignedUrl, type SignedUrl } from "../clients.ts";
import { ApiError } from "../errors.ts";
import type { RequestInfo, Trouble } from "../failures.ts";
import { type HttpResponse, header } from "../http.ts";
import { type JsonObject, readOne } from "../json-api.ts";
import { type Bound, keepSecret } from "../session.ts";
import type { ConfigurationVersion } from "../types.ts";

/** `POST workspaces/:id/configuration-versions`. Repeated like a read: a stray one that is never used harms nobody. */
export async function createConfigurationVersion(
  bound: Bound,
  workspaceId: string,
  attributes: { speculative: boolean; provisional?: boolean },
): Promise<ConfigurationVersion> {
  const call = {
    what: "creating a configuration version",
    method: "POST",
    endpoint: "workspaces/:id/configuration-versions",
    parameters: { id: workspaceId },
    body: {
      data: { type: "configuration-versions", attributes: { "auto-queue-runs": false, ...attributes } },
    },
    repeat: "safely",
  } as const;
  const version = await callForDocument(bound, call, (document) => decode(bound, document));
  bound.session.created.add(version.id);
  return version;
}

/** `GET configuration-versions/:id`. */
export function readConfigurationVersion(bound: Bound, id: string): Promise<ConfigurationVersion> {
  const call = {
    what: `reading configuration version ${id}`,
    method: "GET",
    endpoint: "configuration-versions/:id",
    parameters: { id },
    recent: bound.session.created.has(id),
  } as const;
  return callForDocument(bound, call, (document) => decode(bound, document, id));
}

/** Statuses that say "none here" or "not for you". */
const without = new Set([403, 404, 405, 410]);

/**
 * `GET configuration-versions/:id/download`, followed to where it redirects and written into `file`. `too-large` after
 * `capBytes`; `undefined` where the server has none (also: nothing was ever uploaded) or does not give it to this token.
 */
export async function downloadConfigurationVersion(
  bound: Bound,
  id: string,
  into: { file: string; capBytes: number },
): Promise<"saved" | "too-large" | undefined> {
  const call = {
    what: `downloading configuration version ${id}`,
    method: "GET",
    endpoint: "configuration-versions/:id/download",
    parameters: { id },
  } as const;
  try {
    const reading = { accept: "application/octet-stream, */*", cap: into.capBytes, file: into.file };
    return await callEndpoint(bound, call, { ...reading, read: lookAtArchive });
  } catch (error) {
    if (error instanceof ApiError && error.status !== undefined && without.has(error.status))
      return undefined;
    throw error;
  }
}

/** Content types vary; gzip begins with 1f 8b. */
function lookAtArchive(answer: Answer): { value: "saved" | "too-large" | undefined } | "not-api" {
  const { status, bytes, overCap } = answer;
  if (status === 204 || bytes.length === 0) return { value: undefined };
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return "not-api";
  return { value: overCap ? "too-large" : "saved" };
}

function decode(bound: Bound, document: JsonObject, id?: string): ConfigurationVersion {
  const expected = id === undefined ? {} : { id };
  const resource = readOne(document, { type: "configuration-versions", ...expected });
  const uploadUrl = optionalText(resource.attributes, "upload-url");
  const url =
    uploadUrl === undefined
      ? undefined
      : readSignedUrl(uploadUrl, bound.api.base, "the upload URL of the server");
  if (url !== undefined) keepSecret(bound.session, url);
  return {
    id: resource.id,
    status: requiredText(resource.attributes, "status"),
    uploadUrl: url?.href,
    errorMessage:
      optionalText(resource.attributes, "error-message") ?? optionalText(resource.attributes, "error"),
  };
}

const uploadEndpoint = "PUT upload";

/**
 * Sends the archive to its signed URL in one PUT with Content-Length and without the token, straight from disk.
 * @throws ApiError: reason `archive-too-large` for 413 and 422, with the server's words; `ambiguous` after a broken
 * connection, silence or 5xx.
 */
export async function uploadArchive(
  bound: Bound,
  upload: { url: string; file: string; bytes: number },
): Promise<void> {
  const { session, signal } = bound;
  const url = readSignedUrl(upload.url, bound.api.base, "the upload URL of the server");
  keepSecret(session, url);
  const info: RequestInfo = {
    what: `uploading the archive (${upload.bytes} bytes)`,
    method: "PUT",
    path: `the signed upload URL on ${url.host}`,
    hostname: url.host,
  };
  await persist(session, {
    info,
    endpoint: uploadEndpoint,
    repeat: "if-unsent",
    limits: { tries: 1 },
    signal,
    attempt: async () => {
      const response = await bound.blob.send(putRequest(url, upload, signal));
      return takeUploadAnswer(bound, upload.bytes, response);
    },
  });
}

function putRequest(url: SignedUrl, upload: { file: string; bytes: number }, signal: AbortSignal) {
  const headers = { "content-type": "application/octet-stream", accept: "application/json, */*" };
  return { method: "PUT", url, body: { file: upload.file, bytes: upload.bytes }, headers, signal } as const;
}

async function takeUploadAnswer(
  bound: Bound,
  bytes: number,
  response: HttpResponse,
): Promise<{ value: undefined } | { trouble: Trouble }> {
  const { status, headers } = response;
  const body = await response.read(caps.error);
  if (status >= 200 && status < 300) return { value: undefined };
  const detail = answerText(
    { contentType: header(headers, "content-type"), bytes: body.bytes },
    bound.session.secrets,
  );
  if (status === 413 || status === 422) throw tooLarge(status, bytes, detail);
  return {
    trouble: { fault: { kind: "status", status, serverWaitMs: askedWait(bound.session, headers) }, detail },
  };
}

function tooLarge(status: number, bytes: number, detail: string): ApiError {
  const words = detail === "" ? "" : ` ${detail}`;
  return new ApiError(
    "archive-too-large",
    `uploading the archive: PUT: ${status}${words}: the server does not take this archive of ${bytes} bytes. ` +
      "Leave files out with .terraformignore or the input ignore, or raise the limit of the server",
    { status },
  );
}
