import type { ApiFailure } from '../../failure.js';
import type { MessageRow } from '../../row.js';
import { named } from '../../text.js';

/** What is wrong with a request, or with what it refers to. */
export const REQUEST_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'I04',
    class: 'payload-too-large',
    where: 'invoke error',
    pattern:
      /at 'body' failed to satisfy constraint: Member must have length less than or equal to (\d{1,12})/,
    cause:
      'The request’s body is larger than an endpoint takes: 6,291,456 bytes, 4 MB when it is serverless.',
    fix: 'Send less at once, or use an asynchronous endpoint, which reads its input from S3.',
    source: '[doc] sagemaker-runtime model: BodyBlob',
  },
  {
    id: 'I03',
    class: 'model-not-ready',
    where: 'invoke error',
    pattern: /ModelNotReadyException/,
    cause: 'The model of a multi-model or serverless endpoint is still being loaded.',
    fix: 'Repeat the request with back-off.',
    source: '[doc] sagemaker-runtime model',
  },
  {
    id: 'A05',
    class: 'input-prefix-empty',
    where: 'API error',
    pattern: /No S3 objects found under S3 URL "([^"]{1,1100})"/,
    cause:
      'There is no object below the S3 prefix of a channel, the bucket is in another Region, or the execution role may not list it.',
    fix: 'Correct the URI in `channels`; grant the execution role `s3:ListBucket` on the bucket itself (arn:aws:s3:::bucket, without /*).',
    specific: ([, uri]) => ({
      cause: `SageMaker finds no object below \`${named(uri, 300)}\`: it is empty, the bucket is in another Region, or the execution role may not list it.`,
    }),
    source: '[obs] ValidationException',
  },
  {
    id: 'A07',
    class: 'requested-image-missing',
    where: 'API error',
    pattern: /Cannot find the requested image:? ?(\S{1,300})?/i,
    cause:
      'SageMaker does not find the image: it does not exist, or not in this Region, or the caller may not see it.',
    fix: 'Put `push` into `stages`, or give `image-uri` with the digest of an image in the job’s Region.',
    specific: ([, image]) =>
      image === undefined
        ? {}
        : {
            cause: `SageMaker does not find \`${named(image, 300)}\`: it does not exist, or not in this Region, or the caller may not see it.`,
          },
    source: '[obs] examples#1476',
  },
  {
    id: 'A22',
    class: 'role-arn-malformed',
    where: 'API error',
    pattern: /at '(executionRoleArn|roleArn)' failed to satisfy constraint/,
    cause:
      'The execution role is not given as an ARN: the variable or secret is empty (pull requests from forks get none), or holds the role’s name alone.',
    fix: 'Give `execution-role-arn` in full: arn:aws:iam::123456789012:role/name.',
    source: '[obs] ValidationException',
  },
  {
    id: 'A08',
    class: 'instance-type-invalid',
    where: 'API error',
    pattern:
      /Value '([^']{0,200})' at '([^']{1,200})' failed to satisfy constraint: Member must satisfy enum value set/,
    cause:
      'A value is not among those that the API takes; instance types differ between training and hosting.',
    fix: 'Choose a type for that use: t3 is for training only, t2 and Graviton types (c7g, m6g, …) for hosting only.',
    specific: ([, value, field = '']) =>
      /instanceType/i.test(field)
        ? {
            cause: `\`${named(value, 60)}\` is not an instance type that this operation takes; types differ between training and hosting.`,
          }
        : {
            cause: `\`${named(value, 80)}\` is not among the values that the API takes for \`${named(field, 120)}\`.`,
            fix: 'Use one of the values in the message.',
          },
    source: '[obs] sdk#143',
  },
  {
    id: 'A09',
    class: 'name-invalid',
    where: 'API error',
    pattern:
      /Value '([^']{0,300})' at '([^']{1,200})' failed to satisfy constraint: Member must satisfy regular expression pattern|failed to satisfy constraint: Member must satisfy regular expression pattern/,
    cause:
      'A name has characters that the API does not take: dots, underscores, slashes, a hyphen at either end, or too many.',
    fix: 'Use letters, digits and hyphens, at most 63.',
    specific: ([, value, field]) =>
      field === undefined
        ? {}
        : {
            cause: `\`${named(value, 120)}\` does not have the form that the API asks of \`${named(field, 120)}\`.`,
            fix: /name$/i.test(field)
              ? 'Use letters, digits and hyphens, at most 63, with no hyphen at either end.'
              : 'Give it the form of the pattern in the message.',
          },
    source: '[obs] ValidationException',
  },
  {
    id: 'A14',
    class: 'job-name-taken',
    where: 'API error',
    pattern: /Job name must be unique within an AWS account and region/,
    cause:
      'A job of this name exists already, and was made by somebody else; names of jobs are never free again.',
    fix: 'Leave `training-job-name` out (the action makes a name of the run), or put the run’s id and attempt into it.',
    source: '[obs] ResourceInUse',
  },
  {
    id: 'A15',
    class: 'max-wait-time-invalid',
    where: 'API error',
    pattern: /MaxWaitTimeInSeconds.{0,200}?(?:greater than or equal|must be present|above|not supported)/,
    cause:
      '`max-wait` does not fit: a spot job needs it, and it covers the running too; a job without spot may not have it.',
    fix: 'Set `max-wait` to at least `max-runtime` with `spot: true`, and leave it out otherwise.',
    source: '[obs] ValidationException (paraphrased)',
  },
  {
    id: 'A16',
    class: 'manifest-media-type-unsupported',
    where: 'API error',
    pattern: /Unsupported manifest media type (\S{1,120})/,
    cause:
      'SageMaker hosting takes images with a Docker schema 2 manifest only, and this one has an OCI manifest or index.',
    fix: 'Let the action build and push the image; or build it with `docker buildx build --provenance=false --sbom=false --output type=image,push=true,oci-mediatypes=false`.',
    specific: ([, type]) => ({
      cause: `SageMaker hosting takes images with a Docker schema 2 manifest only, and this one’s is \`${named(type)}\`.`,
    }),
    source: '[obs] amazon-sagemaker-feedback#180; mlflow#13834; buildkit#5480',
  },
  {
    id: 'A17',
    class: 'repository-policy-missing',
    where: 'API error',
    pattern: /does not grant ecr:GetDownloadUrlForLayer/,
    cause: 'The image’s repository does not let SageMaker read it: its policy does not name the service.',
    fix: 'Add a repository policy that allows sagemaker.amazonaws.com `ecr:GetDownloadUrlForLayer`, `ecr:BatchGetImage` and `ecr:BatchCheckLayerAvailability`.',
    source: '[obs] deep-learning-containers#5657',
  },
  {
    id: 'A18',
    class: 'image-uri-invalid',
    where: 'API error',
    pattern: /ECR image "([^"]{0,300})" is invalid/,
    cause: 'The image’s URI has neither tag nor digest, or does not lie in ECR.',
    fix: 'Give the URI with `@sha256:…` or `:tag`, as the push stage’s output `image-uri` has it.',
    source: '[obs] examples#195, #197',
  },
  {
    id: 'A19',
    class: 'model-data-missing',
    where: 'API error',
    pattern: /Could not find model data at (\S{1,1100}?)\.?(?:\s|$)/,
    cause:
      'There are no model artifacts at that place: another key, another Region, or a job that did not finish.',
    fix: 'Take the address from the training job (output `model-artifacts`).',
    source: '[obs] ValidationException',
  },
  {
    id: 'A23',
    class: 'container-definition-invalid',
    where: 'API error',
    pattern: /Specify one of either Image and Model Data URL or ModelPackageName/,
    cause: 'A model was given both an image and a model package, or neither.',
    fix: 'Give the image (and its model data), or the model package alone.',
    source: '[obs] ValidationException',
  },
  {
    id: 'A24',
    class: 'name-already-exists',
    where: 'API error',
    pattern: /Cannot create already existing (model|endpoint configuration|endpoint)/,
    cause: 'A model, endpoint configuration or endpoint of that name exists already.',
    fix: 'Use a name of its own for each version of a model and a configuration, and update an endpoint in place of creating it.',
    specific: ([, what]) => ({
      cause: `There is already an ${what ?? 'endpoint'} of that name.`.replace('an model', 'a model'),
    }),
    source: '[obs] ValidationException',
  },
  {
    id: 'A25',
    class: 'hosting-resource-missing',
    where: 'API error',
    pattern: /Could not find (model|endpoint configuration|endpoint) "([^"]{1,300})"/,
    cause:
      'A model, endpoint configuration or endpoint does not exist, or not yet: it can take seconds to be seen.',
    fix: 'Check the name, account and Region; when it was made a moment ago, run again.',
    specific: ([, what, name]) => ({
      cause: `There is no ${what ?? 'endpoint'} \`${named(name, 200)}\`, or it was made a moment ago.`,
    }),
    source: '[obs] ValidationException',
  },
  {
    id: 'A26',
    class: 'endpoint-busy',
    where: 'API error',
    pattern: /Cannot update in-progress endpoint/,
    cause: 'The endpoint is being created or changed by somebody else.',
    fix: 'Run again when it is in service; let workflows that deploy share a `concurrency` group.',
    source: '[obs] terraform-provider-aws PR#49069',
  },
  {
    id: 'A27',
    class: 'training-job-not-found',
    where: 'API error',
    pattern: /Requested resource not found/,
    cause: 'There is no training job of that name in this account and Region.',
    fix: 'Check `training-job-name`, `aws-region` and the account of the credentials.',
    source: '[obs] ValidationException',
  },
  {
    id: 'A28',
    class: 'training-job-already-ended',
    where: 'API error',
    pattern: /request was rejected because the training job is in status (\w{1,40})/,
    cause: 'The job had ended already when it was to be stopped.',
    fix: 'Nothing is left to be done.',
    specific: ([, status]) => ({
      cause: `The job was ${named(status, 40)} already when it was to be stopped.`,
    }),
    source: '[obs] grand-challenge',
  },
  {
    id: 'A29',
    class: 'capability-label-missing',
    where: 'API error',
    pattern: /does not contain required (com\.amazonaws\.sagemaker\.capabilities\.[\w-]{1,80})=true/,
    cause: 'An image for several containers or models lacks a label that says that it can do it.',
    fix: 'Add the `LABEL` of the message to the Dockerfile, and let the server listen on `SAGEMAKER_BIND_TO_PORT` where that is set.',
    specific: ([, label]) => ({
      cause: `The image lacks the label \`${named(label, 140)}=true\`.`,
      fix: `Add \`LABEL ${named(label, 140)}=true\` to the Dockerfile, and let the server listen on \`SAGEMAKER_BIND_TO_PORT\` where that is set.`,
    }),
    source: '[doc] inference-pipeline-troubleshoot.md',
  },
  {
    id: 'A30',
    class: 'image-too-large-for-serverless',
    where: 'API error',
    pattern: /Image size (\d{1,20}) is greater than supported size (\d{1,20})/,
    cause: 'Serverless endpoints take images of up to 10 GiB, uncompressed.',
    fix: 'Make the image smaller, or use an endpoint with instances.',
    source: '[doc] serverless-endpoints-troubleshooting',
  },
  {
    id: 'A31',
    class: 'serverless-image-in-other-account',
    where: 'API error',
    pattern: /does not reside in an Amazon ECR repository within the same AWS account/,
    cause: 'A serverless endpoint needs its image in ECR of the same account.',
    fix: 'Push the image to a repository of the account that has the endpoint.',
    source: '[obs] amazon-sagemaker-feedback#181',
  },
  {
    id: 'A32',
    class: 'serverless-uncompressed-model',
    where: 'API error',
    pattern: /containers that use ModelDataSource/,
    cause: 'A serverless endpoint does not take an uncompressed model (`ModelDataSource`).',
    fix: 'Give the model as a model.tar.gz (`ModelDataUrl`).',
    source: '[obs] ValidationException (paraphrased)',
  },
  {
    id: 'A33',
    class: 'zones-lack-instance-type',
    where: 'API error',
    pattern:
      /Unable to locate at least (\d{1,3}) availability zone\(s\) with the requested instance type (\S{1,60})/,
    cause: 'The availability zones of the given subnets do not offer the instance type.',
    fix: 'Add subnets in other availability zones to `subnets`, or choose another instance type.',
    specific: ([, count, type]) => ({
      cause: `Fewer than ${count ?? '?'} of the subnets’ availability zones offer \`${named(type, 60)}\`.`,
    }),
    source: '[doc] troubleshooting',
  },
  {
    id: 'C10',
    class: 'model-package-group-not-empty',
    where: 'CI / ECR / OIDC',
    pattern: /model package group.{0,300}?(?:contains|cannot be deleted)/i,
    cause: 'The model package group still has versions.',
    fix: 'Delete its model packages first.',
    source: '[inf] the wording is approximate',
  },
  {
    id: 'P37',
    class: 'region-not-set',
    where: 'API error',
    pattern: /Region is missing|^ConfigError\b.{0,40}region/i,
    cause: 'No AWS Region is known.',
    fix: 'Set `aws-region`, or let configure-aws-credentials set `AWS_REGION`.',
    source: '[code] AWS SDK for JavaScript',
  },
];

/** Tried when nothing else fits: the form of an error, without knowledge of its meaning. */
export const GENERAL_REQUEST_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'P38',
    class: 'request-invalid',
    where: 'API error',
    pattern:
      /^(?:ValidationException|InvalidParameter\w*|InvalidRequest\w*|SerializationException)\b|\bvalidation errors? detected\b/,
    cause: 'AWS refused the request as invalid.',
    fix: 'Read the message: it names the field. Fields that no input names come from `training-overrides`.',
    specific: (_groups, failure) => ({
      cause: `AWS refused \`${named(failure.operation, 80)}\` as invalid.`,
    }),
    source: '[doc] common errors of AWS APIs',
  },
];
