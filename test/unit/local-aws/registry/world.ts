import { ModelRegistry } from '../../../local-aws/sagemaker/registry/registry.js';
import { Tags } from '../../../local-aws/sagemaker/tags.js';
import { AwsError, type CallContext } from '../../../local-aws/service.js';
import { HandClock } from '../hand-clock.js';

export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A registry with one image, `host/repo:tag`, and one object, `s3://bucket/model.tar.gz`; time is moved by hand. */
export function registryWorld() {
  const clock = new HandClock();
  const tags = new Tags();
  const registry = new ModelRegistry(tags, {
    image: async (uri) => {
      if (uri === 'host/repo:tag') return { digest: DIGEST, mediaType: 'manifest' };
      throw new AwsError('ValidationException', `Cannot find the requested image: ${uri}`);
    },
    exists: async (uri) => uri === 's3://bucket/model.tar.gz',
    now: () => clock.now(),
  });
  const context: CallContext = {
    region: 'eu-west-1',
    account: '123456789012',
    accessKeyId: 'AKIA',
    now: () => new Date(clock.now()),
    requestId: 'r',
  };
  /** One call of the API; what it throws rejects. */
  const call = async <Output = Record<string, unknown>>(
    operation: string,
    input: object = {},
  ): Promise<Output> => (await registry.operations[operation]?.(input as never, context)) as Output;
  return { clock, tags, registry, call };
}
