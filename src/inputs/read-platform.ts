import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { parseInstanceType, platformOf } from './instance-types.js';
import { parseChoice } from './quantities.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/**
 * One platform: the one named, or the one that the named instance types have; they must agree.
 *
 * @param variantTypes of the endpoint's variants that run the image, as far as `variants` names them
 */
export function readPlatform(inputs: Inputs, variantTypes: readonly string[] = []): string {
  const field = inputs('platform');
  const named = field.given ? parseChoice(field, PLATFORMS, 'linux/amd64', suggestion) : undefined;

  const types = (
    [
      ['instance-type', 'training'],
      ['endpoint-instance-type', 'hosting'],
    ] as const
  ).flatMap(([name, use]) => {
    const type = parseInstanceType(inputs(name), use);
    return type === undefined ? [] : [{ field: inputs(name), type, platform: platformOf(type) }];
  });
  const [first, second] = types;
  if (named === undefined) {
    if (first && second && first.platform !== second.platform) {
      second.field.problem(
        `Needs an image for ${second.platform}, but \`${first.field.name}\` (${first.type}) one for ${first.platform}: one image cannot run on both.`,
        'Name types of the same architecture, or build two images, each with the one instance type that it is for.',
      );
    }
    const [variantType] = variantTypes;
    return first?.platform ?? second?.platform ?? (variantType ? platformOf(variantType) : 'linux/amd64');
  }
  for (const type of types) {
    if (type.platform === named) continue;
    field.problem(
      `\`${type.field.name}\` (${type.type}) runs images for ${type.platform} only.`,
      `Remove \`platform\`, or name an instance type for ${named}.`,
    );
  }
  return named;
}
