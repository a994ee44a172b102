import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { localAws, PYTHON, type SharedLocalAws } from './shared.js';

/** What a deployment needs of Application Auto Scaling, which is ours, and of SNS and SQS, which are moto's. */
jest.setTimeout(240_000);

const run = promisify(execFile);
let aws: SharedLocalAws;
let client: ApplicationAutoScalingClient;
beforeAll(async () => {
  aws = await localAws();
  client = new ApplicationAutoScalingClient(aws.client());
});
afterEach(async () => {
  await aws.clearFaults();
  await aws.control('DELETE', `policies/${aws.accessKeyId}`);
});
afterAll(() => client.destroy());

/** Of an endpoint that SageMaker need not have. */
const newTarget = () => ({
  ServiceNamespace: 'sagemaker' as const,
  ResourceId: `endpoint/scaled-${randomBytes(4).toString('hex')}/variant/AllTraffic`,
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' as const,
});
const configuration = (TargetValue: number) => ({
  TargetValue,
  PredefinedMetricSpecification: {
    PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' as const,
  },
  ScaleInCooldown: 300,
  ScaleOutCooldown: 60,
});

test('a variant is registered, gets a target-tracking policy, changes both, and is deregistered', async () => {
  const target = newTarget();
  const { ServiceNamespace, ResourceId } = target;
  const targets = async () =>
    (
      await client.send(new DescribeScalableTargetsCommand({ ServiceNamespace, ResourceIds: [ResourceId] }))
    ).ScalableTargets?.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
  const policies = async () =>
    (await client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace, ResourceId }))).ScalingPolicies;
  for (const [MinCapacity, MaxCapacity, value] of [
    [1, 3, 70],
    [2, 5, 50],
  ] as const) {
    await client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity, MaxCapacity }));
    await client.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: 'invocations',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: configuration(value),
      }),
    );
    expect(await targets()).toEqual([[MinCapacity, MaxCapacity]]);
    expect(await policies()).toMatchObject([
      { PolicyName: 'invocations', TargetTrackingScalingPolicyConfiguration: configuration(value) },
    ]);
  }
  await client.send(new DeregisterScalableTargetCommand(target));
  expect(await targets()).toEqual([]);
  expect(await policies()).toEqual([]);
  await expect(client.send(new DeregisterScalableTargetCommand(target))).rejects.toMatchObject({
    name: 'ObjectNotFoundException',
  });
});

test('a policy needs its target, and a target its bounds', async () => {
  const target = newTarget();
  await expect(
    client.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: 'invocations',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: configuration(1),
      }),
    ),
  ).rejects.toMatchObject({ name: 'ObjectNotFoundException' });
  await expect(
    client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 3, MaxCapacity: 2 })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(
    client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1 })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

test('what is no variant of an endpoint is refused', async () => {
  await expect(
    client.send(
      new RegisterScalableTargetCommand({
        ...newTarget(),
        ResourceId: 'my-endpoint',
        MinCapacity: 1,
        MaxCapacity: 2,
      }),
    ),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

test('faults and policies meet its calls', async () => {
  const request = { ...newTarget(), MinCapacity: 1, MaxCapacity: 2 };
  await aws.fault({ service: 'application-autoscaling', operation: '*', kind: 'throttling', times: 1 });
  await expect(client.send(new RegisterScalableTargetCommand(request))).rejects.toMatchObject({
    name: 'ThrottlingException',
  });
  await aws.control('PUT', `policies/${aws.accessKeyId}`, { Statement: [] });
  await expect(client.send(new RegisterScalableTargetCommand(request))).rejects.toThrow(
    'is not authorized to perform: application-autoscaling:RegisterScalableTarget',
  );
});

test('boto3 sees the targets, and the messages of a topic in a queue that is subscribed to it', async () => {
  const target = newTarget();
  await client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 2 }));
  const { stdout } = await run(
    PYTHON,
    [
      '-c',
      `
import boto3, json, sys
resource = sys.argv[1]
targets = boto3.client('application-autoscaling').describe_scalable_targets(ServiceNamespace='sagemaker', ResourceIds=[resource])['ScalableTargets']
sns, sqs = boto3.client('sns'), boto3.client('sqs')
name = resource.split('/')[1]
topic = sns.create_topic(Name=name)['TopicArn']
queue = sqs.create_queue(QueueName=name)['QueueUrl']
sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['QueueArn'])['Attributes']['QueueArn'])
sns.publish(TopicArn=topic, Message='done')
messages = sqs.receive_message(QueueUrl=queue).get('Messages', [])
print(json.dumps([[t['MinCapacity'] for t in targets], [json.loads(m['Body'])['Message'] for m in messages]]))`,
      target.ResourceId,
    ],
    { env: { ...process.env, ...aws.env } },
  );
  expect(JSON.parse(stdout)).toEqual([[1], ['done']]);
});
