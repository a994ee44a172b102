import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseHcl } from './hcl.js';
import { AWS_CLI, localAws, ROOT, type SharedLocalAws } from './shared.js';

/** The roles of docs/getting-started.md: made on local AWS, and held equal to docs/permissions.md. */
jest.setTimeout(240_000);

const run = promisify(execFile);
const TEMPLATE = join(ROOT, 'docs/examples/roles.yml');
const TERRAFORM = readFileSync(join(ROOT, 'docs/examples/roles.tf'), 'utf8');
const PERMISSIONS = readFileSync(join(ROOT, 'docs/permissions.md'), 'utf8');

/** What docs/permissions.md asks its reader to replace, and what the parameters below put there. */
const ACCOUNT = '123456789012';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const PREFIX = `roles${randomBytes(3).toString('hex')}`;
const PARAMETERS: Readonly<Record<string, string>> = {
  GitHubRepository: 'My-Org/forecast.model',
  RepositoryName: 'team/forecast',
  BucketName: 'forecast-data',
  JobNamePrefix: PREFIX,
};
/** Of the endpoint, the model package group and the model card. */
const ENDPOINT = 'forecast-live';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string;
}
interface Policy {
  readonly Statement: readonly Statement[];
}

/** The policy that stands below a heading of the page, with the reader's own names. */
function documented(heading: string, region: string): Policy {
  const [, section = ''] = PERMISSIONS.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const policies = section.split(/^#/m)[0]?.matchAll(/^```json\n([\s\S]*?)^```$/gm) ?? [];
  const [text = ''] = [...policies].map(([, json = '']) => json).slice(-1);
  return JSON.parse(
    text
      .replaceAll('eu-central-1', region)
      .replaceAll('training-job/my-model', `training-job/${PREFIX}`)
      .replaceAll('repository/my-model', `repository/${PARAMETERS['RepositoryName']}`)
      .replaceAll('role/sagemaker-training', `role/${PREFIX}-execution`)
      .replaceAll('role/sagemaker-execution', `role/${PREFIX}-execution`)
      .replaceAll('my-bucket/my-model/', 'my-bucket/')
      .replaceAll('my-bucket', PARAMETERS['BucketName'] ?? '')
      .replaceAll('my-model', ENDPOINT),
  ) as Policy;
}

/** Policies by name, as the page's headings are called. */
const HEADINGS: Readonly<Record<string, string>> = {
  push: 'Push',
  'create-repository': 'create-repository',
  train: 'Train',
  'the-execution-role': 'The execution role',
  register: 'Register',
  approve: 'Approve',
  deploy: 'Deploy',
  shift: 'Shift',
  undeploy: 'Undeploy',
};
const ALWAYS = ['create-repository', 'push', 'train'];
const TO_REGISTER = ['create-model-package-group', 'model-card', 'register'];
const TO_DEPLOY = ['approve', 'deploy', 'remove-superseded', 'rollback-alarms', 'shift', 'undeploy'];

let aws: SharedLocalAws;
beforeAll(async () => {
  aws = await localAws();
});

async function cli(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(AWS_CLI, [...args, '--output', 'json'], {
    env: { ...process.env, ...aws.env },
  });
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
}

async function deploy(
  stack: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Map<string, string>> {
  const given = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  await cli(
    ...['cloudformation', 'create-stack', '--stack-name', stack, '--template-body', `file://${TEMPLATE}`],
    ...['--capabilities', 'CAPABILITY_NAMED_IAM', '--parameters', JSON.stringify(given)],
  );
  const { Stacks } = (await cli('cloudformation', 'describe-stacks', '--stack-name', stack)) as {
    Stacks: [{ Outputs: readonly { OutputKey: string; OutputValue: string }[] }];
  };
  return new Map(Stacks[0].Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

async function roleOf(arn: string): Promise<{
  readonly trust: unknown;
  readonly policies: Map<string, Policy>;
  readonly sessionSeconds: number;
}> {
  const name = arn.split('/').at(-1) ?? '';
  const { Role } = (await cli('iam', 'get-role', '--role-name', name)) as {
    Role: { AssumeRolePolicyDocument: unknown; MaxSessionDuration: number };
  };
  const { PolicyNames } = (await cli('iam', 'list-role-policies', '--role-name', name)) as {
    PolicyNames: readonly string[];
  };
  const policies = new Map<string, Policy>();
  for (const policy of PolicyNames) {
    const { PolicyDocument } = await cli(
      'iam',
      'get-role-policy',
      '--role-name',
      name,
      '--policy-name',
      policy,
    );
    // moto keeps a policy that came by CloudFormation as Python writes it.
    const text = typeof PolicyDocument === 'string' ? PolicyDocument.replaceAll("'", '"') : undefined;
    policies.set(policy, (text === undefined ? PolicyDocument : JSON.parse(text)) as Policy);
  }
  return { trust: Role.AssumeRolePolicyDocument, policies, sessionSeconds: Role.MaxSessionDuration };
}

describe('the CloudFormation template', () => {
  test('is what cfn-lint takes', async () => {
    const { stdout } = await run(join(ROOT, '.tools/moto/bin/cfn-lint'), [
      ...['--regions', 'us-east-1', 'eu-central-1', 'us-gov-west-1', '--template', TEMPLATE],
    ]);
    expect(stdout).toBe('');
  });

  test('makes the provider, unless there is one', async () => {
    const { Resources } = parse(readFileSync(TEMPLATE, 'utf8'), { logLevel: 'silent' }) as {
      Resources: {
        GitHub: { Condition: string; Properties: { Url: string; ClientIdList: readonly string[] } };
      };
    };
    const { Condition, Properties } = Resources.GitHub;
    expect(Condition).toBe('MakesProvider');
    expect(Properties.ClientIdList).toEqual(['sts.amazonaws.com']);
    // moto's CloudFormation does not know this type: IAM gets the same by its own API.
    const made = await cli(
      ...['iam', 'create-open-id-connect-provider', '--url', Properties.Url],
      ...['--client-id-list', ...Properties.ClientIdList],
    );
    expect(made).toMatchObject({ OpenIDConnectProviderArn: PROVIDER });
  });

  test('makes the roles, with the policies of docs/permissions.md and no others', async () => {
    const outputs = await deploy(PREFIX, { ...PARAMETERS, OidcProviderArn: PROVIDER });
    const subject = 'repo:My-Org/forecast.model:ref:refs/heads/main';
    expect(outputs.get('TrustedSubject')).toBe(subject);

    const workflow = await roleOf(outputs.get('WorkflowRoleArn') ?? '');
    expect(workflow.trust).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: PROVIDER },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': subject,
            },
          },
        },
      ],
    });
    expect([...workflow.policies.keys()].sort()).toEqual(ALWAYS);
    expect(workflow.sessionSeconds).toBe(3600);
    expect(outputs.has('DeployRoleArn')).toBe(false);
    const execution = await roleOf(outputs.get('ExecutionRoleArn') ?? '');
    expect([...execution.policies.keys()]).toEqual(['the-execution-role']);
    expect(execution.trust).toMatchObject({
      Statement: [{ Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    for (const [name, policy] of [...workflow.policies, ...execution.policies]) {
      expect([name, policy]).toEqual([name, documented(HEADINGS[name] ?? name, aws.region)]);
    }
  });

  test('trusts the environment in place of the branch', async () => {
    const outputs = await deploy(`${PREFIX}b`, {
      ...PARAMETERS,
      JobNamePrefix: `${PREFIX}b`,
      GitHubEnvironment: 'training',
      OidcProviderArn: PROVIDER,
    });
    expect(outputs.get('TrustedSubject')).toBe('repo:My-Org/forecast.model:environment:training');
    const { trust } = await roleOf(outputs.get('WorkflowRoleArn') ?? '');
    expect(JSON.stringify(trust)).toContain('"repo:My-Org/forecast.model:environment:training"');
    expect(JSON.stringify(trust)).not.toContain(':ref:');
  });

  test('makes a role for deployments that only its environment takes, and what else is asked for', async () => {
    const outputs = await deploy(`${PREFIX}c`, {
      ...PARAMETERS,
      OidcProviderArn: PROVIDER,
      JobNamePrefix: `${PREFIX}c`,
      MaxSessionDuration: '10800',
      DeployEnvironment: 'production',
      EndpointName: ENDPOINT,
      Register: 'true',
      KeepImages: 'true',
    });
    const workflow = await roleOf(outputs.get('WorkflowRoleArn') ?? '');
    const deployment = await roleOf(outputs.get('DeployRoleArn') ?? '');
    const execution = await roleOf(outputs.get('ExecutionRoleArn') ?? '');
    expect([...workflow.policies.keys()].sort()).toEqual([...ALWAYS, ...TO_REGISTER, 'keep-images'].sort());
    expect([...deployment.policies.keys()].sort()).toEqual([...TO_DEPLOY, 'model-card'].sort());
    expect([...execution.policies.keys()].sort()).toEqual(['rollback-alarms', 'the-execution-role']);
    expect([workflow.sessionSeconds, deployment.sessionSeconds].map(Number)).toEqual([10_800, 10_800]);
    const trust = JSON.stringify(deployment.trust);
    expect(trust).toContain('"repo:My-Org/forecast.model:environment:production"');
    expect(trust).not.toContain(':ref:');
    for (const [name, policy] of [...workflow.policies, ...deployment.policies, ...execution.policies]) {
      const seen = JSON.parse(JSON.stringify(policy).replaceAll(`${PREFIX}c-`, `${PREFIX}-`)) as Policy;
      expect([name, seen]).toEqual([name, documented(HEADINGS[name] ?? name, aws.region)]);
    }
  });

  test('gives one role all of it when its environment is that of deployments', async () => {
    const outputs = await deploy(`${PREFIX}d`, {
      ...PARAMETERS,
      OidcProviderArn: PROVIDER,
      JobNamePrefix: `${PREFIX}d`,
      GitHubEnvironment: 'production',
      DeployEnvironment: 'production',
      EndpointName: ENDPOINT,
      Register: 'true',
    });
    expect(outputs.get('DeployRoleArn')).toBe(outputs.get('WorkflowRoleArn'));
    const { policies } = await roleOf(outputs.get('DeployRoleArn') ?? '');
    expect([...policies.keys()].sort()).toEqual([...ALWAYS, ...TO_REGISTER, ...TO_DEPLOY].sort());
  });

  test.each([
    ['DeployEnvironment', '*'],
    ['EndpointName', 'forecast-*'],
    ['GitHubRepository', 'my-org/*'],
    ['GitHubRepository', 'my-model'],
    ['GitHubBranch', '*'],
    ['GitHubEnvironment', '*'],
  ])('does not take %s=%s: a wildcard, or half a name', (parameter, value) => {
    const pattern = new RegExp(`^ {2}${parameter}:\\n(?: {4}.*\\n)*? {4}AllowedPattern: '(.*)'$`, 'm').exec(
      readFileSync(TEMPLATE, 'utf8'),
    )?.[1];
    expect(pattern).toBeDefined();
    expect(value).not.toMatch(new RegExp(`^(?:${pattern})$`));
  });
});

test("Terraform's roles are the same", async () => {
  const variables: Readonly<Record<string, string>> = {
    'local.account': ACCOUNT,
    'local.partition': 'aws',
    'local.region': aws.region,
    'local.repository': `arn:aws:ecr:${aws.region}:${ACCOUNT}:repository/${PARAMETERS['RepositoryName']}`,
    'local.provider': 'PROVIDER',
    'local.subject': 'SUBJECT',
    'local.deploy_subject': 'DEPLOY SUBJECT',
    'var.endpoint_name': ENDPOINT,
    'var.job_name_prefix': PREFIX,
    'var.bucket_name': PARAMETERS['BucketName'] ?? '',
    'var.repository_name': PARAMETERS['RepositoryName'] ?? '',
    'aws_iam_role.execution.arn': `arn:aws:iam::${ACCOUNT}:role/${PREFIX}-execution`,
  };
  const value = (name: string): string => {
    const found = variables[name];
    if (found === undefined) throw new Error(`roles.tf names ${name}: say here what it is`);
    return found;
  };
  const blocks = [...TERRAFORM.matchAll(/^resource "(\w+)" "(\w+)" \{\n([\s\S]*?)^\}$/gm)];
  const policies = blocks.filter(([, type]) => type === 'aws_iam_role_policy');
  const seen = policies.map(([, , , body = '']) => {
    const name = /^ {2}name += "(.*)"$/m.exec(body)?.[1] ?? '';
    const role = /^ {2}role += (?:aws_iam_role|local)\.(\w+?)(?:\.id)?$/m.exec(body)?.[1] ?? '';
    const count = /^ {2}count += (.*) \? 1 : 0$/m.exec(body)?.[1];
    expect(parseHcl(/jsonencode\(([\s\S]*)\)\n/.exec(body)?.[1] ?? '', value)).toEqual(
      documented(HEADINGS[name] ?? name, aws.region),
    );
    return [role, name, ...(count === undefined ? [] : [count])];
  });
  expect(seen).toEqual([
    ['workflow', 'push'],
    ['workflow', 'create-repository'],
    ['workflow', 'train'],
    ['workflow', 'keep-images', 'var.keep_images'],
    ['workflow', 'register', 'var.register'],
    ['workflow', 'create-model-package-group', 'var.register'],
    ['workflow', 'model-card', 'var.register'],
    ['deploy_role', 'model-card', 'var.register && local.makes_deploy_role'],
    ['deploy_role', 'approve', 'local.deploys'],
    ['deploy_role', 'deploy', 'local.deploys'],
    ['deploy_role', 'remove-superseded', 'local.deploys'],
    ['deploy_role', 'rollback-alarms', 'local.deploys'],
    ['deploy_role', 'shift', 'local.deploys'],
    ['deploy_role', 'undeploy', 'local.deploys'],
    ['execution', 'the-execution-role'],
    ['execution', 'rollback-alarms', 'local.deploys'],
  ]);
  expect(value('local.repository')).toBe(
    parseHcl(/^ {2}repository = (.*)$/m.exec(TERRAFORM)?.[1] ?? '', value),
  );
  const trusts = blocks
    .filter(([, type]) => type === 'aws_iam_role')
    .map(([, , , body = '']) => parseHcl(/jsonencode\(([\s\S]*)\)\n/.exec(body)?.[1] ?? '', value));
  expect(trusts).toEqual([
    ...['SUBJECT', 'DEPLOY SUBJECT'].map((subject) => ({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'PROVIDER' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': subject,
            },
          },
        },
      ],
    })),
    {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
  ]);
  // The subject in both forms, and which of them.
  expect(TERRAFORM).toContain(`var.github_environment == ""
    ? "repo:\${var.github_repository}:ref:refs/heads/\${var.github_branch}"
    : "repo:\${var.github_repository}:environment:\${var.github_environment}"`);
});

test("Terraform's roles of a workflow hold as long as is asked for, and who deploys is an environment", () => {
  expect(TERRAFORM.match(/^ {2}max_session_duration = var\.max_session_duration$/gm)).toHaveLength(2);
  expect(TERRAFORM).toContain(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own.
    'deploy_subject    = "repo:${var.github_repository}:environment:${var.deploy_environment}"',
  );
  expect(TERRAFORM).toContain(
    'makes_deploy_role = local.deploys && var.deploy_environment != var.github_environment',
  );
});

test('the page names each parameter, under both names', () => {
  const page = readFileSync(join(ROOT, 'docs/getting-started.md'), 'utf8');
  const parameters = [
    ...readFileSync(TEMPLATE, 'utf8').matchAll(/^ {2}(\w+):\n {4}Type: (?:String|Number)$/gm),
  ];
  const variables = [...TERRAFORM.matchAll(/^variable "(\w+)"/gm)];
  expect(parameters.map(([, name]) => name)).toHaveLength(variables.length);
  for (const [index, [, name]] of parameters.entries()) {
    expect(page).toContain(`| \`${name}\` | \`${variables[index]?.[1]}\` |`);
  }
});
