import { inspectArchive } from "../engine/unpack.ts";
import { type Exchange, param, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { makeBareId } from "../ids.ts";
import type { ConfigurationVersion, World } from "../world.ts";
import { booleanOf } from "./attributes.ts";
import { document, notFound, posted, problem, type Resource } from "./json-api.ts";
import { linksOf } from "./links.ts";
import { requireRole, roleOf } from "./rights.ts";
import { workspaceInPath } from "./workspaces.ts";

/** Configuration versions: made, read, downloaded; their upload is a signed URL. */
export function configurationVersionRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  return {
    [`POST ${api}workspaces/:id/configuration-versions`]: (exchange) => create(world, exchange),
    [`GET ${api}configuration-versions/:id`]: (exchange) => read(world, exchange),
    [`GET ${api}configuration-versions/:id/download`]: (exchange) => download(world, exchange),
  };
}

function create(world: World, exchange: Exchange): Reply {
  requireRole(world, exchange, "plan");
  const workspace = workspaceInPath(world, exchange);
  const body = posted(world, exchange, "configuration-versions");
  if (world.profile.speculativeRequired && body.attributes["speculative"] === undefined) {
    return problem(500, "java.lang.NullPointerException");
  }
  const version: ConfigurationVersion = {
    id: makeBareId(world.profile, "cv"),
    workspaceId: workspace.id,
    status: "pending",
    speculative: booleanOf(body, "speculative", false),
    provisional: booleanOf(body, "provisional", false),
    archive: undefined,
    uploads: 0,
    pendingPolls: 0,
    errorMessage: undefined,
  };
  booleanOf(body, "auto-queue-runs", true);
  world.configurationVersions.set(version.id, version);
  const made = versionDocument(world, version);
  made.attributes["upload-url"] = uploadUrl(world, version);
  return document(201, made);
}

const uploadUrl = (world: World, version: ConfigurationVersion): string =>
  world.signedUrls.issue(
    { kind: "upload", configurationVersionId: version.id },
    { lifetimeMs: world.settings.signedUrlLifetimeMs },
  );

function versionDocument(world: World, version: ConfigurationVersion): Resource {
  return {
    id: version.id,
    type: "configuration-versions",
    attributes: {
      "auto-queue-runs": false,
      speculative: version.speculative,
      ...(world.profile.provisionalTold ? { provisional: version.provisional } : {}),
      source: "tfe-api",
      status: version.pendingPolls > 0 ? "pending" : version.status,
      error: version.status === "errored" ? "upload_failed" : world.profile.noErrorText,
      "error-message": version.errorMessage ?? world.profile.noErrorText,
      ...(world.profile.uploadUrlInReads ? { "upload-url": uploadUrl(world, version) } : {}),
    },
    ...linksOf(world, { self: `configuration-versions/${version.id}` }),
  };
}

function versionInPath(world: World, exchange: Exchange): ConfigurationVersion {
  const version = world.configurationVersions.get(param(exchange, "id"));
  if (version === undefined) throw notFound();
  return version;
}

function read(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const version = versionInPath(world, exchange);
  const reply = document(200, versionDocument(world, version));
  if (version.pendingPolls > 0) version.pendingPolls -= 1;
  return reply;
}

function download(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const version = versionInPath(world, exchange);
  if (version.archive === undefined) throw notFound();
  if (!world.profile.downloadRedirects) return archiveReply(version.archive, world.profile.downloadType);
  const grant = { kind: "download", configurationVersionId: version.id } as const;
  return { status: 302, headers: { location: world.signedUrls.issue(grant, { lifetimeMs: 60_000 }) } };
}

/** The bytes of an archive. */
export const archiveReply = (archive: Buffer, type = "application/octet-stream"): Reply => ({
  status: 200,
  headers: { "content-type": type },
  body: archive,
});

/** A PUT to the upload URL. */
export async function upload(
  world: World,
  version: ConfigurationVersion,
  exchange: Exchange,
): Promise<Reply> {
  if (exchange.headers["transfer-encoding"] !== undefined)
    return problem(411, "an upload needs a Content-Length");
  if (version.uploads > 0 && !world.profile.uploadRepeatable)
    return problem(403, "the archive was uploaded before");
  if (exchange.body.length > world.profile.uploadLimit) return problem(422, "http: request body too large");
  version.uploads += 1;
  version.archive = exchange.body;
  version.pendingPolls = world.settings.pollsUntilUploaded;
  version.status = "uploaded";
  const wrong = world.settings.configurationError ?? (await illegal(world, exchange.body));
  if (wrong !== undefined) {
    version.status = "errored";
    version.errorMessage = wrong;
  }
  return { status: 200 };
}

async function illegal(world: World, archive: Buffer): Promise<string | undefined> {
  if (!world.profile.uploadChecked) return undefined;
  try {
    await inspectArchive(archive);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
