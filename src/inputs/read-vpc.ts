import type { Inputs } from './fields.js';
import { VPC } from './limits.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';

/** A VPC as the API's VpcConfig has it; empty: none. */
export interface Vpc {
  readonly subnets: readonly string[];
  readonly securityGroupIds: readonly string[];
}

const VPC_IDS = { subnets: 'subnet-', 'security-group-ids': 'sg-' } as const;
type VpcInput = keyof typeof VPC_IDS;

/**
 * Both, or neither.
 *
 * @param elsewhere whether the other member is said elsewhere: in the overrides
 */
export function readVpc(inputs: Inputs, elsewhere: (member: string) => boolean): Vpc {
  const subnets = readIds(inputs('subnets'), 'subnets', VPC.subnets);
  const securityGroupIds = readIds(inputs('security-group-ids'), 'security-group-ids', VPC.securityGroups);
  const alone = (given: VpcInput, missing: VpcInput, member: string): void => {
    if (!inputs(given).given || inputs(missing).given || elsewhere(member)) return;
    inputs(given).problem(
      `A job in a VPC has subnets and security groups, but \`${missing}\` is not given.`,
      `Set \`${missing}\` too, or remove \`${given}\`.`,
    );
  };
  alone('subnets', 'security-group-ids', 'SecurityGroupIds');
  alone('security-group-ids', 'subnets', 'Subnets');
  return { subnets, securityGroupIds };
}

function readIds(field: Field, input: VpcInput, most: number): readonly string[] {
  const { items } = parseList(field, { commas: true });
  const [other] = (Object.keys(VPC_IDS) as VpcInput[]).filter((name) => name !== input);
  if (items.length > most) {
    field.problem(`SageMaker takes at most ${most}; these are ${items.length}.`, 'Remove some.', '');
  }
  for (const [index, id] of items.entries()) {
    if (other !== undefined && id.startsWith(VPC_IDS[other])) {
      field.problem(`Belongs into \`${other}\`.`, `Move it to \`${other}\`.`, id);
    } else if (!VPC.idPattern.test(id) || id.length > VPC.id) {
      field.problem(
        `Is not an id: at most ${VPC.id} letters, digits and dashes.`,
        `Write it as AWS does: \`${VPC_IDS[input]}0123456789abcdef0\`.`,
        id,
      );
    } else if (items.indexOf(id) < index) {
      field.problem('The id is named twice.', 'Name it once.', id);
    }
  }
  return items;
}
