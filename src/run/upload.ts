import { ApiError } from "../api/errors.ts";
import type { ConfigurationVersion, Server } from "../api/types.ts";
import { Failure } from "../failure.ts";
import type { Clock } from "./types.ts";

export type UploadOptions = {
  workspaceId: string;
  speculative: boolean;
  provisional?: boolean;
  /** The archive, and its exact length in bytes. */
  file: string;
  bytes: number;
  clock: Clock;
  signal: AbortSignal;
  /** Registers the upload URL, a secret, before it is used. */
  mask: (secret: string) => void;
};

const MOST_NEW_VERSIONS = 2;
const MOST_PUTS = 5;
const FIRST_PUT_PAUSE = 500;
const UPLOADED_WITHIN = 5 * 60_000;

/**
 * Makes a configuration version and brings the archive into it; its id, once the server has taken the archive in.
 * What became of an unanswered PUT is read off the version's status. An upload URL that is refused costs the version:
 * another one is made, twice at most. Throws Failure "archive-too-large", "archive" (the server cannot use the
 * archive), "timeout", or ApiError.
 */
export async function uploadConfiguration(server: Server, options: UploadOptions): Promise<string> {
  const { workspaceId, speculative, provisional } = options;
  const attributes = { speculative, ...(provisional === undefined ? {} : { provisional }) };
  for (let made = 0; ; made++) {
    const version = await server.createConfigurationVersion(workspaceId, attributes);
    const refused = await bringIn(server, version, options);
    if (refused === undefined) {
      if (!server.facts.uploadsAtOnce) await waitUntilUploaded(server, version.id, options);
      return version.id;
    }
    if (made === MOST_NEW_VERSIONS) throw refused;
  }
}

/** Uploads into one version; the error if its URL is refused. */
async function bringIn(
  server: Server,
  version: ConfigurationVersion,
  options: UploadOptions,
): Promise<ApiError | undefined> {
  const url = version.uploadUrl;
  if (url === undefined) {
    const where = `configuration version ${version.id} of ${server.hostname}`;
    throw new Failure("server", `The ${where} came without an upload URL, so nothing can be uploaded to it.`);
  }
  options.mask(url);
  for (let put = 1; ; put++) {
    const error = await putOnce(server, url, options);
    if (error === undefined) return undefined;
    if (error.status !== undefined && [401, 403, 404, 410].includes(error.status)) return error;
    if (!isWorthRepeating(error)) throw error;
    if (await wasTakenIn(server, version.id)) return undefined;
    if (put === MOST_PUTS) throw error;
    await options.clock.sleep(FIRST_PUT_PAUSE * 2 ** (put - 1), options.signal);
  }
}

async function putOnce(server: Server, url: string, options: UploadOptions): Promise<ApiError | undefined> {
  try {
    await server.uploadArchive(url, options.file, options.bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 413 || error.status === 422) throw tooLarge(error, options.bytes);
    return error;
  }
}

/** 422 is how OTF refuses an archive over its limit. */
function tooLarge(cause: ApiError, bytes: number): Failure {
  return new Failure("archive-too-large", `The archive of ${bytes} bytes is too large: ${cause.message}`, {
    cause,
  });
}

function isWorthRepeating(error: ApiError): boolean {
  const { status } = error;
  return error.ambiguous || status === undefined || status >= 500 || status === 408 || status === 429;
}

async function wasTakenIn(server: Server, id: string): Promise<boolean> {
  return isUploaded(await server.readConfigurationVersion(id));
}

function isUploaded(version: ConfigurationVersion): boolean {
  if (version.status === "errored" || version.status === "archived") {
    const why = version.errorMessage ?? "it gives no reason";
    throw new Failure(
      "archive",
      `The server could not use the uploaded archive: configuration version ${version.id} is ${version.status}, ${why}.`,
    );
  }
  return version.status === "uploaded";
}

/**
 * Waits until the server has taken in a configuration version's archive, for five minutes at most. Throws Failure
 * "archive" with the server's reason when it could not, "timeout" when it says neither.
 */
export async function waitUntilUploaded(
  server: Server,
  id: string,
  wait: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const giveUpAt = wait.clock.now() + UPLOADED_WITHIN;
  for (let pause = 100; ; pause = Math.min(500, pause * 1.5)) {
    const version = await server.readConfigurationVersion(id);
    if (isUploaded(version)) return;
    if (wait.clock.now() > giveUpAt) {
      throw new Failure(
        "timeout",
        `The server has had the archive for five minutes and configuration version ${id} is still ${version.status}. ` +
          "Start this job again; if it stays so, the server's workers need attention.",
      );
    }
    await wait.clock.sleep(pause, wait.signal);
  }
}
