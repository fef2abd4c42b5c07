import { createHash } from "node:crypto";
import type { JsonValue } from "../../../src/json.ts";
import { addState } from "../add-state.ts";
import { type Exchange, isRecord, param, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { discardOutdated } from "../runs/lifecycle.ts";
import type { StateVersion, Workspace, World } from "../world.ts";
import { stringOf } from "./attributes.ts";
import { answer, document, notFound, page, posted, problem, type Resource } from "./json-api.ts";
import { forbidden, requireRole, roleOf } from "./rights.ts";
import { workspaceInPath } from "./workspaces.ts";

/** State versions and their outputs. */
export function stateRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  return {
    [`GET ${api}workspaces/:id/current-state-version`]: (exchange) => current(world, exchange),
    [`POST ${api}workspaces/:id/state-versions`]: (exchange) => push(world, exchange),
    [`GET ${api}workspaces/:id/current-state-version-outputs`]: (exchange) => outputs(world, exchange),
    [`GET ${api}state-versions/:id`]: (exchange) => {
      roleOf(world, exchange);
      const { workspace, state } = stateInPath(world, exchange);
      return document(200, stateDocument(world, workspace, state));
    },
    [`GET ${api}state-versions/:id/outputs`]: (exchange) => {
      roleOf(world, exchange);
      return answer(200, { data: outputResources(stateInPath(world, exchange).state, false) });
    },
    [`GET ${api}state-version-outputs/:id`]: (exchange) => output(world, exchange),
  };
}

function newest(workspace: Workspace): StateVersion {
  const state = workspace.states.at(-1);
  if (state === undefined) throw notFound();
  return state;
}

function stateInPath(world: World, exchange: Exchange): { workspace: Workspace; state: StateVersion } {
  const id = param(exchange, "id");
  for (const workspace of world.workspaces) {
    const state = workspace.states.find((candidate) => candidate.id === id);
    if (state !== undefined) return { workspace, state };
  }
  throw notFound();
}

function current(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const workspace = workspaceInPath(world, exchange);
  return document(200, stateDocument(world, workspace, newest(workspace)));
}

function stateDocument(world: World, workspace: Workspace, state: StateVersion): Resource {
  const grant = { kind: "state", workspaceId: workspace.id, stateId: state.id } as const;
  const url = world.signedUrls.issue(grant, { lifetimeMs: world.settings.signedUrlLifetimeMs });
  return {
    id: state.id,
    type: "state-versions",
    attributes: {
      "created-at": state.at,
      serial: state.serial,
      size: state.json.length,
      status: "finalized",
      "resources-processed": true,
      "hosted-state-download-url": world.profile.statePathOnly ? new URL(url).pathname : url,
    },
    relationships: {
      outputs: { data: outputResources(state, false).map(({ id, type }) => ({ id, type })) },
    },
  };
}

function push(world: World, exchange: Exchange): Reply {
  requireRole(world, exchange, "write");
  const workspace = workspaceInPath(world, exchange);
  const body = posted(world, exchange, "state-versions");
  const json = Buffer.from(stringOf(body, "state", ""), "base64").toString("utf8");
  // these words make clients send the state in the request instead of uploading it to a URL
  if (json === "") return problem(422, "param is missing or the value is empty: state");
  if (createHash("md5").update(json).digest("hex") !== stringOf(body, "md5", "")) {
    return problem(422, "md5 does not match the state");
  }
  if (workspace.lockedBy === undefined)
    return problem(409, "the workspace must be locked to write its state");
  const before = workspace.states.at(-1);
  const serial = body.attributes["serial"];
  if (before !== undefined && typeof serial === "number" && serial <= before.serial) {
    return problem(409, `serial ${serial} is not above ${before.serial}`);
  }
  const state = addState(workspace, json);
  discardOutdated(world, workspace);
  return document(201, stateDocument(world, workspace, state));
}

function outputs(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const workspace = workspaceInPath(world, exchange);
  if (workspace.permissions["can-read-state-outputs"] === false) throw forbidden(world);
  const state = newest(workspace);
  if (world.settings.stateProcessingReads > 0) {
    world.settings.stateProcessingReads -= 1;
    return problem(503, "the state version is still being processed");
  }
  const resources = outputResources(state, world.profile.sensitiveOutputsHidden);
  return page(exchange, resources, world.profile.pagination);
}

function output(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const id = param(exchange, "id");
  const readable = world.workspaces.filter(
    ({ permissions }) => permissions["can-read-sensitive-outputs"] !== false,
  );
  const all = readable.flatMap(({ states }) => states.flatMap((state) => outputResources(state, false)));
  const found = all.find((resource) => resource.id === id);
  if (found === undefined) throw notFound();
  return document(200, found);
}

function outputResources(state: StateVersion, hideSensitive: boolean): Resource[] {
  const parsed: unknown = JSON.parse(state.json);
  const found = isRecord(parsed) && isRecord(parsed["outputs"]) ? parsed["outputs"] : {};
  return Object.entries(found).map(([name, entry]) => {
    const { value, type, sensitive } = stateOutput(entry);
    return {
      id: `wsout-${state.id.slice(3)}${name}`,
      type: "state-version-outputs",
      attributes: {
        name,
        sensitive,
        type: typeof type === "string" ? type : "object",
        "detailed-type": type,
        value: sensitive && hideSensitive ? null : value,
      },
    };
  });
}

function stateOutput(entry: unknown): { value: JsonValue; type: JsonValue; sensitive: boolean } {
  if (!isRecord(entry)) return { value: null, type: null, sensitive: false };
  // a state file is JSON throughout
  const { value, type, sensitive } = entry as Record<string, JsonValue>;
  return { value: value ?? null, type: type ?? null, sensitive: sensitive === true };
}
