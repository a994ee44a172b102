import type { SourceRecord } from '../plan.js';

/**
 * Who runs this, on what, from the runner's variables. An empty one counts as absent.
 *
 * `commit` is GITHUB_SHA, which is what `actions/checkout` checks out: in a run for a pull request, that is the
 * merge of the pull request into its base, not the last commit of its branch. It is the source that the image
 * was built from, so it is the one to name; GitHub shows its files like any commit's.
 *
 * @param env the process' environment
 */
export function readSource(env: NodeJS.ProcessEnv): SourceRecord {
  const serverUrl = env['GITHUB_SERVER_URL'] || undefined;
  const repository = env['GITHUB_REPOSITORY'] || undefined;
  const runId = env['GITHUB_RUN_ID'] || undefined;
  const attempt = env['GITHUB_RUN_ATTEMPT'] || '1';
  const runUrl =
    repository &&
    runId &&
    `${serverUrl ?? 'https://github.com'}/${repository}/actions/runs/${runId}` +
      (attempt === '1' ? '' : `/attempts/${attempt}`);
  const source = {
    repository,
    serverUrl,
    commit: env['GITHUB_SHA'],
    ref: env['GITHUB_REF'],
    runUrl,
    ...(runUrl && { runId, runAttempt: Number(attempt) }),
    actor: env['GITHUB_ACTOR'],
    workflow: env['GITHUB_WORKFLOW'],
    job: env['GITHUB_JOB'],
    step: env['GITHUB_ACTION'],
  };
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value)) as SourceRecord;
}

/**
 * Address of this action's own repository, at the version that runs; absent when the workflow uses it as a local
 * action (`uses: ./`), or outside of Actions. It may be private: a link to it then works for those who may see it.
 */
export function actionUrl(env: NodeJS.ProcessEnv): { repository: string; files: string } | undefined {
  const repository = env['GITHUB_ACTION_REPOSITORY'];
  const ref = env['GITHUB_ACTION_REF'];
  if (!repository || !ref) return undefined;
  const root = `${env['GITHUB_SERVER_URL'] || 'https://github.com'}/${repository}`;
  return { repository: root, files: `${root}/blob/${encodeURI(ref)}` };
}
