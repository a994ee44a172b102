/** A checked-out repository on disk, and the inputs read in it as the runner would hand them on. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from '@jest/globals';
import { type InputProblem, readPlan } from '../../../src/inputs.js';
import type { Plan } from '../../../src/plan.js';

export const CHECK_IDS = ['image-size', 'train-exit-code', 'serve-ping', 'serve-ping-load'];

/** The least that a run of all stages needs. */
export const ALL_STAGES = {
  stages: 'build, smoke-test, push, train',
  'aws-region': 'eu-central-1',
  'execution-role-arn': 'arn:aws:iam::123456789012:role/job',
  repository: 'forecast',
  'output-path': 's3://results/all',
} as const;

/** The least that a run needs which puts a model live. */
export const DEPLOY = {
  ...ALL_STAGES,
  stages: 'build, smoke-test, push, train, register, deploy',
  'model-package-group': 'forecast',
  'endpoint-name': 'forecast',
  'endpoint-instance-type': 'ml.m5.large',
} as const;

/** The least that a run needs which deploys what is there already. */
export const DEPLOY_ONLY = {
  stages: 'deploy',
  'aws-region': 'eu-central-1',
  'execution-role-arn': 'arn:aws:iam::123456789012:role/endpoint',
  'model-package-group': 'forecast',
  'model-package': 'latest-approved',
  'endpoint-name': 'forecast',
  'endpoint-instance-type': 'ml.m5.large',
} as const;

const folders: string[] = [];

/** An empty temporary folder that goes away after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'byoc-inputs-')));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

export interface Workspace {
  readonly path: string;
  /** Writes a file, with the folders above it; gives its absolute path. */
  file(name: string, content?: string): string;
  folder(name: string): string;
  /** Reads the inputs as the runner passes them: `INPUT_` and the name in upper case. */
  read(inputs?: Record<string, string>, env?: Record<string, string>): ReturnType<typeof readPlan>;
  /** The plan; fails the test with all problems when there are some. */
  plan(inputs?: Record<string, string>, env?: Record<string, string>): Plan;
  /** The problems; fails the test when there are none. */
  problems(inputs?: Record<string, string>, env?: Record<string, string>): readonly InputProblem[];
}

/** A repository with `container/Dockerfile`, which is all that the defaults need. */
export function workspace(): Workspace {
  const path = temporaryFolder();
  const repository: Workspace = {
    path,
    file(name, content = 'x') {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    folder(name) {
      mkdirSync(join(path, name), { recursive: true });
      return join(path, name);
    },
    read(inputs = {}, env = {}) {
      const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
      return readPlan({ GITHUB_WORKSPACE: path, ...env, ...Object.fromEntries(variables) }, CHECK_IDS);
    },
    plan(inputs, env) {
      const result = repository.read(inputs, env);
      if ('problems' in result) throw new Error(`problems: ${JSON.stringify(result.problems, null, 2)}`);
      return result.plan;
    },
    problems(inputs, env) {
      const result = repository.read(inputs, env);
      if ('plan' in result) throw new Error('the inputs were accepted');
      return result.problems;
    },
  };
  repository.file('container/Dockerfile', 'FROM scratch\n');
  return repository;
}

/** The only problem there is; fails the test when there are more. */
export function only(problems: readonly InputProblem[]): InputProblem {
  const [problem] = problems;
  if (problem === undefined || problems.length > 1) {
    throw new Error(`not one problem: ${JSON.stringify(problems, null, 2)}`);
  }
  return problem;
}

/** Does something without the rights of root, which reads what nobody may read. */
export function asNobody<Result>(act: () => Result): Result {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
