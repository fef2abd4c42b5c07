import type { JsonValue } from "../json.ts";
import { isObject } from "./shape.ts";

/** The event that started the workflow: `GITHUB_EVENT_NAME` and the content of the event file. */
export type WorkflowEvent = { name: string; payload: JsonValue };

/** The pull request that an event is about. Repositories are `owner/name`. */
export type PullRequest = {
  number: number;
  /** Absent where the event does not tell it (`issue_comment`). */
  headSha?: string;
  baseSha?: string;
  /** Absent where it was deleted or the event does not tell it. */
  headRepository?: string;
  baseRepository: string;
  /** The head is not proven to be in the repository itself. */
  fork: boolean;
};

type Fields = Record<string, unknown>;

/**
 * Reads the pull request out of an event: `pull_request`, `pull_request_target`, reviews, `issue_comment` on a pull
 * request, `workflow_run` of one, `merge_group`. `undefined` for every other event and payload. Pure; the shapes are
 * those of docs.github.com, "Webhook events and payloads".
 */
export function pullRequestOf({ name, payload }: WorkflowEvent): PullRequest | undefined {
  const event = fields(payload);
  const repository = textAt(event, "repository", "full_name") ?? "";
  if (name.startsWith("pull_request")) return ofPullRequest(event["pull_request"]);
  if (name === "issue_comment") return ofIssueComment(fields(event["issue"]), repository);
  if (name === "workflow_run") return ofWorkflowRun(fields(event["workflow_run"]));
  if (name === "merge_group") return ofMergeGroup(fields(event["merge_group"]), repository);
  return undefined;
}

/** A pull request as payloads and the REST API show it. */
export function ofPullRequest(value: unknown): PullRequest | undefined {
  const pull = fields(value);
  const number = numberAt(pull, "number");
  const baseRepository = textAt(pull, "base", "repo", "full_name");
  if (number === undefined || baseRepository === undefined) return undefined;
  const headRepository = textAt(pull, "head", "repo", "full_name");
  return known({
    number,
    headSha: textAt(pull, "head", "sha"),
    baseSha: textAt(pull, "base", "sha"),
    headRepository,
    baseRepository,
    fork: !sameRepository(headRepository, baseRepository),
  });
}

function ofIssueComment(issue: Fields, baseRepository: string): PullRequest | undefined {
  const number = numberAt(issue, "number");
  if (number === undefined || baseRepository === "" || issue["pull_request"] == null) return undefined;
  return { number, baseRepository, fork: true };
}

function ofWorkflowRun(run: Fields): PullRequest | undefined {
  const baseRepository = textAt(run, "repository", "full_name");
  const headRepository = textAt(run, "head_repository", "full_name");
  const pulls = run["pull_requests"];
  const [pull, ...others] = Array.isArray(pulls) ? pulls.map(fields) : [];
  const number = pull === undefined || others.length > 0 ? undefined : numberAt(pull, "number");
  if (number === undefined || baseRepository === undefined) return undefined;
  const fork = !sameRepository(headRepository, baseRepository);
  return known({
    number,
    headSha: textAt(run, "head_sha"),
    baseSha: textAt(pull ?? {}, "base", "sha"),
    headRepository,
    baseRepository,
    fork,
  });
}

/** A merge queue's group has its branch in the repository itself, named after its last pull request. */
function ofMergeGroup(group: Fields, repository: string): PullRequest | undefined {
  const number = /\/pr-(\d+)-[0-9a-f]+$/.exec(textAt(group, "head_ref") ?? "")?.[1];
  if (number === undefined || repository === "") return undefined;
  const [headSha, baseSha] = [textAt(group, "head_sha"), textAt(group, "base_sha")];
  return known({
    number: Number(number),
    headSha,
    baseSha,
    headRepository: repository,
    baseRepository: repository,
    fork: false,
  });
}

/** Events that run with the repository's secrets although what they check out may come from anybody. */
const PRIVILEGED = new Set(["pull_request_target", "workflow_run", "issue_comment"]);

/**
 * Why this event must not start a run, as a sentence for the user, or `undefined` when it may. A privileged event whose
 * head is in a fork, or whose head cannot be told, would upload and plan code of a stranger with the repository's
 * secrets. `pull` is the pull request as the API shows it, for events that do not tell the head themselves.
 */
export function refusal(event: WorkflowEvent, pull?: PullRequest): string | undefined {
  if (!PRIVILEGED.has(event.name) || headIsOurs(event, pull)) return undefined;
  return (
    `The event ${event.name} runs with the secrets of this repository, and its code comes from a fork or cannot be told: ` +
    "nothing was uploaded. Plan pull requests on the event pull_request, which has no secrets for forks."
  );
}

function headIsOurs(event: WorkflowEvent, pull: PullRequest | undefined): boolean {
  const payload = fields(event.payload);
  if (event.name === "workflow_run") {
    const run = fields(payload["workflow_run"]);
    return sameRepository(
      textAt(run, "head_repository", "full_name"),
      textAt(run, "repository", "full_name"),
    );
  }
  if (event.name === "issue_comment" && isPlainIssue(fields(payload["issue"]))) return true;
  const told = pull ?? pullRequestOf(event);
  return told !== undefined && !told.fork;
}

/** A comment on an issue that is no pull request: there is no head, the default branch is what runs. */
function isPlainIssue(issue: Fields): boolean {
  return numberAt(issue, "number") !== undefined && issue["pull_request"] == null;
}

function sameRepository(head: string | undefined, base: string | undefined): boolean {
  return head !== undefined && base !== undefined && head.toLowerCase() === base.toLowerCase();
}

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function textAt(from: Fields, ...path: string[]): string | undefined {
  const value = path.reduce<unknown>((at, name) => fields(at)[name], from);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberAt(from: Fields, name: string): number | undefined {
  const value = from[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

type Partly<T> = { [K in keyof T]: T[K] | undefined };
type Told = Pick<PullRequest, "number" | "baseRepository" | "fork"> &
  Partly<Pick<PullRequest, "headSha" | "baseSha" | "headRepository">>;

function known({ headSha, baseSha, headRepository, ...rest }: Told): PullRequest {
  return {
    ...rest,
    ...(headSha !== undefined && { headSha }),
    ...(baseSha !== undefined && { baseSha }),
    ...(headRepository !== undefined && { headRepository }),
  };
}
