import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Call } from '../local-aws/calls.js';
import { startLocalAws } from '../local-aws/local-aws.js';
import { createSageMaker } from '../local-aws/sagemaker/sagemaker.js';
import { median, seededRandom } from './figures.js';
import { runMain, runProcess } from './follower-process.js';

const FOLLOWING = /^(?:DescribeTrainingJob|DescribeLogStreams|GetLogEvents)$/;
const UPLOAD_MS = 8_000;

/** How the followers of some jobs did, in real time. */
export interface Following {
  /** Calls of DescribeTrainingJob, DescribeLogStreams and GetLogEvents of one follower, from its first to the end. */
  readonly callsPerMinute: number;
  /** Seconds from the end of a job to the answer that told of it. */
  readonly medianDelay: number;
}

/**
 * The same jobs on the same local AWS, each followed by the action and by the SageMaker Python SDK at the same time, in
 * real time, until random moments; what they call is taken from local AWS's record of calls.
 *
 * @param seconds that the jobs train: from and to
 */
export async function sameJobs(
  root: string,
  jobs: number,
  [least, most]: readonly [number, number],
): Promise<{ readonly action: Following; readonly sdk: Following }> {
  const random = seededRandom(7);
  const local = await startLocalAws({
    root,
    port: 0,
    registryPort: 0,
    region: 'us-east-1',
    account: '123456789012',
    createSageMaker,
    now: () => new Date(),
    log: () => {},
  });
  const { world } = local;
  const client = new SageMakerClient({
    endpoint: world.endpoint,
    region: world.region,
    credentials: { accessKeyId: 'AKIABENCHOBSERVER000', secretAccessKey: 'any' },
  });
  try {
    const env = {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: world.region,
      AWS_DEFAULT_REGION: world.region,
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const all = Array.from({ length: jobs }, (_, index) => ({
      name: `bench-same-${index}`,
      seconds: Math.round(least + (most - least) * random()),
      actionKey: `AKIABENCHACTION0000${index}`,
      sdkKey: `AKIABENCHSDK0000000${index}`,
    }));
    await local.play({
      'sagemaker/training': all.map(({ name, seconds }) => ({
        jobs: name,
        delays: { Uploading: UPLOAD_MS },
        script: { lines: ['step {n}: loss=0.5'], repeat: seconds, lineInterval: 1_000 },
      })),
    });
    const actions = all.map(({ name, actionKey }) =>
      runMain(
        root,
        {
          stages: 'train',
          'image-uri': `${world.account}.dkr.ecr.${world.region}.amazonaws.com/bench@sha256:${'ab'.repeat(32)}`,
          'execution-role-arn': local.executionRoleArn,
          'training-job-name': name,
          'instance-type': 'ml.m5.large',
          'output-path': `s3://${local.bucket}/bench`,
        },
        { ...env, AWS_ACCESS_KEY_ID: actionKey },
      ),
    );
    const describe = (name: string) => client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    for (const { name } of all) {
      const until = Date.now() + 30_000;
      while ((await describe(name).catch(() => undefined)) === undefined) {
        if (Date.now() > until) throw new Error(`The action has not started ${name}.`);
        await sleep(200);
      }
    }
    const { PATH, HOME } = process.env;
    const sdk = runProcess(
      join(root, '.tools/sagemaker-sdk/bin/python'),
      [join(import.meta.dirname, 'follow_jobs.py'), ...all.map(({ name, sdkKey }) => `${name}=${sdkKey}`)],
      { PATH, HOME, ...env, AWS_ACCESS_KEY_ID: world.accessKeyId },
      root,
    );
    for (const { exitCode, chunks, stderr } of [...(await Promise.all(actions)), await sdk]) {
      if (exitCode !== 0) {
        throw new Error(
          `A follower ended with ${exitCode}:\n${Buffer.concat(chunks.map(({ bytes }) => bytes))}${stderr}`,
        );
      }
    }
    const ends = new Map<string, number>();
    for (const { name } of all) {
      const { SecondaryStatusTransitions = [] } = await describe(name);
      ends.set(name, SecondaryStatusTransitions.at(-1)?.StartTime?.getTime() ?? Number.NaN);
    }
    const figures = async (keyOf: (job: (typeof all)[number]) => string): Promise<Following> => {
      const followers = await Promise.all(
        all.map(async (job) => {
          const response = await fetch(`${world.endpoint}/_local-aws/calls?list&accessKeyId=${keyOf(job)}`);
          return followingOf((await response.json()) as Call[], ends.get(job.name) ?? Number.NaN);
        }),
      );
      return {
        callsPerMinute: median(followers.map(({ callsPerMinute }) => callsPerMinute)),
        medianDelay: median(followers.map(({ delay }) => delay)),
      };
    };
    return {
      action: await figures(({ actionKey }) => actionKey),
      sdk: await figures(({ sdkKey }) => sdkKey),
    };
  } finally {
    client.destroy();
    await local.close();
  }
}

/**
 * @param end of the job, in milliseconds since 1970
 * @returns calls a minute up to the answer that told of the end, and the seconds that it came after the end
 * @throws Error when none told of it
 */
export function followingOf(
  calls: readonly Pick<Call, 'at' | 'operation'>[],
  end: number,
): { readonly callsPerMinute: number; readonly delay: number } {
  const following = calls
    .filter(({ operation }) => FOLLOWING.test(operation))
    .map(({ at, operation }) => ({ at: Date.parse(at), operation }));
  const last = following.find(({ at, operation }) => operation === 'DescribeTrainingJob' && at >= end);
  const [first] = following;
  if (first === undefined || last === undefined)
    throw new Error('A follower has not seen the end of its job.');
  const counted = following.filter(({ at }) => at <= last.at).length;
  return { callsPerMinute: counted / ((last.at - first.at) / 60_000), delay: (last.at - end) / 1_000 };
}
