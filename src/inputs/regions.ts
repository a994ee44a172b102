import { suggestion } from './did-you-mean.js';
import type { Field } from './problems.js';

/** AWS's regions, for suggestions: a region that is not listed here is newer than this file and passes. */
const KNOWN =
  'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ' +
  'ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ca-central-1 ca-west-1 ' +
  'cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 ' +
  'eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 ' +
  'us-gov-east-1 us-gov-west-1 us-west-1 us-west-2';

/** A place, a point of the compass, a number: so are all of them named. */
const REGION = /^[a-z]{2,4}(?:-[a-z]+)?-(?:central|(?:north|south)(?:east|west)?|east|west)-\d{1,2}$/;

/** The region's name, or what is wrong with it. */
export function parseRegion(field: Field): string | undefined {
  if (!field.given) return undefined;
  const region = field.text.trim();
  if (REGION.test(region)) return region;
  const zone = /^(.*-\d)[a-z]$/.exec(region)?.[1];
  return field.problem(
    'Is not a region of AWS: a place, a point of the compass, a number.',
    zone !== undefined && REGION.test(zone)
      ? `This is an availability zone; its region is \`${zone}\`.`
      : `${suggestion(region, KNOWN.split(' '))}Write for example \`us-east-1\`.`,
  );
}

const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
];

/** The partition of a region, as it stands in ARNs: `aws`, `aws-cn`, `aws-us-gov`, … [doc] partitions.json */
export const partitionOf = (region: string): string =>
  PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
