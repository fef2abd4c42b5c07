import { type Exchange, param } from "../http/exchange.ts";
import type { Organization, World } from "../world.ts";
import { notFound } from "./json-api.ts";

/** The organization of the route, 404 for another. */
export function requireOrganization(world: World, exchange: Exchange): Organization {
  const organization = world.organizations.get(param(exchange, "organization"));
  if (organization === undefined) throw notFound();
  return organization;
}
