/** What this server was recognised as, and what follows from that. One row of the table in facts.ts. */
export type ServerFacts = {
  product: "hcp" | "tfe" | "otf" | "scalr" | "terrakube" | "unknown";
  /** `TFP-API-Version` as sent, e.g. `2.6`. */
  apiVersion: string | undefined;
  /** Offsets of the log URL count bytes or UTF-16 units (Terrakube). */
  logOffsets: "bytes" | "utf16";
  /** Log text stands between STX and ETX. */
  logFramed: boolean;
  /** Has `POST runs/:id/actions/cancel`. */
  cancels: boolean;
  /** Keeps the run's message (OTF loses it). */
  keepsMessage: boolean;
  /** Keeps what is said with a confirmation as a comment of the run, and tells it. */
  keepsComments: boolean;
  savedPlans: boolean;
  /** Attributes of a run that are taken and have no effect. */
  ignoredRunAttributes: readonly string[];
  /** The variables of a run count before those that uploaded files set. */
  runVariablesWin: boolean;
  /** A run that destroys can be a plan only. */
  plansDestroys: boolean;
  /** Has plans/:id/json-output, json-output-redacted. */
  planJson: boolean;
  planJsonRedacted: boolean;
  /** Has policy checks, task stages, cost estimates. */
  policies: boolean;
  costEstimates: boolean;
  /** Has taken an archive in when it answers the upload; elsewhere the configuration version's status tells. */
  uploadsAtOnce: boolean;
  /** Plans tell how much they would change. */
  planCounts: boolean;
  /** A cancel of a finished run rewrites its status (OTF 0.6.3). */
  lateCancelRelabels: boolean;
  /** Tells a run that waits for its confirmation from one that was rejected or cancelled. */
  tellsWaiting: boolean;
  /** Apply and discard of a run in another state are answered with 500, so that 500 is a refusal. */
  refusesWith500: boolean;
  /** Statuses by which this server means something else than HCP Terraform (its API docs, run states): `{ finished: "planned_and_finished" }`. */
  statusAliases: Record<string, string>;
  /** Web page of a run. */
  runUrl: (hostname: string, organization: string, workspace: string, runId: string) => string;
};
