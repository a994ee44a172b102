import { DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ActRun } from './act.js';
import { type Example, openExample, pullRequest } from './examples.js';

jest.setTimeout(240_000);

describe('examples/training-only', () => {
  let example: Example;
  let checked: ActRun;
  let trained: ActRun;

  beforeAll(async () => {
    example = await openExample('training-only');
    await example.upload('container/sample/train', 'rent/train');
    checked = await example.run('pull-request.yml', { event: pullRequest(example) });
    trained = await example.run('train.yml');
  });
  afterAll(() => example.close());

  test('checks a pull request without AWS: the training, and that there is nothing to serve', () => {
    expect(checked.exitCode).toBe(0);
    expect(checked.credentials).toEqual([]);
    const { result, outputs = {} } = checked.byJob['Container'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({ outcome: 'passed', 'failed-checks': '', warnings: '' });
    expect(outputs['skipped-checks']).toContain('serve-starts');
    expect(checked.summary).toContain('SageMaker would train with this container');
  });

  test('trains with the image’s own entry point, on the data and with the hyperparameters of the workflow', async () => {
    expect(trained.exitCode).toBe(0);
    const { result, outputs = {} } = trained.byJob['Train'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({
      outcome: 'passed',
      'training-job-status': 'Completed',
      repository: 'rent',
    });
    expect(JSON.parse(outputs['metrics'] ?? '').loss).toBeLessThan(0.01);
    expect(trained.summary).toContain(outputs['training-job-name']);
    const TrainingJobName = outputs['training-job-name'];
    expect(await example.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).toMatchObject({
      AlgorithmSpecification: { TrainingImage: outputs['image-uri'] },
      HyperParameters: { epochs: '200', learning_rate: '0.5' },
      ModelArtifacts: { S3ModelArtifacts: outputs['model-artifacts'] },
      StoppingCondition: { MaxRuntimeInSeconds: 1800 },
    });
  });

  test('leaves nothing on the runner', () => {
    expect([...checked.left, ...trained.left]).toEqual([]);
  });
});
