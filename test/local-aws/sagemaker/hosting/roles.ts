import type { World } from '../../service.js';

/**
 * Whether IAM has such a role, and its trust policy lets SageMaker take it. A role of another account is taken as it
 * is: nothing is known of it here.
 */
export async function canAssumeRole(
  { motoEndpoint, accessKeyId, account, region }: World,
  arn: string,
): Promise<boolean> {
  const [, owner, name] = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (name === undefined) return false;
  if (owner !== account) return true;
  const answer = await fetch(motoEndpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20240101/${region}/iam/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'x-amz-date': '20240101T000000Z',
    },
    body: new URLSearchParams({ Action: 'GetRole', Version: '2010-05-08', RoleName: name }),
  });
  const text = await answer.text();
  if (answer.status === 404) return false;
  if (!answer.ok) throw new Error(`IAM answered ${answer.status}: ${text.slice(0, 500)}`);
  const [, policy = ''] = /<AssumeRolePolicyDocument>(.*?)<\/AssumeRolePolicyDocument>/s.exec(text) ?? [];
  return decodeURIComponent(policy).includes('sagemaker.amazonaws.com');
}
