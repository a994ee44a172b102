import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const REPOSITORY = join(__dirname, '../../..');
const FILES = ['pull-request.yml', 'train.yml', 'deploy.yml'] as const;

interface Workflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Record<string, { type: string; default?: unknown; required?: boolean }>;
      readonly secrets: Record<string, unknown>;
    };
  };
  readonly jobs: {
    readonly byoc: {
      readonly permissions: Record<string, string>;
      readonly concurrency: { readonly 'cancel-in-progress': unknown };
      readonly steps: readonly {
        readonly name?: string;
        readonly run?: string;
        readonly uses?: string;
        readonly with?: Record<string, unknown>;
      }[];
    };
  };
}

const read = (file: string) =>
  parse(readFileSync(join(REPOSITORY, '.github/workflows', file), 'utf8')) as Workflow;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workflows-'));
  for (const path of ['action.yml', '.github'])
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const generate = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(REPOSITORY, 'script/generate-workflows.mjs'), '--root', root, ...args], {
    encoding: 'utf8',
  });

test('the committed workflows are what action.yml gives', () => {
  expect(generate('--check').status).toBe(0);
});

test('a new input of the action makes them stale, and is in them after the fix', () => {
  const path = join(root, 'action.yml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('  target:\n', '  shiny:\n    description: New.\n  target:\n'));
  const { status, stderr } = generate('--check');
  expect(status).toBe(1);
  expect(stderr).toContain('.github/workflows/pull-request.yml is stale');
  expect(stderr).toContain('npm run workflows');
  expect(generate().status).toBe(0);
  expect(readFileSync(join(root, '.github/workflows/train.yml'), 'utf8')).toContain(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own expressions look like that
    'shiny: ${{ inputs.shiny }}',
  );
  expect(generate('--check').status).toBe(0);
});

describe.each(FILES)('%s', (file) => {
  const { on, jobs } = read(file);
  const step = jobs.byoc.steps.at(-1);

  test('hands on each input that is the action’s, and none that it does not have', () => {
    const { inputs } = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as { inputs: object };
    const own = Object.keys(on.workflow_call.inputs).filter((name) => name in inputs);
    const secrets = Object.keys(on.workflow_call.secrets);
    // The job's name is the key of its comment.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own expressions look like that
    expect(step?.with?.['comment-key']).toBe('${{ inputs.job-name }}');
    const given = own.filter((name) => name !== 'github-environment');
    const expected = [...given, ...secrets, 'comment-key'].sort();
    expect(Object.keys(step?.with ?? {}).sort()).toEqual(expected);
    // An empty string counts as not given; false, the default of a boolean, would not.
    expect(own.filter((name) => on.workflow_call.inputs[name]?.type !== 'string')).toEqual([]);
  });

  test('pins every action by commit, but the action of its own version', () => {
    const uses = jobs.byoc.steps.flatMap((each) => each.uses ?? []);
    expect(uses.pop()).toBe('./.sagemaker-byoc');
    for (const name of uses) expect(name).toMatch(/@[0-9a-f]{40}$/);
  });

  test('leaves a link to the action that is the same on every runner, and leads there', () => {
    const script = jobs.byoc.steps.find(
      ({ name }) => name === 'Keep the action out of the build context',
    )?.run;
    const links = ['home/runner/work', 'opt/actions-runner/3/_work'].map((folder) => {
      // As the runner lays them out.
      const workspace = join(root, folder, 'model/model');
      const temp = join(root, folder, '_temp');
      for (const made of [join(workspace, '.sagemaker-byoc'), temp]) mkdirSync(made, { recursive: true });
      const { status, stderr } = spawnSync('bash', ['-e', '-c', script ?? ''], {
        cwd: workspace,
        env: { ...process.env, RUNNER_TEMP: temp },
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      const link = join(workspace, '.sagemaker-byoc');
      expect(realpathSync(link)).toBe(realpathSync(join(temp, 'sagemaker-byoc')));
      return readlinkSync(link);
    });
    expect(new Set(links).size).toBe(1);
  });

  test('may do no more than it needs', () => {
    expect(jobs.byoc.permissions).toEqual({
      contents: 'read',
      ...(file !== 'pull-request.yml' && { 'id-token': 'write' }),
    });
  });

  test('is never canceled half-way by a newer run, unless nothing is lost by it', () => {
    expect(jobs.byoc.concurrency['cancel-in-progress']).toBe(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own expressions look like that
      file === 'pull-request.yml' ? "${{ github.event_name == 'pull_request' }}" : false,
    );
  });
});

test('a pull request cannot ask for anything of AWS', () => {
  const { inputs } = read('pull-request.yml').on.workflow_call;
  for (const name of ['stages', 'aws-region', 'role-to-assume', 'execution-role-arn', 'repository']) {
    expect(inputs).not.toHaveProperty(name);
  }
});

test('a deployment is always behind a GitHub environment', () => {
  expect(read('deploy.yml').on.workflow_call.inputs['github-environment']).toMatchObject({ required: true });
});
