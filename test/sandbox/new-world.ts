import { type Binary, findBinary } from "./engine/binary.ts";
import { cliEngine } from "./engine/cli.ts";
import { recordedEngine } from "./engine/recorded.ts";
import { type ProfileName, profileOf } from "./profiles.ts";
import { schedule } from "./runs/queue.ts";
import { makeSignedUrls } from "./tfe/signed-urls.ts";
import type { Engine, Role, Run, Settings, World } from "./world.ts";

export type SandboxOptions = {
  /** Default `hcp`. */
  profile?: ProfileName;
  /** What carries out unscripted runs: `auto` the CLI on PATH, else recorded runs (default); or one of them. */
  engine?: "auto" | "recorded" | Binary;
  settings?: Partial<Settings>;
  /** The GitHub API speaks plain HTTP; default https with the same certificate. */
  githubPlain?: boolean;
  port?: number;
};

const defaultSettings: Settings = {
  pollsUntilUploaded: 0,
  configurationError: undefined,
  signedUrlLifetimeMs: 3_600_000,
  logUrlQuery: false,
  rateLimit: undefined,
  runListsPerMinute: undefined,
  forceCancelAfterMs: 10_000,
  versions: undefined,
  stateProcessingReads: 0,
  startDelayMs: 5,
};

/** One token for each role. */
export const tokens: Record<Role, string> = {
  owner: "sandbox-token-of-the-owner",
  write: "sandbox-token-of-team-write",
  plan: "sandbox-token-of-team-plan",
  read: "sandbox-token-of-team-read",
  organization: "sandbox-token-of-the-organization",
};

const roles: Role[] = ["owner", "write", "plan", "read", "organization"];

/** A server with the organization `acme` and nothing in it. */
export function makeWorld(options: SandboxOptions): World {
  const starting = new Set<Run>();
  const world: World = {
    profile: profileOf(options.profile ?? "hcp"),
    settings: { ...defaultSettings, ...options.settings },
    origin: "",
    signedOrigin: "",
    tokens: new Map(roles.map((role) => [tokens[role], role])),
    organizations: new Map([["acme", { name: "acme", operations: true }]]),
    workspaces: [],
    projects: [],
    configurationVersions: new Map(),
    runs: [],
    signedUrls: makeSignedUrls(() => world.signedOrigin),
    wake: () => schedule(world, starting),
    engine: recordedEngine(),
    engines: new Set(),
    closed: false,
  };
  world.engine = chooseEngine(world, options.engine ?? "auto");
  return world;
}

let said = false;

function chooseEngine(world: World, wanted: "auto" | "recorded" | Binary): Engine {
  const binary = wanted === "auto" ? findBinary() : wanted;
  if (binary === undefined && !said) {
    said = true;
    process.stderr.write(
      "sandbox: neither tofu nor terraform is on PATH, recorded runs are replayed instead\n",
    );
  }
  return binary === undefined || binary === "recorded" ? world.engine : cliEngine(world, binary);
}
