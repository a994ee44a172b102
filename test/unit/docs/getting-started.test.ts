import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const PAGE = readFileSync('docs/getting-started.md', 'utf8');

/** What the page has its reader type, each command on one line. */
const commands = [...PAGE.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block.replaceAll(/\\\n\s*/g, '').split(/^\$ /m),
);
const aws = commands.filter((command) => command.startsWith('aws '));

describe('Getting started', () => {
  test("says in each command of AWS the Region of its workflow, whatever the reader's own is", () => {
    const region = /^ +aws-region: (\S+)$/m.exec(PAGE)?.[1];
    expect(region).toBeDefined();
    expect(aws.length).toBeGreaterThanOrEqual(4);
    expect(aws.filter((command) => !command.includes(` --region ${region} `.trimEnd()))).toEqual([]);
  });

  test('needs no clone: the template is downloaded before it is used', () => {
    const download = commands.findIndex((command) => command.startsWith('curl '));
    const address = /https:\/\/raw\.githubusercontent\.com\/org\/sagemaker-byoc\/v1\/(\S+)/.exec(
      commands[download] ?? '',
    )?.[1];
    expect(existsSync(address ?? '')).toBe(true);
    const used = commands.findIndex((command) => command.includes('--template-file'));
    expect(/--template-file (\S+)/.exec(commands[used] ?? '')?.[1]).toBe(address?.split('/').at(-1));
    expect(download).toBeLessThan(used);
  });

  test('makes the bucket that the roles and the job name, before anything is put there', () => {
    const bucket = /BucketName=(\S+)/.exec(PAGE)?.[1];
    const made = commands.findIndex((command) => command.startsWith(`aws s3 mb s3://${bucket} `));
    expect(made).toBeGreaterThanOrEqual(0);
    expect(made).toBeLessThan(commands.findIndex((command) => command.startsWith('aws s3 cp')));
    expect(PAGE).toContain(`output-path: s3://${bucket}/`);
  });
});
