import { join } from 'node:path';
import { readEntityName } from './inputs/entity-names.js';
import { fields, type Inputs } from './inputs/fields.js';
import { readHyperparameters } from './inputs/limited-maps.js';
import { parseModelArtifacts } from './inputs/model-artifacts.js';
import { type Overrides, overridden } from './inputs/overrides.js';
import { type InputProblem, Problems } from './inputs/problems.js';
import { parseBoolean } from './inputs/quantities.js';
import { readApprove } from './inputs/read-approve.js';
import { readAws, readRole } from './inputs/read-aws.js';
import { readCleanUp } from './inputs/read-clean-up.js';
import { readAlarms } from './inputs/read-deployment-policy.js';
import { readEndpoint } from './inputs/read-endpoint.js';
import { readEndpointOverrides } from './inputs/read-endpoint-overrides.js';
import { readFollow } from './inputs/read-follow.js';
import { readHostingEnvironment } from './inputs/read-hosting-environment.js';
import { readImage } from './inputs/read-image.js';
import { knownMetrics, readJob, readTrainingOverrides } from './inputs/read-job.js';
import { readKmsKey } from './inputs/read-kms-key.js';
import { readModelPackage } from './inputs/read-model-package.js';
import { readModelSource } from './inputs/read-model-source.js';
import { readPlatform } from './inputs/read-platform.js';
import { readPush } from './inputs/read-push.js';
import { readRegister } from './inputs/read-register.js';
import { readReport } from './inputs/read-report.js';
import { readShift } from './inputs/read-shift.js';
import { readSmokeTest } from './inputs/read-smoke-test.js';
import { readStages, rejectIdle, requireAnyImage, WITH_IMAGE } from './inputs/read-stages.js';
import { readTraining } from './inputs/read-training.js';
import { readUndeploy } from './inputs/read-undeploy.js';
import { checkPlatforms, readVariants, typesOfRunImage, type Variants } from './inputs/read-variants.js';
import { readVpc } from './inputs/read-vpc.js';
import { readWorkspace } from './inputs/read-workspace.js';
import { rejectUnknown } from './inputs/reject-unknown.js';
import { requireImage } from './inputs/require-image.js';
import { findSampleFolder, type SampleFolder } from './inputs/sample-folder.js';
import type { EndpointPlan, ImageSource, Plan, Stage } from './plan.js';

export { INPUTS } from './inputs/names.js';
export type { InputProblem } from './inputs/problems.js';

/** An image that is not built here brings no sample. */
const NO_SAMPLE: SampleFolder = { channels: new Map(), payloads: [] };

/**
 * Reads all inputs at once and checks them as a whole: either the plan, or every mistake there is.
 *
 * @param env the process' environment: `INPUT_*`, `GITHUB_WORKSPACE`, `RUNNER_TEMP`, `GITHUB_ACTION`
 * @param checkIds ids of the smoke test's checks, for `smoke-severity`
 */
export function readPlan(
  env: NodeJS.ProcessEnv,
  checkIds: readonly string[],
): { readonly plan: Plan } | { readonly problems: readonly InputProblem[] } {
  const problems = new Problems();
  const inputs = fields(env, problems);
  rejectUnknown(env, problems);

  const workspace = readWorkspace(env, problems);
  const stages = readStages(inputs);
  const training = readTraining(inputs);
  const aws = readAws(inputs, env, problems, stages.some(usesAws));
  const { region } = aws;
  const group = readEntityName(inputs('model-package-group'), 'a group');
  const variants = readVariants(inputs, group, region);
  const endpointOverrides = readEndpointOverrides(
    inputs('endpoint-overrides'),
    workspace,
    inputs('variants').failed ? undefined : variants.drafts.map(({ name }) => name),
    aws.tags,
  );
  const trainingOverrides = readTrainingOverrides(inputs('training-overrides'), workspace);
  const platform = readPlatform(inputs, typesOfRunImage(variants));
  checkPlatforms(inputs('variants'), variants, platform);

  const needing = stages.filter(
    (stage) =>
      WITH_IMAGE.includes(stage) &&
      !(stage === 'deploy' && bringsImages(inputs, variants, endpointOverrides)),
  );
  requireAnyImage(inputs, stages, needing);
  const image = readImage(inputs, workspace, platform, needing.length > 0);
  const sample = findSample(inputs, workspace, image, stages);
  const hyperparameters = readHyperparameters(inputs('hyperparameters'));
  const endpointEnvironment = readHostingEnvironment(inputs);
  const smokeTest = readSmokeTest(inputs, workspace, checkIds, sample, hyperparameters, endpointEnvironment);
  const push = readPush(inputs, region, stages.includes('push'));
  requireImage(inputs, {
    stages,
    needing: needing.filter(
      (stage) => runsInAws(stage) && !(stage === 'train' && namesImage(trainingOverrides)),
    ),
    region,
    elsewhere: isElsewhere(trainingOverrides, endpointOverrides, env),
  });
  const roleArn = readRole(inputs('execution-role-arn'), region);
  const vpc = readVpc(inputs, (member) =>
    [
      overridden(trainingOverrides, 'VpcConfig', member),
      overridden(endpointOverrides, 'CreateModel', 'VpcConfig', member),
    ].some((value) => value !== undefined),
  );
  const kmsKeyId = readKmsKey(inputs('kms-key-id'), region);
  const metrics = knownMetrics(inputs('metric-definitions'), training, trainingOverrides);
  const job = readJob(inputs, {
    stages,
    platform,
    training,
    metrics,
    hyperparameters,
    overrides: trainingOverrides,
    roleArn,
    vpc,
    kmsKeyId,
  });
  const follow = readFollow(inputs, metrics);

  const reference = readModelPackage(inputs, group, region);
  const modelArtifacts = parseModelArtifacts(inputs('model-artifacts'));
  const model = readModelSource(inputs, {
    stages,
    reference,
    modelArtifacts,
    ownModels: variants.drafts.every((draft) => draft.model !== undefined),
    waits: follow.wait,
  });
  const register = readRegister(inputs, {
    stages,
    workspace,
    group,
    modelArtifacts,
    outputPath: inputs('output-path').failed ? undefined : inputs('output-path').text.trim() || undefined,
    endpointTypes: typesOfRunImage(variants),
    payloads: smokeTest.payloads,
  });
  const approve = readApprove(inputs, stages, reference);
  const name = readEntityName(inputs('endpoint-name'), 'an endpoint');
  const alarms = readAlarms(inputs('rollback-alarms'));
  const endpoint = readEndpoint(inputs, {
    stages,
    workspace,
    region,
    name,
    variants,
    model,
    environment: endpointEnvironment ?? training.environment,
    networkIsolation: training.networkIsolation,
    roleArn,
    vpc,
    kmsKeyId,
    alarms,
    samples: smokeTest.payloads,
    overrides: endpointOverrides,
    env,
  });
  const shift = readShift(inputs, { stages, name, alarms, variants });
  const removal = { stages, repository: push.repository, dryRun: parseBoolean(inputs('dry-run'), false) };
  const undeploy = readUndeploy(inputs, { ...removal, name, env });
  const cleanUp = readCleanUp(inputs, removal);
  const report = readReport(inputs, workspace, env);
  rejectIdle(inputs, stages);

  if (problems.found.length > 0) return { problems: problems.found };
  return {
    plan: {
      stages,
      workspace,
      image,
      training,
      smokeTest,
      aws,
      ...(push.plan === undefined ? {} : { push: push.plan }),
      ...(job === undefined ? {} : { job }),
      follow,
      ...(register === undefined ? {} : { register }),
      ...(approve === undefined ? {} : { approve }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(shift === undefined ? {} : { shift }),
      ...(undeploy === undefined ? {} : { undeploy }),
      ...(cleanUp === undefined ? {} : { cleanUp }),
      report,
    },
  };
}

const usesAws = (stage: Stage): boolean => stage !== 'build' && stage !== 'smoke-test';

/** Whether AWS runs the image in this stage, or is told to. */
const runsInAws = (stage: Stage): boolean => ['train', 'register', 'deploy'].includes(stage);

/** Whether the endpoint needs no image of this run. */
const bringsImages = (inputs: Inputs, { drafts }: Variants, overrides: EndpointPlan['overrides']): boolean =>
  typeof overridden(overrides, 'CreateModel', 'PrimaryContainer', 'Image') === 'string' ||
  drafts.every(({ model }) =>
    model === undefined
      ? inputs('model-package').given
      : model.kind === 'package' || (model.kind === 'artifacts' && model.image !== undefined),
  );

/** Whether the request of the job names what it runs itself. */
const namesImage = (overrides: Overrides): boolean =>
  ['TrainingImage', 'AlgorithmName'].some(
    (field) => typeof overridden(overrides, 'AlgorithmSpecification', field) === 'string',
  );

/** Another registry than ECR: by the API's own fields for it, or where the endpoints of AWS are others too. */
const isElsewhere = (
  training: Overrides,
  endpoint: EndpointPlan['overrides'],
  env: NodeJS.ProcessEnv,
): boolean =>
  overridden(training, 'AlgorithmSpecification', 'TrainingImageConfig') !== undefined ||
  overridden(endpoint, 'CreateModel', 'PrimaryContainer', 'ImageConfig') !== undefined ||
  Boolean(env['AWS_ENDPOINT_URL'] || env['AWS_ENDPOINT_URL_SAGEMAKER']);

/** What the container in the build context brings; it proves the endpoint of a registered version as well. */
function findSample(
  inputs: Inputs,
  workspace: string,
  image: ImageSource,
  stages: readonly Stage[],
): SampleFolder {
  if (image.kind === 'build') return findSampleFolder(image.build.context);
  if (image.kind === 'image' || !stages.includes('deploy')) return NO_SAMPLE;
  return findSampleFolder(join(workspace, inputs('context').text.trim() || 'container'));
}
