import type { GitHubClient } from "./client.ts";
import { isObject } from "./shape.ts";

/** Who a comment is by. `id` is absent where only the login is known. */
export type Identity = { login: string; id?: number };

/** What the API tells about the author of a comment. */
export type Author = Identity & {
  type: string;
  /** `performed_via_github_app.slug`: the app whose token wrote it. */
  app?: string;
};

const BOT_LOGIN = "github-actions[bot]";
/** The bot behind GITHUB_TOKEN on github.com; Enterprise Servers give it another id. */
const BOT_ID = 41_898_282;

/** What was asked of each client already: a token's identity does not change. */
const asked = new WeakMap<GitHubClient, Promise<Identity | undefined>>();

/**
 * Who the token is, asked of GraphQL because `GET /user` refuses tokens of apps. Where GraphQL does not answer, the bot
 * of GITHUB_TOKEN. An answer is kept, so that who needs it soon can ask early.
 */
export async function ownIdentity(client: GitHubClient): Promise<Identity> {
  const asking = asked.get(client) ?? askViewer(client);
  asked.set(client, asking);
  const viewer = await asking;
  if (viewer !== undefined) return viewer;
  asked.delete(client);
  return client.isGitHubDotCom ? { login: BOT_LOGIN, id: BOT_ID } : { login: BOT_LOGIN };
}

async function askViewer(client: GitHubClient): Promise<Identity | undefined> {
  const { data } = await client.graphql("query { viewer { login databaseId } }");
  const viewer = isObject(data) && isObject(data["viewer"]) ? data["viewer"] : {};
  const { login, databaseId: id } = viewer;
  if (typeof login !== "string" || login === "") return undefined;
  return typeof id === "number" ? { login, id } : { login };
}

/**
 * Whether an author is the token's own identity: by id where both are known, since a login can change hands, else by
 * login. A bot's comment must also come from the app that the bot belongs to, where GitHub tells the app.
 */
export function isOwn(author: Author, self: Identity): boolean {
  const same =
    self.id !== undefined && author.id !== undefined ? self.id === author.id : self.login === author.login;
  if (!same) return false;
  const app = /^(.+)\[bot\]$/.exec(author.login)?.[1];
  if (app !== undefined && author.type !== "Bot") return false;
  return app === undefined || author.app === undefined || author.app === app;
}
