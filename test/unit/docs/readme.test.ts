import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { workspace } from '../inputs/workspace.js';

interface Workflow {
  readonly concurrency?: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** The README's workflows as GitHub reads them (every value is text), by their file's name. */
const workflows = new Map(
  [
    ...readFileSync('README.md', 'utf8').matchAll(/```yaml\n# \.github\/workflows\/(\S+)\n([\s\S]*?)```/g),
  ].map(([, name = '', source = '']) => [name, parse(source, { schema: 'failsafe' }) as Workflow]),
);

const stepsOf = ({ jobs }: Workflow): readonly Step[] => Object.values(jobs).flatMap(({ steps }) => steps);

/** What the action's step of a workflow asks for. */
function planOf(workflow: Workflow) {
  const repository = workspace();
  for (const file of ['train/iris.csv', 'payload.json', 'expected.json'])
    repository.file(`container/sample/${file}`, '"predictions"');
  const step = stepsOf(workflow).find(({ uses }) => uses?.startsWith('org/sagemaker-byoc@'));
  const region = stepsOf(workflow).find(({ uses }) => uses?.includes('configure-aws-credentials'))?.with;
  // The step of the credentials hands its region on.
  return repository.plan({ ...step?.with }, { AWS_REGION: region?.['aws-region'] ?? '' });
}

describe('the README', () => {
  test('has a workflow for the container, for training and for a release', () => {
    expect([...workflows.keys()]).toEqual(['container.yml', 'train.yml', 'release.yml']);
  });

  test.each([...workflows])('gives the inputs of %s as the action takes them', (_, workflow) => {
    expect(planOf(workflow).stages.length).toBeGreaterThan(0);
  });

  test('has a release that goes the whole way, is proven, and is not canceled by the next', () => {
    const workflow = workflows.get('release.yml');
    if (workflow === undefined) throw new Error('There is no release.yml.');
    expect(planOf(workflow)).toMatchObject({
      stages: ['build', 'smoke-test', 'push', 'train', 'register', 'deploy'],
      register: { approvalStatus: 'Approved' },
      endpoint: {
        name: 'forecast',
        proof: { payloads: [{ expect: '"predictions"' }], maxLatencySeconds: 0.5 },
        rollbackAlarms: ['forecast-AllTraffic-5xx'],
      },
    });
    expect(workflow.concurrency).toBe('forecast-endpoint');
    expect(workflow.permissions).toEqual({ 'id-token': 'write', contents: 'read' });
  });
});
