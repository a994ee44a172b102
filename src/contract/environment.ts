/** A made-up account: nothing is sent to it, and the shape of the ARN is what programs look at. */
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/** Where a job is, as its container is told. */
export interface JobIdentity {
  readonly arn: string;
  readonly region: string;
}

/**
 * The environment of a training container: TRAINING_JOB_NAME, TRAINING_JOB_ARN [doc], the Region [obs] and
 * the request's `Environment`. No SM_* variables: the platform sets none [doc] model-train-storage.md, and
 * setting them here would hide the commonest fault of one's own container. No AWS credentials either.
 */
export function trainingEnvironment(
  jobName: string,
  environment: ReadonlyMap<string, string>,
  identity: JobIdentity = {
    arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/${jobName}`,
    region: REGION,
  },
): ReadonlyMap<string, string> {
  return new Map([
    ['TRAINING_JOB_NAME', jobName],
    ['TRAINING_JOB_ARN', identity.arn],
    ['AWS_REGION', identity.region],
    ...environment,
  ]);
}

/** Label of an image that serves many models from one container. [doc] mms-container-apis.md */
export const MULTI_MODEL_LABEL = 'com.amazonaws.sagemaker.capabilities.multi-models';

/**
 * The environment of a hosting container: only the model's `Environment`, and SAGEMAKER_MULTI_MODEL for a
 * multi-model container. [doc] ContainerDefinition, mms-container-apis.md
 */
export function hostingEnvironment(
  environment: ReadonlyMap<string, string>,
  multiModel: boolean,
): ReadonlyMap<string, string> {
  return multiModel ? new Map([['SAGEMAKER_MULTI_MODEL', 'true'], ...environment]) : environment;
}

/**
 * The host name inside a container: an internal name of the instance and not `algo-1`. [obs] HOSTNAME in
 * dumps of real jobs; [doc] “do not use /etc/hostname”.
 */
export function instanceHostname(index: number): string {
  return `ip-10-0-64-${10 + index}.ec2.internal`;
}

/** Variables that docker itself, its plugins or the loader of programs obey: they must not be set for docker. */
const OBEYED =
  /^(PATH|HOME|USER|TMPDIR|LANG|TERM|LD_.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|GO.*|SSH_.*|SSL_.*|XDG_.*|.*_PROXY)$/i;

/**
 * The environment as arguments of `docker create`, and as variables of docker itself, from which it takes those that
 * are given by name alone: a token among them is then not to be seen in the list of processes.
 */
export function environmentArgs(environment: ReadonlyMap<string, string>): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  const entries = [...environment];
  return {
    args: entries.flatMap(([name, value]) => ['--env', OBEYED.test(name) ? `${name}=${value}` : name]),
    env: Object.fromEntries(entries.filter(([name]) => !OBEYED.test(name))),
  };
}
