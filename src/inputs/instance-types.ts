import { suggestion } from './did-you-mean.js';
import type { Field } from './problems.js';

/**
 * Instance families of SageMaker's service model (TrainingInstanceType, ProductionVariantInstanceType), [doc].
 * They are used to recognise a type that is known and wrong; a family that is not listed here is newer than this
 * file and passes.
 */
const FAMILIES = {
  training:
    'c4 c5 c5n c6i c7i g4dn g5 g6 g6e g7 g7e m4 m5 m6i m7i p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 ' +
    'p6e-gb200 r5 r5d r7i t3 trn1 trn1n trn2',
  hosting:
    'c4 c5 c5d c6g c6gd c6gn c6i c6in c7g c7i c8g dl1 g4dn g5 g6 g6e g7 g7e inf1 inf2 m4 m5 m5d m6g m6gd m6i m7i ' +
    'm8g p2 p3 p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200 r5 r5d r6g r6gd r6i r7gd r7i r8g t2 trn1 trn1n trn2',
} as const;

const family = (use: keyof typeof FAMILIES): readonly string[] => FAMILIES[use].split(' ');

/** The families with arm64 processors: Graviton (`c7g`, `m6gd`, `c6gn`), and Grace (`p6e-gb200`). [inf] */
const ARM64 = /^(?:[a-z]+\d+g(?:d|n|dn)?|p\d+e?-gb\d+)$/;
/** Named with a number and a `g` as well, but after their GPUs: x86 hosts. */
const GPU_NAMES = /^g\d/;

/** `linux/arm64` or `linux/amd64`: what an image must be to run on the type. */
export function platformOf(instanceType: string): string {
  const name = instanceType.split('.')[1] ?? '';
  return ARM64.test(name) && !GPU_NAMES.test(name) ? 'linux/arm64' : 'linux/amd64';
}

const TYPE = /^ml\.([a-z][a-z0-9-]*)\.((?:\d+x?|x)?(?:large|medium|small)|metal(?:-\d+xl)?)$/;

export const parseInstanceType = (field: Field, use: keyof typeof FAMILIES): string | undefined =>
  field.given ? checkInstanceType(field, field.text.trim(), use) : undefined;

/** The type, or `undefined` when SageMaker has none such for this use. */
export function checkInstanceType(
  field: Field,
  type: string,
  use: keyof typeof FAMILIES,
): string | undefined {
  const match = TYPE.exec(type);
  if (!match) {
    const known = ['m5', 'c5', 'g5', 'c7g'].map((name) => `ml.${name}.xlarge`);
    const prefixed = TYPE.test(`ml.${type}`) ? `Did you mean \`ml.${type}\`? ` : suggestion(type, known);
    return field.problem(
      'Is not a SageMaker instance type: `ml.`, a family, a size.',
      `${prefixed}Write for example \`ml.m5.xlarge\`.`,
      type,
    );
  }
  const name = match[1] ?? '';
  const other = use === 'training' ? 'hosting' : 'training';
  if (!family(use).includes(name) && family(other).includes(name)) {
    const arm = use === 'training' && platformOf(type) === 'linux/arm64';
    return field.problem(
      `SageMaker has \`ml.${name}\` for ${other === 'training' ? 'training jobs' : 'endpoints'} only.`,
      use === 'training'
        ? `${arm ? 'SageMaker trains on no Graviton type. ' : ''}Name a training type such as \`ml.m5.xlarge\` here, and this one as \`endpoint-instance-type\`.`
        : 'Name an endpoint type such as `ml.m5.xlarge`.',
      type,
    );
  }
  return type;
}
