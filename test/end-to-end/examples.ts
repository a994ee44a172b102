import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteEndpointCommand, SageMakerClient, waitUntilEndpointDeleted } from '@aws-sdk/client-sagemaker';
import { localAws, type SharedLocalAws } from '../integration/local-aws/shared.js';
import { type ActOptions, type ActRun, runWorkflow } from './act.js';
import { REPOSITORY } from './action-copy.js';
import { type Checkout, makeForge } from './forge.js';
import { startGitHubApi } from './github-api/github-api.js';

/** A folder of examples/ as a repository of its own, whose workflows run as they stand, against local AWS. */
export interface Example {
  /** `<owner>/<name>`; the name is that of the folder. */
  readonly repository: string;
  readonly aws: SharedLocalAws;
  readonly sagemaker: SageMakerClient;
  /**
   * Runs one of its workflows with act, each time as a new run: `push` to `main`, unless an event is given. All jobs
   * of the workflow run.
   *
   * @param workflow file in .github/workflows of the example
   * @param options what differs: `event`, `runId`, `vars` (added to {@link variables}), …
   */
  run(workflow: string, options?: Partial<ActOptions>): Promise<ActRun>;
  /**
   * Makes a commit in which these files differ from the example.
   *
   * @param files content by path; `undefined` leaves a file out
   */
  change(files: Readonly<Record<string, string | undefined>>): void;
  /** Content of one of its files. */
  read(path: string): string;
  /**
   * Does what `aws s3 cp --recursive` does.
   *
   * @param folder path in the example
   * @param prefix of the keys in the bucket, without a slash at its end
   */
  upload(folder: string, prefix: string): Promise<void>;
  /** Puts an object into the bucket. */
  put(key: string, body: string): Promise<void>;
  /** Text of an object, by its address: `s3://…`. */
  object(address: string): Promise<string>;
  /** Deletes endpoints, and waits until nothing of them runs. One that is not there is as good. */
  deleteEndpoints(...names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What examples/README.md tells a user to set as variables of the repository, with local AWS's values. */
export const variables = (aws: SharedLocalAws): Readonly<Record<string, string>> => ({
  AWS_REGION: aws.region,
  AWS_ROLE: 'arn:aws:iam::123456789012:role/ci',
  AWS_DEPLOY_ROLE: 'arn:aws:iam::123456789012:role/deploy',
  EXECUTION_ROLE: aws.executionRoleArn,
  BUCKET: aws.bucket,
});

/**
 * @param name folder in examples/
 * @returns with the first commit made: the folder as it is
 */
export async function openExample(name: string): Promise<Example> {
  const [aws, github] = [await localAws(), await startGitHubApi()];
  const forge = makeForge();
  const folder = join(REPOSITORY, 'examples', name);
  const repository = `octo-org/${name}`;
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  const sagemaker = new SageMakerClient(aws.client());
  let checkout: Checkout = forge.repository(repository, { '.': folder });
  // As long as the run's number on GitHub: part of the name of the job.
  let runId = 70_000_000_000 + Math.floor(Math.random() * 1_000_000) * 1000;
  const put = async (Key: string, Body: string | Buffer) => {
    await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body }));
  };
  return {
    repository,
    aws,
    sagemaker,
    run: (workflow, options = {}) => {
      const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_REGION: ___, ...env } = aws.env;
      runId += 1;
      return runWorkflow({
        ...{ forge, caller: checkout, repository, workflow, runId: String(runId) },
        ...options,
        env: { ...env, ...github.env, ...github.oidc, ...options.env },
        vars: { ...variables(aws), ...options.vars },
      });
    },
    change: (files) => {
      checkout = forge.repository(repository, { '.': folder }, files);
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    upload: async (path, prefix) => {
      const files = readdirSync(join(folder, path), { recursive: true, withFileTypes: true });
      for (const file of files.filter((entry) => entry.isFile())) {
        const at = join(file.parentPath, file.name);
        await put(`${prefix}/${at.slice(join(folder, path).length + 1)}`, readFileSync(at));
      }
    },
    put,
    object: async (address) => {
      const { hostname, pathname } = new URL(address);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: hostname, Key: pathname.slice(1) }));
      return (await Body?.transformToString()) ?? '';
    },
    deleteEndpoints: async (...names) => {
      for (const EndpointName of names) {
        const deleted = await sagemaker.send(new DeleteEndpointCommand({ EndpointName })).then(
          () => true,
          () => false,
        );
        if (!deleted) continue;
        const wait = { client: sagemaker, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
        await waitUntilEndpointDeleted(wait, { EndpointName });
      }
    },
    close: async () => {
      s3.destroy();
      sagemaker.destroy();
      await github.close();
      forge.remove();
    },
  };
}

/** The event of a pull request from a branch of the repository itself. */
export const pullRequest = ({ repository }: Example): ActOptions['event'] & {} => ({
  name: 'pull_request',
  ref: 'refs/pull/7/merge',
  payload: {
    number: 7,
    pull_request: {
      number: 7,
      head: { ref: 'better', repo: { full_name: repository, fork: false } },
      base: { ref: 'main', repo: { full_name: repository } },
    },
    repository: { full_name: repository },
  },
});
