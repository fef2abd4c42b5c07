/** The attempt of a workflow's run that a run was made by: numbers as GitHub counts them, digits only. */
export type JobMark = { repository: string; workflowRunId: string; attempt: number };

/** At the end of a message, or right before what binds the run to a pull request (`bindingText`). */
const MARK =
  /(?:^| · )([A-Za-z0-9][A-Za-z0-9_-]{0,38}\/[A-Za-z0-9._-]{1,100})\/actions\/runs\/(\d{1,19})\/attempts\/(\d{1,6})(?: · [A-Za-z0-9._/-]+#\d+@[0-9a-f]{40}\+[0-9a-f]{7,16})?$/;

/** The text that says which job made a run, the path of its page on GitHub; empty outside of a workflow. */
export function jobMarkText({ repository, workflowRunId, attempt }: JobMark): string {
  if (repository === "" || !/^\d+$/.test(workflowRunId)) return "";
  return `${repository}/actions/runs/${workflowRunId}/attempts/${attempt}`;
}

/** Reads the mark of a run's message. A subject may hold the same text, but never where it is looked for. */
export function jobMarkOf(message: string): JobMark | undefined {
  const found = MARK.exec(message);
  if (found === null) return undefined;
  const [, repository = "", workflowRunId = "", attempt] = found;
  return { repository, workflowRunId, attempt: Number(attempt) };
}
