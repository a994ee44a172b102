import { type CheckDefinition, failed, passed, skipped } from './check.js';

/** CUDA that each hosting AMI's driver supports: model documentation of `InferenceAmiVersion`. */
const AMIS: readonly (readonly [cuda: number, ami: string])[] = [
  [12.2, 'al2-ami-sagemaker-inference-gpu-2'],
  [12.4, 'al2-ami-sagemaker-inference-gpu-3-1'],
  [13.0, 'al2023-ami-sagemaker-inference-gpu-4-1'],
];

export const imageCuda: CheckDefinition = {
  id: 'image-cuda',
  group: 'image',
  severity: 'warning',
  title: 'The CUDA version that the image requires has a driver on the hosting instances',
  proves: '`NVIDIA_REQUIRE_CUDA` asks for no newer CUDA than the oldest hosting AMI supports (12.2).',
  why: 'A container that requires a newer CUDA than the host’s driver has does not start: CannotStartContainerError, without a log group to look at.',
  fix: 'Choose an `InferenceAmiVersion` with a newer driver, or an older CUDA base image.',
  source: '[doc] model, InferenceAmiVersion; [obs] failures E02 and E12',
  judged: 'when the image sets NVIDIA_REQUIRE_CUDA',
  judge({ image }) {
    const requirement = image.env.get('NVIDIA_REQUIRE_CUDA');
    if (requirement === undefined) {
      return skipped('The image sets no NVIDIA_REQUIRE_CUDA.');
    }
    // Alternatives are separated by blanks, each `cuda>=12.9 brand=…`: the lowest bound is the one to meet.
    const bounds = [...requirement.matchAll(/cuda\s*>=\s*(\d+(?:\.\d+)?)/g)].map((match) => Number(match[1]));
    if (bounds.length === 0) {
      return passed(`NVIDIA_REQUIRE_CUDA “${requirement}” names no lowest version.`);
    }
    const wanted = Math.min(...bounds);
    const fitting = AMIS.find(([cuda]) => cuda >= wanted);
    const [lowest] = AMIS;
    if (fitting !== undefined && fitting === lowest) {
      return passed(`The image requires CUDA ${wanted}; every GPU AMI has it.`);
    }
    return fitting
      ? failed(`The image requires CUDA ${wanted}; the default hosting driver may support 12.2 only.`, {
          fix: `Deploy with InferenceAmiVersion ${fitting[1]}, or use a base image for CUDA 12.2.`,
        })
      : failed(`The image requires CUDA ${wanted}; no hosting AMI supports more than 13.0.`, {
          fix: 'Use a base image for CUDA 13.0 or older.',
        });
  },
};
