import type { JsonValue } from "../json.ts";
import type { ServerFacts } from "./server-facts.ts";

/** What a server shows of itself before anything is asked of it: where its API is, and the headers of its ping. */
export type Evidence = {
  hostname: string;
  /** Path of the API's base, e.g. `/api/v2/`. */
  basePath: string;
  appName: string | undefined;
  apiVersion: string | undefined;
  tfeVersion: string | undefined;
};

type Product = ServerFacts["product"];

/** Tells the products apart; the first line that holds names the product. */
export function recognise(evidence: Evidence): Product {
  const { hostname, basePath, appName, apiVersion, tfeVersion } = evidence;
  if (appName === "Terrakube" || basePath.startsWith("/remote/tfe/")) return "terrakube";
  if (appName === "HCP Terraform" || appName === "Terraform Cloud") return "hcp";
  if (appName === "Terraform Enterprise" || tfeVersion !== undefined) return "tfe";
  if (/(^|\.)scalr\.io(:\d+)?$/i.test(hostname) || basePath.startsWith("/api/iacp/")) return "scalr";
  if (/^app\.(eu\.)?terraform\.io$/i.test(hostname)) return "hcp";
  // OTF names no product and sends the version alone, as Terraform Enterprise did before August 2022.
  if (apiVersion !== undefined && appName === undefined && basePath === "/api/v2/") return "otf";
  return "unknown";
}

type Row = Omit<ServerFacts, "product" | "apiVersion" | "runUrl"> & {
  runPath: "workspaces" | "cli" | "runs";
  /** Value of `filter[operation]` that makes a list of runs hold plan-only ones too; `undefined` where it must not be sent. */
  listOperations: string | undefined;
  /** Lists of a run's options are left out where they are empty. */
  emptyListsOmitted: boolean;
  /** What the server leaves out in front of the id of a workspace's current run. */
  currentRunPrefix: string;
};

const everyOperation = "plan_and_apply,plan_only,refresh_only,destroy,empty_apply,save_plan";

/** As documented for HCP Terraform; what is not known to differ is taken to be like it. */
const documented: Row = {
  logOffsets: "bytes",
  logFramed: true,
  cancels: true,
  keepsMessage: true,
  keepsComments: true,
  savedPlans: true,
  ignoredRunAttributes: [],
  runVariablesWin: true,
  plansDestroys: true,
  planJson: true,
  planJsonRedacted: true,
  policies: true,
  costEstimates: true,
  uploadsAtOnce: false,
  planCounts: true,
  lateCancelRelabels: false,
  refusesWith500: false,
  tellsWaiting: true,
  statusAliases: {},
  runPath: "workspaces",
  listOperations: everyOperation,
  emptyListsOmitted: false,
  currentRunPrefix: "",
};

const rows: Record<Product, Row> = {
  hcp: documented,
  tfe: documented,
  /** Observed on OTF 0.6.3. A cost estimate is named by runs but has no endpoint; a filter with save_plan empties the list. */
  otf: {
    ...documented,
    keepsMessage: false,
    keepsComments: false,
    savedPlans: false,
    ignoredRunAttributes: ["refresh-only", "allow-empty-apply"],
    runVariablesWin: false,
    planJsonRedacted: false,
    policies: false,
    costEstimates: false,
    uploadsAtOnce: true,
    planCounts: false,
    lateCancelRelabels: true,
    refusesWith500: true,
    emptyListsOmitted: true,
    runPath: "runs",
    listOperations: undefined,
  },
  /** Scalr documents its CLI-driven runs, not the API beneath them. */
  scalr: { ...documented, keepsComments: false, savedPlans: false, runPath: "cli" },
  /** Read in Terrakube's RemoteTfeService.java, 2.32.0: logs are one Java string, offsets count its UTF-16 units. */
  terrakube: {
    ...documented,
    logOffsets: "utf16",
    logFramed: false,
    cancels: false,
    keepsMessage: false,
    tellsWaiting: false,
    keepsComments: false,
    savedPlans: false,
    ignoredRunAttributes: ["variables", "allow-empty-apply", "terraform-version"],
    // Whatever its configuration version says, a run that destroys waits for its approval.
    plansDestroys: false,
    planJson: false,
    planJsonRedacted: false,
    policies: false,
    costEstimates: false,
    statusAliases: { running: "planning", finished: "planned_and_finished" },
    runPath: "cli",
    listOperations: undefined,
    currentRunPrefix: "run-",
  },
  /** Lists without saved plans, which may empty them elsewhere as they do on OTF. */
  unknown: {
    ...documented,
    keepsComments: false,
    savedPlans: false,
    runPath: "cli",
    listOperations: "plan_and_apply,plan_only,refresh_only,destroy,empty_apply",
  },
};

const runPaths = {
  workspaces: (organization: string, workspace: string, run: string) =>
    `/app/${organization}/workspaces/${workspace}/runs/${run}`,
  cli: (organization: string, workspace: string, run: string) =>
    `/app/${organization}/${workspace}/runs/${run}`,
  runs: (_organization: string, _workspace: string, run: string) => `/app/runs/${run}`,
};

/** Everything that follows from what the server was recognised as. */
export function factsOf(evidence: Evidence): ServerFacts {
  const product = recognise(evidence);
  const { runPath, listOperations, currentRunPrefix, emptyListsOmitted, ...facts } = rows[product];
  return {
    product,
    apiVersion: evidence.apiVersion,
    ...facts,
    runUrl: (hostname, ...names) => {
      const [organization, workspace, runId] = names.map(encodeURIComponent);
      return `https://${hostname}${runPaths[runPath](organization ?? "", workspace ?? "", runId ?? "")}`;
    },
  };
}

/** The query that makes a list of runs complete on this server. */
export function runListFilter(facts: ServerFacts): Record<string, string> {
  const { listOperations } = rows[facts.product];
  return listOperations === undefined ? {} : { "filter[operation]": listOperations };
}

/** The id of a workspace's current run as `runs/:id` takes it. */
export function currentRunId(facts: ServerFacts, id: string | undefined): string | undefined {
  const { currentRunPrefix } = rows[facts.product];
  return id === undefined || id.startsWith(currentRunPrefix) ? id : `${currentRunPrefix}${id}`;
}

/** A list among a run's options, null for an empty one included; `undefined`: the server does not tell it. */
export function toldList(facts: ServerFacts, value: JsonValue | undefined): JsonValue[] | undefined {
  if (Array.isArray(value)) return value;
  return value === null || (value === undefined && rows[facts.product].emptyListsOmitted) ? [] : undefined;
}

/** A run's status in the words of the API's documentation. */
export function documentedStatus(facts: ServerFacts, status: string): string {
  return Object.hasOwn(facts.statusAliases, status) ? (facts.statusAliases[status] ?? status) : status;
}
