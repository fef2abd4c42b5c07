import { type Exchange, json, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { workspaceOf } from "../runs/lifecycle.ts";
import { isFinal } from "../runs/status.ts";
import type { World } from "../world.ts";
import { answer, document } from "./json-api.ts";
import { requireOrganization } from "./organizations.ts";
import { forbidden, requireRole, roleOf } from "./rights.ts";
import { positionInQueue, runDocument } from "./run-documents.ts";

/** Service discovery, ping and what the server tells of an organization. */
export function discoveryRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  return {
    "GET /.well-known/terraform.json": () =>
      json(200, Object.fromEntries(world.profile.services.map((service) => [service, api]))),
    [`GET ${api}ping`]: (exchange) => ping(world, exchange),
    [`GET ${api}organizations/:organization`]: (exchange) => organization(world, exchange),
    [`GET ${api}organizations/:organization/entitlement-set`]: (exchange) => entitlements(world, exchange),
    [`GET ${api}organizations/:organization/runs/queue`]: (exchange) => queue(world, exchange),
    ...(world.profile.hasCapacity
      ? {
          [`GET ${api}organizations/:organization/capacity`]: (exchange: Exchange) =>
            capacity(world, exchange),
        }
      : {}),
  };
}

function ping(world: World, exchange: Exchange): Reply {
  if (world.profile.pingAuthorized) roleOf(world, exchange);
  return { status: world.profile.pingStatus, headers: world.profile.pingHeaders };
}

function organization(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const { name } = requireOrganization(world, exchange);
  return document(200, { id: name, type: "organizations", attributes: { name, permissions: {} } });
}

function entitlements(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const { name, operations } = requireOrganization(world, exchange);
  const { policies } = world.profile;
  return document(200, {
    id: `org-${name}`,
    type: "entitlement-sets",
    attributes: {
      ...(operations === undefined ? {} : { operations }),
      "cost-estimation": policies,
      "configuration-designer": true,
      "private-module-registry": true,
      sentinel: policies,
      "run-tasks": policies,
      "state-storage": true,
      teams: true,
      "vcs-integrations": true,
      agents: true,
    },
  });
}

function queue(world: World, exchange: Exchange): Reply {
  const role = requireRole(world, exchange, "read");
  requireOrganization(world, exchange);
  if (world.profile.queueForbidden) throw forbidden(world);
  const waiting = world.runs.filter(
    (run) => run.status === "pending" && workspaceOf(world, run) !== undefined,
  );
  const data = waiting.map((run) => {
    const document = runDocument(world, run, { role });
    document.attributes["position-in-queue"] = positionInQueue(world, run);
    return document;
  });
  const total = data.length;
  const pagination = {
    "current-page": 1,
    "prev-page": null,
    "next-page": null,
    "total-pages": 1,
    "total-count": total,
  };
  return answer(200, world.profile.pagination ? { data, meta: { pagination } } : { data });
}

function capacity(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const { name } = requireOrganization(world, exchange);
  const active = world.runs.filter((run) => !isFinal(run));
  const pending = active.filter(({ status }) => status === "pending").length;
  return document(200, {
    id: name,
    type: "organization-capacity",
    attributes: { pending, running: active.length - pending },
  });
}
