/** The servers the sandbox can be. */
export type ProfileName = "hcp" | "otf" | "terrakube";

const row = <T>(hcp: T, otf: T, terrakube: T): Record<ProfileName, T> => ({ hcp, otf, terrakube });

/**
 * What the servers do differently, one row per difference: HCP Terraform, OTF 0.6.3, Terrakube 2.32. Found in their
 * documentation and source, OTF's also on a running server. Everything not listed here is the same for all three.
 */
export const quirks = {
  /** Host of signed URLs: another origin than the API's, as HCP Terraform has for its archivist, or the same. */
  signedHost: row("127.0.0.1", "localhost", "localhost"),
  /** Path of the API; discovery points there. */
  apiPath: row("/api/v2/", "/api/v2/", "/remote/tfe/v2/"),
  services: row<string[]>(
    ["tfe.v2", "tfe.v2.1", "tfe.v2.2"],
    ["tfe.v2", "tfe.v2.1", "tfe.v2.2", "state.v2"],
    ["tfe.v2", "tfe.v2.1"],
  ),
  pingStatus: row(200, 204, 404),
  /** Ping checks the token. */
  pingAuthorized: row(false, true, false),
  pingHeaders: row<Record<string, string>>(
    { "tfp-api-version": "2.6", "tfp-appname": "HCP Terraform" },
    { "tfp-api-version": "2.5" },
    { "tfp-api-version": "2.5", "tfp-appname": "Terrakube" },
  ),
  /** Also on every other answer of the API. */
  versionOnEveryAnswer: row(true, true, false),
  rateLimitHeaders: row(true, false, false),
  forbiddenStatus: row(404, 403, 403),
  /** 401 is a plain line instead of a JSON:API error. */
  unauthorizedPlain: row(false, true, false),
  /** An `include` that does not exist: refused with 400, or ignored. */
  unknownIncludeRefused: row(true, false, false),
  /** Bodies need the media type of JSON:API, else 415. */
  mediaTypeEnforced: row(true, false, false),
  /** A path that does not exist is a plain line instead of a JSON:API error. */
  unknownPathPlain: row(false, true, false),
  /** Resources carry `links`. */
  links: row(true, false, true),
  /** Answer to an id that cannot be one. */
  malformedIdStatus: row(404, 500, 404),
  /** Organization tokens may read single runs. */
  organizationReadsRuns: row(true, false, true),
  /** `current-run` names its run without the prefix `run-`. */
  currentRunBare: row(false, false, true),
  /** `position-in-queue` is real; else always 0. */
  positionTold: row(true, false, true),
  /** A locked workspace tells by whom and why. */
  lockTold: row(true, false, false),
  /** A saved plan is discarded when another run of its workspace was applied, or its state changed otherwise. */
  savedPlansGoStale: row(true, false, false),
  /** Answer to a workspace name that is taken. */
  nameTakenStatus: row(422, 409, 422),
  /** A version that the server does not have is refused with 422; elsewhere anything that is no constraint is taken. */
  versionsChecked: row(true, false, false),
  /** How workspaces tell the names of their tags, and none: a list, null, or nothing at all. */
  tagNamesTold: row<"list" | "null" | "never">("list", "null", "never"),
  /** Tags with values, and projects. */
  tagBindings: row(true, false, false),
  projects: row(true, false, false),
  /** Answer to a name that no workspace can have. */
  badNameStatus: row(422, 500, 422),
  /** `current-run` stays on the last run that could be applied after it ended. */
  currentRunStays: row(true, true, false),
  /** Only a user's token can lock, any other gets 500; a conflict is told without a body. */
  lockNeedsUser: row(false, true, false),
  /** Ids of workspaces and configuration versions are UUIDs, of plans and applies bare integers. */
  bareIds: row(false, false, true),
  /** Plan, apply and cost estimate ids share the run's suffix. */
  sharedSuffix: row(false, true, false),
  /** Lists carry `meta.pagination`. */
  pagination: row(true, true, false),
  /** Run lists leave plan-only runs out unless asked for. */
  listHidesPlanOnly: row(true, false, false),
  listActiveOnly: row(false, false, true),

  /** A workspace's working directory is told to clients without a VCS connection. */
  workingDirectoryTold: row(true, true, false),
  workspaceAutoApplyTold: row(true, true, false),
  /** `speculative` must be there when a configuration version is made, else 500. */
  speculativeRequired: row(false, false, true),
  /** Largest archive in bytes; beyond it 422. */
  uploadLimit: row(Number.POSITIVE_INFINITY, 10 * 1024 * 1024, Number.POSITIVE_INFINITY),
  /** The upload URL keeps working after the first upload and overwrites it. */
  uploadRepeatable: row(false, true, true),
  /** An illegal archive makes the configuration version `errored`; elsewhere only the run finds out. */
  uploadChecked: row(true, false, false),
  /** `provisional` is an attribute of configuration versions. */
  provisionalTold: row(true, false, true),
  /** Every reading of a configuration version tells the upload URL, not just the answer to its POST. */
  uploadUrlInReads: row(false, true, false),
  /** An error message that is not there: null, or an empty text. */
  noErrorText: row<string | null>(null, "", null),
  downloadType: row("application/octet-stream", "application/x-gzip", "application/octet-stream"),
  /** A run needs an uploaded configuration version, else 422; elsewhere it is made and errors. */
  runNeedsUpload: row(true, false, false),

  /** Run attributes that are accepted and have no effect. */
  ignoredRunAttributes: row<string[]>(
    [],
    ["refresh-only", "save-plan", "allow-empty-apply"],
    ["message", "variables", "plan-only", "save-plan", "allow-empty-apply", "terraform-version"],
  ),
  /** What is said with a confirmation becomes a comment of the run. */
  commentsKept: row(true, false, false),
  /** `terraform-version` is for plan-only runs, else 422. */
  versionForPlansOnly: row(true, false, false),
  /** Values of a run's variables are told; none of the three hides them, a server of a test may. */
  variableValuesTold: row(true, true, true),
  /** The message is echoed once, then empty. */
  messageLost: row(false, true, true),
  /** The 201 answer echoes `save-plan` although nothing is saved. */
  savePlanEchoed: row(true, true, false),
  defaultMessage: row("Queued manually via the Terraform Enterprise API", "", ""),
  /** A run that destroys is never plan-only, whatever its configuration version says. */
  destroyNeverPlanOnly: row(false, false, true),
  /** Empty lists of addresses are left out. */
  emptyAddressesOmitted: row(false, true, false),
  /** A plan-only run is `planned` before it is `planned_and_finished`. */
  planOnlyIsPlanned: row(true, false, true),
  /** Statuses by which it tells other ones; `waiting` stands for every run that waits for a person. */
  statusNames: row<Record<string, string>>(
    {},
    {},
    {
      plan_queued: "pending",
      planning: "running",
      planned: "unknown",
      confirmed: "running",
      apply_queued: "running",
      applying: "running",
      applied: "finished",
      planned_and_finished: "finished",
      canceled: "unknown",
      discarded: "unknown",
    },
  ),
  /** `is-confirmable` and `is-discardable` are true whatever the run does; there is no `is-cancelable`. */
  actionsAlwaysTrue: row(false, false, true),
  onlyCanApplyTold: row(false, false, true),

  /** Answer to apply, discard, force-cancel in a wrong state. */
  wrongStateStatus: row(409, 500, 200),
  /** A cancel is always 202, and a finished run becomes `canceled`. */
  cancelRelabels: row(false, true, false),
  /** `is-force-cancelable` is true right after the cancel; it is refused before the cool-off all the same. */
  forceCancelPromised: row(false, true, false),
  /** A cancel by a team's token is only a label: the engine goes on. */
  teamCancelIsLabel: row(false, true, false),
  hasCancel: row(true, true, false),
  /** Answer to an accepted apply or discard. */
  actionStatus: row(202, 202, 200),
  /** Lowest role that may cancel and discard. */
  cancelRole: row<"write" | "owner">("write", "write", "write"),
  discardRole: row<"write" | "owner">("write", "owner", "write"),

  /** Imports, moves and forgets alone are no changes: such a plan cannot be applied. */
  importsAreNoChange: row(false, true, false),
  /** An apply that imports ends `errored` although all of it was done. */
  importingApplyErrors: row(false, true, false),

  /** Logs stand between STX and ETX. */
  logFramed: row(true, true, false),
  /** Offsets and limits of logs count UTF-16 units instead of bytes. */
  logOffsetsUtf16: row(false, false, true),
  /** Plan and apply share one log, which is gone when the run ends. */
  logShared: row(false, false, true),
  /** Plan and apply carry resource counts. */
  countsTold: row(true, false, false),
  logType: row("text/plain", "application/octet-stream", "text/plain"),
  /** `init` is in the log of the plan. */
  initLogged: row(false, true, true),
  /** What the engine wrote to stderr comes once more, in one line of ASCII. */
  errorsRepeated: row(false, true, false),
  /** The CLI's first lines (version, platform) head the log. */
  logHeading: row(true, false, false),

  /** json-output and its redacted form: a redirect to a URL of one minute; the document itself; nothing. */
  planJson: row<"redirect" | "direct" | "none">("redirect", "direct", "none"),
  planJsonType: row("application/json", "text/plain; charset=utf-8", "application/json"),
  /** Answer while the plan is not finished, or for an errored one. */
  planJsonNotReady: row(204, 200, 404),
  planJsonRole: row<"read" | "owner">("owner", "read", "owner"),
  planJsonRedacted: row(true, false, false),
  /** Policy checks, task stages, policy evaluations, and cost estimates that can be read. */
  policies: row(true, false, false),
  /** Names a cost estimate, where its workspace has one, that no endpoint reads. */
  costEstimateUnreadable: row(false, true, false),
  hasCapacity: row(true, false, true),
  /** Only the site's administrator may read the queue. */
  queueForbidden: row(false, true, false),
  /** Downloads of configuration versions: redirect to a signed URL, or the bytes. */
  downloadRedirects: row(true, false, false),
  /** `hosted-state-download-url` is a path instead of a URL. */
  statePathOnly: row(false, true, false),
  /** current-state-version-outputs hides sensitive values. */
  sensitiveOutputsHidden: row(true, true, false),
};

export type Profile = { name: ProfileName } & { [K in keyof typeof quirks]: (typeof quirks)[K][ProfileName] };

/** One column of the table. */
export function profileOf(name: ProfileName): Profile {
  const column = Object.entries(quirks).map(([quirk, values]) => [quirk, values[name]]);
  return { name, ...Object.fromEntries(column) } as Profile;
}
