import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Job {
  readonly uses?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

const jobsOf = (path: string) =>
  (parse(readFileSync(path, 'utf8')) as { jobs: Readonly<Record<string, Job>> }).jobs;

const WORKFLOWS = readdirSync('examples')
  .map((example) => join('examples', example, '.github/workflows'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

/** What other jobs may read of the job: its own outputs, or those of the workflow that it calls. */
function outputsOf({ uses, outputs = {} }: Job): readonly string[] {
  const [, called] = /^org\/sagemaker-byoc\/(.*)@/.exec(uses ?? '') ?? [];
  if (called === undefined) return Object.keys(outputs);
  const { on } = parse(readFileSync(called, 'utf8')) as {
    on: { workflow_call: { outputs: Readonly<Record<string, unknown>> } };
  };
  return Object.keys(on.workflow_call.outputs);
}

describe('the workflows of the examples', () => {
  test('read outputs that the job before has: of another name there is only an empty text', () => {
    const read = WORKFLOWS.flatMap((path) => {
      const jobs = jobsOf(path);
      return [...JSON.stringify(jobs).matchAll(/needs\.([\w-]+)\.outputs\.([\w-]+)/g)].map(
        ([expression, job = '', output = '']) => ({
          place: `${path}: ${expression}`,
          known: outputsOf(jobs[job] ?? {}).includes(output),
        }),
      );
    });
    expect(read.length).toBeGreaterThan(1);
    expect(read.filter(({ known }) => !known)).toEqual([]);
  });

  test('of scikit-learn-nginx: the release puts the version live that it trained, as its README says', () => {
    const jobs = jobsOf('examples/scikit-learn-nginx/.github/workflows/release.yml');
    expect(jobs['deploy']?.with?.['model-package']).toMatch(
      /^\$\{\{ needs\.train\.outputs\.model-package-version \}\}$/,
    );
  });
});
