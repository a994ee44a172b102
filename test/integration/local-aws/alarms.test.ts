import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseList } from '../../../src/inputs/parse-list.js';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { instantiate, type Stack } from './cloudformation.js';
import { AWS_CLI, localAws, ROOT, type SharedLocalAws } from './shared.js';

/** The alarms of docs/alarms.md, on local AWS. */
jest.setTimeout(240_000);

const run = promisify(execFile);
const TEMPLATE = readFileSync(join(ROOT, 'docs/examples/alarms.yml'), 'utf8');
const TERRAFORM = readFileSync(join(ROOT, 'docs/examples/alarms.tf'), 'utf8');
const ENDPOINT = `alarms-${randomBytes(4).toString('hex')}`;
let aws: SharedLocalAws;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  aws = await localAws();
  cloudwatch = new CloudWatchClient(aws.client());
});
afterEach(() => aws.control('DELETE', `policies/${aws.accessKeyId}`));
afterAll(() => cloudwatch.destroy());

const arnOf = (name: string): string => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;

const stackOf = (parameters: Readonly<Record<string, string>> = {}): Stack =>
  instantiate(TEMPLATE, { EndpointName: ENDPOINT, ...parameters }, ({ AlarmName }) => ({
    ref: String(AlarmName),
    arn: arnOf(String(AlarmName)),
  }));

/** The alarms of a stack, as requests: a resource's properties are PutMetricAlarm's members. */
const alarmsOf = ({ resources }: Stack): readonly PutMetricAlarmInput[] =>
  [...resources.values()]
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ properties }) => properties as PutMetricAlarmInput);

/** The names in a value of the action's input `rollback-alarms`, which is a list. */
function rollbackAlarms(value: unknown): readonly string[] {
  const problems = new Problems();
  const { items } = parseList(new Field('rollback-alarms', String(value), problems));
  expect(problems.found).toEqual([]);
  return items;
}

describe("The CloudFormation template's alarms", () => {
  test.each(['docs/examples/alarms.yml', 'examples/train-and-serve/alarms.yml'])(
    'in %s are what cfn-lint takes',
    async (template) => {
      const { stdout } = await run(join(ROOT, '.tools/moto/bin/cfn-lint'), [
        ...['--regions', 'us-east-1', 'eu-central-1', 'us-gov-west-1', '--template', join(ROOT, template)],
      ]);
      expect(stdout).toBe('');
    },
  );

  test('are made, and found by the names that rollback-alarms gets', async () => {
    const stack = stackOf();
    for (const alarm of alarmsOf(stack)) await cloudwatch.send(new PutMetricAlarmCommand(alarm));
    const names = rollbackAlarms(stack.outputs.get('RollbackAlarms'));
    expect(names).toEqual([`${ENDPOINT}-AllTraffic-5xx`, `${ENDPOINT}-AllTraffic-latency`]);
    const { MetricAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names] }),
    );
    const found = names.map((name) => MetricAlarms.find(({ AlarmName }) => AlarmName === name));
    const Dimensions = [
      { Name: 'EndpointName', Value: ENDPOINT },
      { Name: 'VariantName', Value: 'AllTraffic' },
    ];
    const common = {
      Namespace: 'AWS/SageMaker',
      Dimensions,
      Statistic: 'Average',
      ComparisonOperator: 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    };
    expect(found).toEqual([
      expect.objectContaining({ ...common, MetricName: 'Invocation5XXErrors', Threshold: 0.01 }),
      expect.objectContaining({
        ...common,
        MetricName: 'ModelLatency',
        // Half a second.
        Threshold: 500_000,
        Unit: 'Microseconds',
      }),
    ]);
    // Of errors, every unit counts.
    expect(found[0]?.Unit).toBeUndefined();

    const clientErrors = String(stack.outputs.get('ClientErrorsAlarm'));
    const { MetricAlarms: [other] = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [clientErrors] }),
    );
    expect(other).toMatchObject({
      ...common,
      AlarmName: `${ENDPOINT}-AllTraffic-4xx`,
      MetricName: 'Invocation4XXErrors',
      Threshold: 0.2,
    });
  });

  test('go off when the AWS CLI says so', async () => {
    const [alarm] = alarmsOf(stackOf({ VariantName: 'blue' }));
    await cloudwatch.send(new PutMetricAlarmCommand(alarm as PutMetricAlarmInput));
    const name = `${ENDPOINT}-blue-5xx`;
    await run(
      AWS_CLI,
      [
        'cloudwatch',
        'set-alarm-state',
        '--alarm-name',
        name,
        '--state-value',
        'ALARM',
        '--state-reason',
        'x',
      ],
      { env: { ...process.env, ...aws.env } },
    );
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: name,
        StateValue: 'ALARM',
        Dimensions: [{ Value: ENDPOINT }, { Name: 'VariantName', Value: 'blue' }],
      },
    ]);
  });

  test('tell a topic, when there is one, of every change', () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:on-call';
    for (const alarm of alarmsOf(stackOf({ NotificationTopicArn: topic }))) {
      expect(alarm).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    }
    for (const alarm of alarmsOf(stackOf())) {
      expect(Object.keys(alarm)).not.toContain('AlarmActions');
    }
  });

  test('can be read by the execution role that the template gives the permission', async () => {
    const { resources } = stackOf({ ExecutionRoleName: 'execution' });
    expect(stackOf().resources.has('ReadAlarms')).toBe(false);
    const { PolicyDocument, Roles } = (resources.get('ReadAlarms')?.properties ?? {}) as {
      readonly PolicyDocument: { readonly Statement: readonly { readonly Resource: readonly string[] }[] };
      readonly Roles: readonly string[];
    };
    expect(Roles).toEqual(['execution']);
    expect(PolicyDocument.Statement[0]?.Resource).toEqual(
      ['5xx', 'latency', '4xx'].map((name) => arnOf(`${ENDPOINT}-AllTraffic-${name}`)),
    );
    const read = () => cloudwatch.send(new DescribeAlarmsCommand({}));
    await aws.control('PUT', `policies/${aws.accessKeyId}`, { Statement: [] });
    await expect(read()).rejects.toThrow('is not authorized to perform: cloudwatch:DescribeAlarms');
    await aws.control('PUT', `policies/${aws.accessKeyId}`, PolicyDocument);
    await read();
  });

  test('are of an endpoint and a variant whose names can be such', () => {
    expect(() => stackOf({ EndpointName: 'my_endpoint' })).toThrow('EndpointName=my_endpoint does not match');
  });
});

test('the page about them names them in rollback-alarms', () => {
  const page = readFileSync(join(ROOT, 'docs/alarms.md'), 'utf8');
  const [, list = ''] = /rollback-alarms: \|\n((?: {6}.*\n)+)/.exec(page) ?? [];
  const stack = stackOf({ EndpointName: 'forecast' });
  expect(rollbackAlarms(list)).toEqual(rollbackAlarms(stack.outputs.get('RollbackAlarms')));
  for (const parameter of TEMPLATE.matchAll(/^ {2}(\w+):\n {4}Type: (?:String|Number)/gm)) {
    expect(page).toContain(`| \`${parameter[1]}\``);
  }
});

test("Terraform's alarms are the same", () => {
  const value = (name: string, text = TERRAFORM) =>
    new RegExp(`^ *${name} += "?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  const defaults = new Map(
    [...TERRAFORM.matchAll(/^variable "(\w+)" \{([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [
      name,
      value('default', body),
    ]),
  );
  const inTerraform = [...TERRAFORM.matchAll(/^ {4}"(\w+)" = \{([\s\S]*?)^ {4}\}/gm)].map(
    ([, suffix, body = '']) => ({
      AlarmName: `${ENDPOINT}-${defaults.get('variant_name')}-${suffix}`,
      AlarmDescription: value('description', body),
      MetricName: value('metric_name', body),
      Threshold: defaults.get(value('threshold', body)?.replace('var.', '') ?? ''),
      Unit: value('unit', body),
      Namespace: value('namespace'),
      Statistic: value('statistic'),
      ComparisonOperator: value('comparison_operator'),
      Period: value('period'),
      EvaluationPeriods: value('evaluation_periods'),
      DatapointsToAlarm: value('datapoints_to_alarm'),
      TreatMissingData: value('treat_missing_data'),
    }),
  );
  const inTemplate = alarmsOf(stackOf()).map(({ Dimensions: _, ...alarm }) => ({
    ...Object.fromEntries(Object.entries(alarm).map(([name, member]) => [name, String(member)])),
    Unit: alarm.Unit ?? 'null',
  }));
  expect(inTerraform).toEqual(inTemplate);
  expect(TERRAFORM).toMatch(/dimensions = \{\s+EndpointName = var\.endpoint_name\s+VariantName +=/);
});
