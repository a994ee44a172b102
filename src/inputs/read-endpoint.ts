import type {
  EndpointPlan,
  GithubDeploymentPlan,
  ModelSource,
  SamplePayload,
  Stage,
  VariantPlan,
} from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import {
  CAPTURE_PERCENTAGE,
  ENDPOINT_TIMEOUT_SECONDS,
  HOSTING_TIMEOUT_SECONDS,
  INVOKE_ENDPOINT,
  SERVERLESS,
} from './limits.js';
import { overridden } from './overrides.js';
import { parseBoolean, parseChoice, parseDuration, parseInteger } from './quantities.js';
import { readAsync } from './read-async.js';
import { readAutoScaling } from './read-auto-scaling.js';
import { readDeploymentPolicy, waitingSecondsOf } from './read-deployment-policy.js';
import { readProof } from './read-proof.js';
import { readToken } from './read-token.js';
import type { Variants } from './read-variants.js';
import type { Vpc } from './read-vpc.js';
import { required, UNSET } from './required.js';
import { checkHostingUri } from './s3-uris.js';

/** What the endpoint's inputs are checked against. */
export interface EndpointSurroundings {
  readonly stages: readonly Stage[];
  readonly workspace: string;
  readonly region: string | undefined;
  /** Of `endpoint-name`. */
  readonly name: string | undefined;
  readonly variants: Variants;
  /** The model of variants that name none; `undefined` when there is none. */
  readonly model: ModelSource | undefined;
  readonly environment: ReadonlyMap<string, string>;
  readonly networkIsolation: boolean;
  readonly roleArn: string | undefined;
  readonly vpc: Vpc;
  readonly kmsKeyId: string | undefined;
  /** Of `rollback-alarms`. */
  readonly alarms: readonly string[];
  /** Sample requests of the smoke test. */
  readonly samples: readonly SamplePayload[];
  readonly overrides: EndpointPlan['overrides'];
  readonly env: NodeJS.ProcessEnv;
}

const DEFAULT_TIMEOUT = 3600;

/**
 * The endpoint. The values are checked whether or not the stage runs; what is missing is missed only when it runs.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readEndpoint(inputs: Inputs, surroundings: EndpointSurroundings): EndpointPlan | undefined {
  const { stages, name, variants, overrides, vpc, kmsKeyId, alarms, region } = surroundings;
  const runs = stages.includes('deploy');
  const asynchronous = readAsync(inputs('async-inference'), region);
  const dataCapture = readCapture(inputs);
  const policy = readDeploymentPolicy(inputs('deployment-policy'), alarms);
  const autoScaling = readAutoScaling(inputs('auto-scaling'), asynchronous !== undefined);
  const startup = inputs('startup-timeout');
  const startupTimeoutSeconds = parseDuration(startup, HOSTING_TIMEOUT_SECONDS, 0);
  const download = inputs('model-download-timeout');
  const downloadTimeoutSeconds = parseDuration(download, HOSTING_TIMEOUT_SECONDS, 0);
  const github = readGithub(inputs, surroundings.env, runs);
  if (variants.serverless) checkServerless(inputs, surroundings);
  checkGuardrails(inputs, variants);
  const plan: EndpointPlan = {
    name: runs ? requiredName(inputs, name, 'deploy') : (name ?? ''),
    roleArn: required(inputs('execution-role-arn'), surroundings.roleArn, {
      // The job says it for both.
      runs: runs && !stages.includes('train'),
      override: overridden(overrides, 'CreateModel', 'ExecutionRoleArn'),
      rule: 'The stage `deploy` needs the role that SageMaker assumes for the endpoint.',
      fix: 'Set `execution-role-arn: arn:aws:iam::<account>:role/<name>`.',
    }),
    variants: runs ? planned(inputs, surroundings) : [],
    environment: surroundings.environment,
    ...vpc,
    networkIsolation: surroundings.networkIsolation,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    ...(asynchronous === undefined ? {} : { async: asynchronous }),
    ...(dataCapture === undefined ? {} : { dataCapture }),
    ...(policy === undefined ? {} : { policy }),
    rollbackAlarms: alarms,
    ...(autoScaling === undefined ? {} : { autoScaling }),
    ...(startup.given ? { startupTimeoutSeconds } : {}),
    ...(download.given ? { downloadTimeoutSeconds } : {}),
    timeoutSeconds: readTimeout(
      inputs,
      waitingSecondsOf(policy),
      startupTimeoutSeconds + downloadTimeoutSeconds,
    ),
    proof: readProof(
      inputs,
      surroundings.workspace,
      runs ? surroundings.samples : [],
      variants.serverless ? SERVERLESS.bodyBytes : INVOKE_ENDPOINT.bodyBytes,
    ),
    failedEndpoint: parseChoice(inputs('failed-endpoint'), ['delete', 'keep'] as const, 'delete', suggestion),
    removeSuperseded: parseBoolean(inputs('remove-superseded'), true),
    overrides,
    ...(github === undefined ? {} : { github }),
  };
  return runs ? plan : undefined;
}

/** The endpoint's name, which a stage cannot do without. */
export function requiredName(inputs: Inputs, name: string | undefined, stage: Stage): string {
  const field = inputs('endpoint-name');
  if (!field.given) {
    field.problem(
      `The stage \`${stage}\` needs the name of the endpoint.`,
      `Set \`endpoint-name\`, for example \`endpoint-name: forecast\`. ${UNSET}`,
    );
  }
  return name ?? '';
}

/** The variants with all that they need. */
function planned(inputs: Inputs, { variants, model }: EndpointSurroundings): readonly VariantPlan[] {
  const hostless = variants.drafts.filter(({ hosting }) => hosting === undefined);
  const said = ['endpoint-instance-type', 'serverless', 'variants'] as const;
  if (hostless.length > 0 && !said.some((name) => inputs(name).failed)) {
    inputs('endpoint-instance-type').problem(
      inputs('variants').given
        ? `It is not said what runs ${hostless.map(({ name }) => `\`${name}\``).join(', ')}.`
        : 'The stage `deploy` needs to know what the endpoint runs on.',
      'Set `endpoint-instance-type`, for example `ml.m5.large`; or `serverless: {}`.',
    );
  }
  return variants.drafts.flatMap(({ hosting, ...draft }) => {
    const source = draft.model ?? model;
    return hosting === undefined || source === undefined ? [] : [{ ...draft, model: source, hosting }];
  });
}

/** [doc] serverless-endpoints.md: what a serverless endpoint cannot have. */
function checkServerless(
  inputs: Inputs,
  { stages, variants, networkIsolation, vpc }: EndpointSurroundings,
): void {
  const without = [
    'data-capture-path',
    'async-inference',
    'auto-scaling',
    'deployment-policy',
    'rollback-alarms',
    'startup-timeout',
    'model-download-timeout',
  ] as const;
  for (const name of without) {
    // Alarms watch a shift of weights too, which a serverless endpoint cannot have either.
    if (!inputs(name).given) continue;
    inputs(name).problem(
      'A serverless endpoint does not have it.',
      `Remove \`${name}\`, or host the model on instances.`,
    );
  }
  if (!stages.includes('deploy')) return;
  if (vpc.subnets.length > 0) {
    inputs('subnets').problem(
      'A serverless endpoint runs in no VPC of yours.',
      'Host the model on instances, or train and deploy in steps of their own, this one without `subnets`.',
    );
  }
  if (networkIsolation) {
    inputs('network-isolation').problem(
      'A serverless endpoint cannot be isolated from the network.',
      'Host the model on instances, or train and deploy in steps of their own, this one without `network-isolation`.',
    );
  }
  const prefix = variants.drafts.find(
    ({ model }) => model?.kind === 'artifacts' && model.modelData.endsWith('/'),
  );
  if (prefix !== undefined || inputs('model-artifacts').text.trim().endsWith('/')) {
    inputs(prefix === undefined ? 'model-artifacts' : 'variants').problem(
      'A serverless endpoint takes its model as an archive (`.tar.gz`), not as a prefix.',
      'Name the archive, or host the model on instances.',
    );
  }
}

/** [doc] deployment-guardrails.md: not on Inf1. */
function checkGuardrails(inputs: Inputs, variants: Variants): void {
  const policy = inputs('deployment-policy').given ? inputs('deployment-policy') : inputs('rollback-alarms');
  const inferentia = variants.drafts.find(
    ({ hosting }) => hosting?.kind === 'instance' && hosting.type.startsWith('ml.inf1.'),
  );
  if (!policy.given || inferentia?.hosting?.kind !== 'instance') return;
  policy.problem(
    `SageMaker has no deployment guardrails on ${inferentia.hosting.type}.`,
    'Name another instance type, or remove `deployment-policy` and `rollback-alarms`.',
  );
}

function readCapture(inputs: Inputs): EndpointPlan['dataCapture'] {
  const path = checkHostingUri(inputs('data-capture-path'), 'path of the captured data');
  const field = inputs('data-capture-percentage');
  const percentage = parseInteger(field, CAPTURE_PERCENTAGE, 100);
  if (field.given && !inputs('data-capture-path').given) {
    field.problem(
      'Says how much is captured, but not where to.',
      'Set `data-capture-path: s3://bucket/prefix`, or remove it.',
    );
  }
  return path === undefined ? undefined : { path, percentage };
}

/**
 * @param waiting seconds that the deployment policy spends waiting
 * @param starting seconds that a container may take to be ready
 */
function readTimeout(inputs: Inputs, waiting: number, starting: number): number {
  const field = inputs('endpoint-timeout');
  const timeout = parseDuration(field, ENDPOINT_TIMEOUT_SECONDS, DEFAULT_TIMEOUT + waiting + starting);
  if (!field.given || field.failed) return timeout;
  if (timeout <= waiting) {
    field.problem(
      `Is over before \`deployment-policy\` has done its waiting (${waiting} s).`,
      `Set more than ${waiting} seconds, and the time that the instances take to start.`,
    );
  } else if (timeout <= starting) {
    field.problem(
      `Is over before \`startup-timeout\` and \`model-download-timeout\` are (${starting} s).`,
      `Set more than ${starting} seconds, and the time that the instances take to start.`,
    );
  }
  return timeout;
}

/** @param runs whether a stage that uses it does */
export function readGithub(
  inputs: Inputs,
  env: NodeJS.ProcessEnv,
  runs: boolean,
): GithubDeploymentPlan | undefined {
  const field = inputs('github-environment');
  if (!field.given) return undefined;
  const environment = field.text.trim();
  if (/\p{Cc}/u.test(environment) || environment.length > 255) {
    return field.problem(
      'The name of a GitHub environment is one line of at most 255 characters.',
      'Write for example `production`.',
    );
  }
  const token = runs ? readToken(inputs, env, 'A deployment is reported', 'deployments: write') : '';
  return { environment, token };
}
