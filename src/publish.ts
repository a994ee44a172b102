import { setTimeout as sleep } from 'node:timers/promises';
import type { Annotation, CommentPlan, ReportPlan, RunRecord } from './plan.js';
import { renderAnnotations } from './report/annotations.js';
import { renderJson } from './report/json-report.js';
import { renderJunit } from './report/junit.js';
import { outputsOf } from './report/outputs.js';
import { renderSummary } from './report/summary.js';
import { verdictOf } from './report/verdict.js';
import { annotate } from './runner/annotations.js';
import type { JobLog } from './runner/job-log.js';
import { writeJobSummary } from './runner/job-summary.js';
import type { Outputs } from './runner/outputs.js';
import { writeReportFiles } from './runner/report-files.js';
import { actionUrl } from './runner/source.js';

export interface Publishing {
  /** Absent when the inputs were wrong: then there is no folder for files, and all else is as by default. */
  readonly report: ReportPlan | undefined;
  readonly log: JobLog;
  readonly outputs: Outputs;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Tells everybody how the run ended: files, outputs, job summary, annotations, and as the log's last lines the
 * verdict. What cannot be written does not stop the rest.
 *
 * @returns whether the step succeeded: the run passed, and its report was saved
 */
export async function publish(
  record: RunRecord,
  { report, log, outputs, env }: Publishing,
): Promise<boolean> {
  const files =
    report &&
    (await writeReportFiles(report.path, {
      'report.json': renderJson(record),
      'junit.xml': renderJunit(record),
    }));
  outputs.set({
    ...outputsOf(record),
    'report-path': files?.paths.get('report.json') ?? '',
    'junit-path': files?.paths.get('junit.xml') ?? '',
  });

  const problem = files?.problem;
  const shown = problem === undefined ? record : { ...record, notices: [...record.notices, problem] };
  if (report?.summary ?? true) {
    const unwritten = await writeJobSummary(env, renderSummary(shown, docsOf(env)));
    if (unwritten !== undefined) log.info(unwritten);
  }

  const uncommented = await comment(shown, report?.comment, env);
  if (uncommented !== undefined) log.info(uncommented);

  log.release();
  annotate(annotationsOf(record, report, problem));
  const { icon, headline, next } = verdictOf(record);
  log.info(`${icon} ${headline}`);
  if (next !== undefined) log.info(`Next: ${next.text}`);
  return record.outcome === 'passed' && problem === undefined;
}

/** @returns why there is no comment although one is wanted */
async function comment(
  record: RunRecord,
  plan: CommentPlan | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  // After a cancel there are seconds left, and nobody waits for the answer.
  if (plan === undefined || record.outcome === 'canceled') return undefined;
  const [{ markerOf, renderComment }, { commentKey, writeComment }] = await Promise.all([
    import('./report/comment.js'),
    import('./runner/comment.js'),
  ]);
  const key = commentKey(env, plan.subject);
  const body = renderComment(record, { key, ...docsOf(env) });
  return writeComment(body, markerOf(key), plan.token, env, sleep);
}

/** Outputs that may be set while the run goes on. How it ends is not known before it has ended. */
export function earlyOutputs(record: RunRecord): Record<string, string> {
  const late = ['outcome', 'failure-class', 'failure-reason'];
  return Object.fromEntries(
    Object.entries(outputsOf(record)).filter(([name, value]) => value !== '' && !late.includes(name)),
  );
}

/** A step that fails says so in at least one error, even where annotations are not wanted. */
function annotationsOf(
  record: RunRecord,
  report: ReportPlan | undefined,
  problem: string | undefined,
): Annotation[] {
  const annotations = (report?.annotations ?? true) ? renderAnnotations(record) : [];
  if (problem !== undefined) {
    const message = `${problem}\nFix: Free some space, or name another folder with the input report-path.`;
    annotations.push({ level: 'error', title: 'The report could not be saved', message });
  }
  if (['failed', 'invalid-input', 'unknown'].includes(record.outcome)) {
    if (!annotations.some(({ level }) => level === 'error')) {
      const { headline, next } = verdictOf(record);
      annotations.push({ level: 'error', title: headline, message: next?.text ?? headline });
    }
  }
  return annotations;
}

function docsOf(env: NodeJS.ProcessEnv): { docsUrl?: string } {
  const url = actionUrl(env);
  return url === undefined ? {} : { docsUrl: `${url.files}/docs/checks` };
}
