import type { World } from "../world.ts";
import type { Resource } from "./json-api.ts";

/** Links below the API's path, where resources have them. */
export const linksOf = (world: World, paths: Record<string, string>): Pick<Resource, "links"> =>
  world.profile.links
    ? {
        links: Object.fromEntries(
          Object.entries(paths).map(([name, to]) => [name, `${world.profile.apiPath}${to}`]),
        ),
      }
    : {};
