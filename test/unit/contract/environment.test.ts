import { describe, expect, test } from '@jest/globals';
import {
  environmentArgs,
  hostingEnvironment,
  instanceHostname,
  trainingEnvironment,
} from '../../../src/contract/environment.js';

describe('The environment of a training container', () => {
  test('is the job’s name and ARN, the Region, and nothing else: no SM_*, no credentials', () => {
    expect([...trainingEnvironment('job-1', new Map())]).toEqual([
      ['TRAINING_JOB_NAME', 'job-1'],
      ['TRAINING_JOB_ARN', 'arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1'],
      ['AWS_REGION', 'us-east-1'],
    ]);
  });

  test('has the ARN and the Region that a control plane gave', () => {
    const identity = { arn: 'arn:aws:sagemaker:eu-west-1:000000000000:training-job/j', region: 'eu-west-1' };
    const environment = trainingEnvironment('j', new Map(), identity);
    expect(environment.get('TRAINING_JOB_ARN')).toBe(identity.arn);
    expect(environment.get('AWS_REGION')).toBe('eu-west-1');
  });

  test('takes the request’s variables, which may replace the Region', () => {
    const request = new Map([
      ['LOG_LEVEL', 'debug'],
      ['AWS_REGION', 'eu-west-1'],
    ]);
    const environment = trainingEnvironment('job-1', request);
    expect(environment.get('LOG_LEVEL')).toBe('debug');
    expect(environment.get('AWS_REGION')).toBe('eu-west-1');
    expect(environment.size).toBe(4);
  });
});

describe('The environment of a hosting container', () => {
  test('is the model’s own, and empty when it has none', () => {
    expect(hostingEnvironment(new Map(), false).size).toBe(0);
    expect([...hostingEnvironment(new Map([['WORKERS', '1']]), false)]).toEqual([['WORKERS', '1']]);
  });

  test('says so to a multi-model container', () => {
    expect([...hostingEnvironment(new Map([['WORKERS', '1']]), true)]).toEqual([
      ['SAGEMAKER_MULTI_MODEL', 'true'],
      ['WORKERS', '1'],
    ]);
  });
});

test('The host name is the instance’s, not algo-1, and one for each host', () => {
  expect(instanceHostname(0)).toMatch(/^ip-[\d-]+\.ec2\.internal$/);
  expect(instanceHostname(1)).not.toBe(instanceHostname(0));
});

test('Variables become arguments of docker, each value in one piece', () => {
  const environment = new Map([
    ['A', 'x=y z'],
    ['B', 'two\nlines'],
    ['C', ''],
  ]);
  expect(environmentArgs(environment)).toEqual({
    args: ['--env', 'A', '--env', 'B', '--env', 'C'],
    env: { A: 'x=y z', B: 'two\nlines', C: '' },
  });
});

test('What docker itself would obey is not set for docker', () => {
  const environment = new Map([
    ['PATH', '/opt/bin'],
    ['DOCKER_HOST', 'tcp://elsewhere'],
    ['https_proxy', 'http://proxy'],
  ]);
  expect(environmentArgs(environment)).toEqual({
    args: [
      ...['--env', 'PATH=/opt/bin', '--env', 'DOCKER_HOST=tcp://elsewhere'],
      ...['--env', 'https_proxy=http://proxy'],
    ],
    env: {},
  });
});
