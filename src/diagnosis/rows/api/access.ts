import type { ApiFailure } from '../../failure.js';
import type { MessageRow } from '../../row.js';
import { named } from '../../text.js';

/** ` on resource: arn:… because no identity-based policy allows …`: as far as it is there. */
const RESOURCE = '(?: on resource: "?([^\\s"]{1,300})"?)?';

/** Policies above the role's own: what they demand is in nobody's error. */
const explicitly = (failure: ApiFailure): string =>
  /explicit deny/i.test(failure.message)
    ? ' An explicit deny stands in its way: a boundary, a service control or a resource policy, often with a condition (a VPC, a key, tags).'
    : '';

function denied([, action, resource]: readonly (string | undefined)[], failure: ApiFailure) {
  const where = resource === undefined ? '' : ` on \`${named(resource, 300)}\``;
  const deny = explicitly(failure);
  // A run gives these a name of their own: a policy for one of them would help no other run.
  const ofEveryRun =
    /^(arn:[^:]{0,20}:sagemaker:[^:]{0,40}:\d{0,12}:(?:training-job|model|endpoint-config)\/)./.exec(
      resource ?? '',
    );
  const everywhere = ofEveryRun === null ? where : ` on \`${named(ofEveryRun[1], 300)}*\``;
  return {
    cause: `The workflow’s role may not do \`${named(action, 80)}\`${where}.${deny}`,
    fix:
      deny === ''
        ? `Allow \`${named(action, 80)}\`${everywhere} in the policy of the role that the workflow assumes; docs/permissions.md has the whole policy.`
        : `Ask who keeps that policy which condition \`${named(action, 80)}\` must fulfil, and fulfil it (\`subnets\`, \`kms-key-id\`, \`tags\`).`,
  };
}

/** Who may do what: the workflow's role, the execution role, keys, and the credentials themselves. */
export const ACCESS_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'C01',
    class: 'oidc-not-authorized',
    where: 'CI / ECR / OIDC',
    pattern: /Not authorized to perform:? ?sts:AssumeRoleWithWebIdentity/i,
    cause:
      'The role’s trust policy does not let this workflow in: the subject or the audience of GitHub’s token is not the one that it names.',
    fix: 'Compare the trust policy’s `sub` with the token’s: `repo:ORG/REPO:ref:refs/heads/BRANCH`, letter by letter; a job with `environment:` has `repo:ORG/REPO:environment:NAME` instead, a pull request `repo:ORG/REPO:pull_request`. Wildcards need StringLike.',
    source: '[obs] configure-aws-credentials#318, #1024, #1100, #1137',
  },
  {
    id: 'C02',
    class: 'oidc-audience',
    where: 'CI / ECR / OIDC',
    pattern: /Incorrect token audience/i,
    cause: 'The audience of GitHub’s token is not the one that the identity provider in AWS expects.',
    fix: 'Give the same value as the provider’s client id and as `audience` of configure-aws-credentials: sts.amazonaws.com, in China sts.amazonaws.com.cn.',
    source: '[obs] configure-aws-credentials#457, #1386',
  },
  {
    id: 'C03',
    class: 'credentials-not-found',
    where: 'CI / ECR / OIDC',
    pattern:
      /Could not load credentials from any providers|^CredentialsProviderError\b|Credentials could not be loaded|Unable to locate credentials|Could not resolve credentials/,
    cause: 'There are no AWS credentials in this job.',
    fix: 'Let a step with aws-actions/configure-aws-credentials run before this one, in a job with `permissions: id-token: write`. Pull requests from forks get neither a token nor secrets: give them `stages: build, smoke-test`.',
    source: '[obs] configure-aws-credentials#318 and its family; [code] AWS SDK for JavaScript',
  },
  {
    id: 'C08',
    class: 'credentials-expired',
    where: 'CI / ECR / OIDC',
    pattern:
      /\bExpiredToken\w*|^RequestExpired\b|security token included in the request is expired|The (?:provided )?token has expired/i,
    cause:
      'The credentials of the workflow expired before the call: a session of an assumed role lasts an hour unless it is asked for longer.',
    fix: 'Set `role-duration-seconds` of configure-aws-credentials, and the role’s maximum session duration, to more than the job takes; or start the job with `wait: false` and follow it from another workflow job.',
    source: '[obs] autogluon-cloud#133; configure-aws-credentials#359',
  },
  {
    id: 'P41',
    class: 'credentials-invalid',
    where: 'API error',
    pattern:
      /^(?:UnrecognizedClientException|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature\w*|InvalidAccessKeyId|InvalidToken\w*|MissingAuthenticationToken\w*|AuthFailure|OptInRequired|NotAuthorized)\b|security token included in the request is invalid/,
    cause:
      'AWS does not accept the credentials: the key, the secret or the session token is wrong, of another partition, or was removed.',
    fix: 'Assume the role with aws-actions/configure-aws-credentials rather than with stored keys, and look for variables named `AWS_…` that the workflow sets besides. “Signature expired” means that the runner’s clock is wrong.',
    source: '[doc] common errors of AWS APIs',
  },
  {
    id: 'A11',
    class: 'pass-role-denied',
    where: 'API error',
    pattern: new RegExp(`not authorized to perform: iam:PassRole${RESOURCE}`),
    cause: 'The workflow’s role may not pass the execution role to SageMaker.',
    fix: 'Allow `iam:PassRole` on the execution role, with the condition `iam:PassedToService` = sagemaker.amazonaws.com, in the policy of the role that the workflow assumes.',
    specific: ([, role], failure) =>
      role === undefined
        ? {}
        : {
            cause: `The workflow’s role may not pass \`${named(role, 300)}\` to SageMaker.${explicitly(failure)}`,
            fix: `Allow \`iam:PassRole\` on \`${named(role, 300)}\`, with the condition \`iam:PassedToService\` = sagemaker.amazonaws.com, in the policy of the role that the workflow assumes.`,
          },
    source: '[doc] security_iam_troubleshoot.md',
  },
  {
    id: 'A12',
    class: 'add-tags-denied',
    where: 'API error',
    pattern: /not authorized to perform: sagemaker:AddTags/,
    cause:
      'The workflow’s role may create the resource and not tag it; a call of Create with tags needs both.',
    fix: 'Allow `sagemaker:AddTags` in the policy of the role that the workflow assumes.',
    source: '[obs] sdk PR#4600',
  },
  {
    id: 'A10',
    class: 'sagemaker-access-denied',
    where: 'API error',
    pattern: new RegExp(`not authorized to perform: (sagemaker:\\w{1,80})${RESOURCE}`),
    cause: 'The workflow’s role may not call this action of SageMaker.',
    fix: 'Allow the action in the policy of the role that the workflow assumes.',
    specific: denied,
    source: '[obs] AccessDeniedException',
  },
  {
    id: 'C04',
    class: 'ecr-access-denied',
    where: 'CI / ECR / OIDC',
    pattern: new RegExp(`not authorized to perform: (ecr:\\w{1,80})${RESOURCE}`),
    cause:
      'The workflow’s role may not do this in ECR. The policy AmazonSageMakerFullAccess reaches only repositories with “sagemaker” in their name.',
    fix: 'Allow `ecr:GetAuthorizationToken` on *, and on the repository `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload`, `ecr:PutImage`, `ecr:BatchGetImage` and `ecr:DescribeImages`.',
    specific: (groups, failure) => ({ cause: denied(groups, failure).cause }),
    source: '[obs] amazon-sagemaker-tensorflow-object-detection-api#14; sample-for-multi-modal#3',
  },
  {
    id: 'C09',
    class: 'kms-access-denied',
    where: 'CI / ECR / OIDC',
    pattern: new RegExp(`not authorized to perform: (kms:\\w{1,80})${RESOURCE}`),
    cause: 'The key’s policy, or the role’s, does not allow this use of the KMS key.',
    fix: 'Allow the execution role `kms:Decrypt` for encrypted input, `kms:GenerateDataKey` for output, and `kms:CreateGrant` for the volume’s key, in the key’s policy too when it is another account’s.',
    specific: ([, action, resource]) => ({
      cause: `A role may not do \`${named(action, 80)}\`${resource === undefined ? '' : ` on \`${named(resource, 300)}\``}.`,
    }),
    source: '[obs] aws-cdk#12810; [doc] sagemaker-roles.md',
  },
  {
    id: 'A06',
    class: 'role-not-assumable',
    where: 'API error',
    pattern: /Could not assume role (\S{1,300}?)\.? Please ensure that the role exists and allows principal/,
    cause:
      'SageMaker may not assume the execution role: it does not exist, its trust policy does not name sagemaker.amazonaws.com, or it was made a moment ago.',
    fix: 'Let the role’s trust policy allow `sts:AssumeRole` to the service sagemaker.amazonaws.com; a new role takes up to half a minute.',
    specific: ([, role]) => ({
      cause: `SageMaker may not assume \`${named(role, 300)}\`: it does not exist, its trust policy does not name sagemaker.amazonaws.com, or it was made a moment ago.`,
    }),
    source: '[obs] ValidationException',
  },
  {
    id: 'A21',
    class: 'execution-role-invalid',
    where: 'API error',
    pattern: /The execution role ARN "[^"]{0,300}" is invalid/,
    cause:
      'SageMaker cannot use the execution role: it does not exist, is in another account or partition, or its trust policy does not name sagemaker.amazonaws.com.',
    fix: 'Correct `execution-role-arn`, or the role’s trust policy; a new role takes up to half a minute.',
    source: '[obs] ValidationException',
  },
  {
    id: 'A20',
    class: 'model-data-inaccessible',
    where: 'API error',
    pattern: /Could not access model data at (\S{1,500})/,
    cause: 'The execution role may not read the model’s artifacts, or the bucket is in another Region.',
    fix: 'Grant the execution role `s3:GetObject` on the artifacts and `kms:Decrypt` on their key, and keep them in the endpoint’s Region.',
    source: '[obs] ValidationException',
  },
  {
    id: 'P33',
    class: 'access-denied',
    where: 'API error',
    pattern: new RegExp(
      `not authorized to perform: ([a-z0-9-]{2,40}:\\w{1,80})${RESOURCE}|^(?:AccessDenied\\w*|UnauthorizedOperation|Forbidden|403)\\b`,
    ),
    cause: 'The workflow’s role may not make this call.',
    fix: 'Allow the action in the policy of the role that the workflow assumes.',
    specific: (groups, failure) => {
      if (groups[1] !== undefined) return denied(groups, failure);
      const action = `${named(failure.service, 40)}:${named(failure.operation, 80)}`;
      return { cause: `The workflow’s role may not call \`${action}\`.${explicitly(failure)}` };
    },
    source: '[doc] common errors of AWS APIs',
  },
];
