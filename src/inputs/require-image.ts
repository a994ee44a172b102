import type { Stage } from '../plan.js';
import type { Inputs } from './fields.js';
import { parseRegistry, splitHost } from './registry.js';

/** What a stage needs the image in ECR for. */
export interface ImageNeeds {
  readonly stages: readonly Stage[];
  /** The stages among them that run the image in AWS. */
  readonly needing: readonly Stage[];
  readonly region: string | undefined;
  /** Whether the registry may be another than ECR. */
  readonly elsewhere: boolean;
}

/** AWS runs an image that is in ECR: one that this run pushes, or one that is there already. */
export function requireImage(inputs: Inputs, { stages, needing, region, elsewhere }: ImageNeeds): void {
  const uri = inputs('image-uri');
  if (needing.length === 0 || stages.includes('push') || uri.failed) return;
  const who = stagesInWords(needing);
  if (!uri.given) {
    inputs('stages').problem(
      `${who} the image in ECR, but no stage brings it there.`,
      'Add `push` to `stages`, or set `image-uri` to an image in ECR and leave `build` out.',
    );
    return;
  }
  const { host, path } = splitHost(uri.text.trim());
  const registry = host === undefined ? undefined : parseRegistry(host);
  if (registry && region !== undefined && registry.region !== region) {
    uri.problem(
      `Is in the region ${registry.region}, but the job in ${region}: SageMaker takes images of its own region only.`,
      `Set \`aws-region: ${registry.region}\`, or push the image in ${region}.`,
    );
  }
  if (host === undefined && elsewhere) {
    uri.problem(
      `${who} an image in a registry, and the name has none: what stands before its first \`/\` is a registry when it has a dot or a port, or is \`localhost\`.`,
      'Write `<registry>/<repository>:<tag>`, or add `push` to `stages` to bring the image to ECR.',
    );
  } else if (!registry && !elsewhere) {
    uri.problem(
      `${who} an image in a private registry of ECR.`,
      'Add `push` to `stages` to bring it there, or name one such as `<account>.dkr.ecr.<region>.amazonaws.com/team/model:1`.',
    );
  } else if (!/[:@]/.test(path)) {
    uri.problem(
      'The image has neither a tag nor a digest; SageMaker refuses such a name.',
      `Write \`${uri.text.trim()}@sha256:…\` or \`${uri.text.trim()}:<tag>\`.`,
    );
  }
}

/** `The stages \`train\` and \`deploy\` need`. */
export function stagesInWords(stages: readonly Stage[]): string {
  const names = stages.map((stage) => `\`${stage}\``);
  if (names.length < 2) return `The stage ${names.join('')} needs`;
  return `The stages ${names.slice(0, -1).join(', ')} and ${names.at(-1)} need`;
}
