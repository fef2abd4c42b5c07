import type { Exchange } from "../http/exchange.ts";
import { Refusal, text } from "../http/exchange.ts";
import type { Role, World } from "../world.ts";
import { problem, refuse } from "./json-api.ts";

/** The bearer token of a request; `undefined` without one. */
export function tokenOf(exchange: Exchange): string | undefined {
  return /^Bearer (.+)$/u.exec(exchange.headers["authorization"] ?? "")?.[1];
}

/** The role of the request's token; 401 without a known one, in the server's own words. */
export function roleOf(world: World, exchange: Exchange): Role {
  const token = tokenOf(exchange);
  const role = token === undefined ? undefined : world.tokens.get(token);
  if (role !== undefined) return role;
  if (!world.profile.unauthorizedPlain) throw new Refusal(problem(401, "unauthorized"));
  throw new Refusal(
    text(401, token === undefined ? "you need to login to access the requested page\n" : "invalid JWT\n"),
  );
}

const rank: Record<Role, number> = { organization: 0, read: 0, plan: 1, write: 2, owner: 3 };

export const atLeast = (role: Role, lowest: Role): boolean => rank[role] >= rank[lowest];

/** Refuses a role below `lowest` the way the server does: 404 that hides what exists, or 403. */
export function requireRole(world: World, exchange: Exchange, lowest: Role): Role {
  const role = roleOf(world, exchange);
  if (!atLeast(role, lowest)) throw forbidden(world);
  return role;
}

export const forbidden = (world: World): Refusal =>
  world.profile.forbiddenStatus === 404
    ? refuse(404, "resource not found or user unauthorized to perform action")
    : refuse(403, "unauthorized: access not permitted");

/** `permissions` of a workspace for a role. */
export function workspacePermissions(role: Role): Record<string, boolean> {
  const plan = atLeast(role, "plan");
  const write = atLeast(role, "write");
  return {
    "can-update": atLeast(role, "owner"),
    "can-destroy": atLeast(role, "owner"),
    "can-force-unlock": atLeast(role, "owner"),
    "can-lock": write,
    "can-unlock": write,
    "can-queue-run": plan,
    "can-queue-apply": write,
    "can-queue-destroy": write,
    "can-read-settings": true,
    "can-read-variable": true,
    "can-update-variable": write,
    "can-create-state-versions": write,
    "can-read-state-versions": true,
    "can-read-state-outputs": true,
  };
}

/** `permissions` of a run for a role. */
export function runPermissions(world: World, role: Role): Record<string, boolean> {
  const { cancelRole, discardRole, onlyCanApplyTold } = world.profile;
  if (onlyCanApplyTold) return { "can-apply": atLeast(role, "write") };
  return {
    "can-apply": atLeast(role, "write"),
    "can-cancel": atLeast(role, cancelRole),
    "can-comment": true,
    "can-discard": atLeast(role, discardRole),
    "can-force-execute": atLeast(role, "write"),
    "can-force-cancel": atLeast(role, "owner"),
    "can-override-policy-check": atLeast(role, "owner"),
  };
}
