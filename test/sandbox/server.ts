import { rmSync } from "node:fs";
import { addState } from "./add-state.ts";
import { type ArchiveFile, readArchive } from "./engine/unpack.ts";
import { type GitHub, startGitHub } from "./github/server.ts";
import { type Certificate, makeCertificate } from "./http/certificate.ts";
import { type Faults, makeFaults } from "./http/faults.ts";
import { listen, type RecordedRequest } from "./http/listener.ts";
import { newWorkspace } from "./new-workspace.ts";
import { makeWorld, type SandboxOptions, tokens } from "./new-world.ts";
import { applyAction, cancelAction, discardAction } from "./runs/actions.ts";
import type { Script } from "./runs/script.ts";
import { tfeApi } from "./tfe/api.ts";
import type { ConfigurationVersion, Role, Run, Settings, Workspace, World } from "./world.ts";

/** What of a workspace a test may set. */
export type WorkspaceChange = Partial<Omit<Workspace, "id" | "organization" | "name" | "states" | "scripts">>;

export type Sandbox = {
  /** `localhost:PORT` of the TFE API. */
  hostname: string;
  url: string;
  /** PEM file for NODE_EXTRA_CA_CERTS, SSL_CERT_FILE. */
  caFile: string;
  /** The organization that is there from the start. */
  organization: string;
  /** Token of an owner. */
  token: string;
  tokens: Record<Role, string>;
  /** `terraform 1.11.4` or `recorded runs`. */
  engineName: string;
  /** Every request to either server, in the order of arrival. */
  requests: RecordedRequest[];
  faults: Faults;
  settings: Settings;
  world: World;
  github: GitHub;
  setOrganization: (name: string, operations?: boolean) => void;
  /** The workspace of that name in `organization`, made if it is not there, changed as told. */
  workspace: (name: string, change?: WorkspaceChange) => Workspace;
  /** Plays this for the next run of the workspace that has no script yet. */
  script: (workspace: string, script: Script) => void;
  setState: (workspace: string, json: string) => void;
  run: (id: string) => Run;
  configurationVersion: (id: string) => ConfigurationVersion;
  /** Entries of the archive that a run was made from, in their order. */
  archiveOf: (runId: string) => Promise<ArchiveFile[]>;
  /** Somebody else acts on a run; throws where its state does not allow it. */
  someoneElse: Record<"confirms" | "discards" | "cancels", (runId: string) => void>;
  lock: (workspace: string, reason?: string) => void;
  unlock: (workspace: string) => void;
  close: () => Promise<void>;
};

let certificate: Promise<Certificate> | undefined;

/** Starts a TFE server and a GitHub API server on loopback. Close it at the end. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  certificate ??= makeCertificate();
  const shared = { certificate: await certificate, faults: makeFaults(), requests: [] as RecordedRequest[] };
  const world = makeWorld(options);
  const listener = await listen({ ...shared, name: "tfe", handle: tfeApi(world), port: options.port ?? 0 });
  world.origin = listener.url;
  world.signedOrigin = `https://${world.profile.signedHost}:${listener.port}`;
  const github = await startGitHub({
    ...shared,
    certificate: options.githubPlain ? undefined : shared.certificate,
  });
  const close = async (): Promise<void> => {
    world.closed = true;
    for (const run of world.runs) run.abort.abort();
    await Promise.all([listener.close(), github.close()]);
    await Promise.all([...world.engines]);
    for (const { directory } of world.runs) {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    }
  };
  return {
    hostname: `localhost:${listener.port}`,
    url: listener.url,
    caFile: shared.certificate.caFile,
    organization: "acme",
    token: tokens.owner,
    tokens,
    engineName: world.engine.name,
    requests: shared.requests,
    faults: shared.faults,
    settings: world.settings,
    world,
    github,
    ...handles(world),
    close,
  };
}

function handles(world: World) {
  const workspace = (name: string, change: WorkspaceChange = {}): Workspace => {
    const known = world.workspaces.find((other) => other.organization === "acme" && other.name === name);
    const found = known ?? newWorkspace(world, "acme", name);
    if (known === undefined) world.workspaces.push(found);
    Object.assign(found, change);
    world.wake();
    return found;
  };
  const run = (id: string): Run =>
    orThrow(
      world.runs.find((other) => other.id === id),
      `run ${id}`,
    );
  const act = (action: (world: World, run: Run) => string) => (id: string) => {
    if (action(world, run(id)) !== "done") throw new Error(`run ${id} is ${run(id).status}`);
  };
  return {
    setOrganization: (name: string, operations?: boolean) =>
      void world.organizations.set(name, { name, operations }),
    workspace,
    script: (name: string, script: Script) => void workspace(name).scripts.push(script),
    setState: (name: string, json: string) => void addState(workspace(name), json),
    run,
    configurationVersion: (id: string) =>
      orThrow(world.configurationVersions.get(id), `configuration version ${id}`),
    archiveOf: (id: string) =>
      readArchive(
        world.configurationVersions.get(run(id).configurationVersionId)?.archive ?? Buffer.alloc(0),
      ),
    someoneElse: {
      confirms: act(applyAction),
      discards: act(discardAction),
      cancels: act((_, target) => cancelAction(world, target, false)),
    },
    lock: (name: string, lockReason = "") => void workspace(name, { lockedBy: "somebody", lockReason }),
    unlock: (name: string) => void workspace(name, { lockedBy: undefined }),
  };
}

function orThrow<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the sandbox has no ${what}`);
  return value;
}
