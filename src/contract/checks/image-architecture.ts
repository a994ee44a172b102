import { type CheckDefinition, failed, passed } from './check.js';

export const imageArchitecture: CheckDefinition = {
  id: 'image-architecture',
  group: 'image',
  severity: 'error',
  title: 'The image is built for the processor that SageMaker runs it on',
  proves: 'The image’s operating system and architecture are those of the instance types in use.',
  why: 'Every training type except ml.p6e-gb200 is x86-64; hosting on the Graviton families is arm64. An image for the other architecture ends with “exec format error” after the instance was started and paid for.',
  fix: 'Build for one platform: set `platform: linux/amd64` (or build with `docker buildx build --platform linux/amd64`).',
  source: '[doc] instance families of the service model; [obs] failure T16 `exec format error`',
  judged: 'always',
  judge({ image }) {
    const actual = `${image.os}/${image.architecture}`;
    // Docker writes variants (linux/arm64/v8); SageMaker knows none.
    const wanted = image.wantedPlatform.split('/').slice(0, 2).join('/');
    return actual === wanted
      ? passed(`The image is ${actual}.`)
      : failed(`The image is ${actual}; SageMaker needs ${wanted}.`, {
          fix: `Build for ${wanted}: set \`platform: ${wanted}\`.`,
        });
  },
};
