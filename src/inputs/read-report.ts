import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CommentPlan, ReportPlan } from '../plan.js';
import type { Inputs } from './fields.js';
import { entryExists, isInside, shown } from './paths.js';
import type { Field } from './problems.js';
import { parseBoolean } from './quantities.js';
import { readToken } from './read-token.js';

/** What is reported, and where to. */
export function readReport(inputs: Inputs, workspace: string, env: NodeJS.ProcessEnv): ReportPlan {
  const comment = readComment(inputs, env);
  const baselineRef = readBaselineRef(inputs('baseline-ref'));
  return {
    summary: parseBoolean(inputs('summary'), true),
    annotations: parseBoolean(inputs('annotations'), true),
    ...(comment === undefined ? {} : { comment }),
    ...(baselineRef === undefined ? {} : { baselineRef }),
    path: readReportPath(inputs('report-path'), workspace, env),
  };
}

/** Off unless asked for: it needs a token that may write to pull requests. */
function readComment(inputs: Inputs, env: NodeJS.ProcessEnv): CommentPlan | undefined {
  if (!parseBoolean(inputs('comment'), false)) return undefined;
  const token = readToken(inputs, env, 'A comment is written', 'pull-requests: write');
  const subject = SUBJECT.map((name) => {
    const text = inputs(name).text.trim();
    return name === 'image-uri' ? withoutVersion(text) : text;
  });
  return { token, subject };
}

/** What tells the legs of a matrix apart, and stays as it is from run to run. */
const SUBJECT = [
  'comment-key',
  'context',
  'dockerfile',
  'target',
  'image-uri',
  'repository',
  'endpoint-name',
] as const;

/** `name:tag@sha256:…` → `name`: the next run has another one. */
const withoutVersion = (image: string): string => image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

/** What Git allows in no ref (git help check-ref-format), and more than a tag of AWS holds. */
export const NO_REF = /[\s~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|^[-/]|[/.]$|^.{240}/u;

/** A branch or a tag, by its short name or in full. */
function readBaselineRef(field: Field): string | undefined {
  const ref = field.text.trim();
  if (ref === '') return undefined;
  if (NO_REF.test(ref) || (ref.startsWith('refs/') && !/^refs\/(?:heads|tags)\/./.test(ref))) {
    field.problem(
      'Is not the name of a branch or a tag.',
      'Write one name such as `main`, or in full, `refs/heads/main` or `refs/tags/v1`.',
    );
  }
  return ref;
}

/** A folder that is there or can be made. A relative path stays in the workspace, also through links. */
function readReportPath(field: Field, workspace: string, env: NodeJS.ProcessEnv): string {
  if (!field.given) {
    // GITHUB_ACTION is unique for each step of a job: two uses of this action keep their own reports.
    const step = (env['GITHUB_ACTION'] ?? '').replace(/[^\w.-]+/g, '_') || 'report';
    return join(env['RUNNER_TEMP'] || tmpdir(), 'sagemaker-byoc', step.replace(/^\.+/, '_'));
  }
  const given = field.text.trim();
  const path = resolve(workspace, given);
  let parent = path;
  while (!entryExists(parent) && dirname(parent) !== parent) parent = dirname(parent);
  try {
    if (given.includes('\0') || !statSync(parent).isDirectory()) throw new Error('not a folder');
    accessSync(parent, constants.W_OK | constants.X_OK);
  } catch {
    field.problem(
      `Is not a folder that can be made or written: ${shown(workspace, parent)} is in the way.`,
      'Name a folder, such as `reports`, in a place where the user that runs this step may write.',
    );
    return path;
  }
  const leaves = !isInside(workspace, path) || !isInside(workspace, realpathSync(parent));
  if (!given.startsWith('/') && leaves) {
    field.problem(
      `Lies outside of the workspace (${workspace}).`,
      'Name a folder in the workspace, or write the path in full when the place outside is meant.',
    );
  }
  return path;
}
