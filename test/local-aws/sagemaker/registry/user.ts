import type { UserContext } from '@aws-sdk/client-sagemaker';
import type { CallContext } from '../../service.js';

/** Who made the call, as CreatedBy and LastModifiedBy name an identity of IAM. */
export const userOf = ({ account, accessKeyId }: CallContext): UserContext => ({
  IamIdentity: { Arn: `arn:aws:iam::${account}:user/local-aws`, PrincipalId: accessKeyId },
});
