import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Outputs } from '../../../src/runner/outputs.js';
import { runnerFile } from './runner-files.js';

const NEVER = (message: string) => {
  throw new Error(message);
};

test('are set, and set again only with another value', () => {
  const file = runnerFile('GITHUB_OUTPUT');
  const outputs = new Outputs(process.env, NEVER);
  outputs.set({ 'image-uri': 'model:1', warnings: '' });
  const before = readFileSync(file.path, 'utf8');
  outputs.set({ 'image-uri': 'model:1', warnings: '' });
  expect(readFileSync(file.path, 'utf8')).toBe(before);
  outputs.set({ warnings: 'image-size' });
  expect(file.values()).toEqual({ 'image-uri': 'model:1', warnings: 'image-size' });
});

test('no value can set another output: it is read back as it was', () => {
  const file = runnerFile('GITHUB_OUTPUT');
  const unit = fc.constantFrom('a', '=', '<', '\n', '%', 'E', 'O', 'F', ' ');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      writeFileSync(file.path, '');
      const value = `x${text}\noutcome=passed\nEOF`;
      new Outputs(process.env, NEVER).set({ 'failure-reason': value });
      expect(file.values()).toEqual({ 'failure-reason': value });
    }),
  );
});

test('a file that cannot be written is told once, with its path', () => {
  const file = runnerFile('GITHUB_OUTPUT');
  rmSync(file.path);
  const warnings: string[] = [];
  const outputs = new Outputs(process.env, (message) => warnings.push(message));
  outputs.set({ outcome: 'passed', warnings: '' });
  outputs.set({ outcome: 'failed' });
  expect(warnings).toEqual([expect.stringContaining(file.path)]);
});

test('without a runner nothing is written', () => {
  const outputs = new Outputs({}, NEVER);
  const written: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof process.stdout.write;
  try {
    outputs.set({ outcome: 'passed' });
  } finally {
    process.stdout.write = write;
  }
  expect(written).toEqual([]);
});

test('what other programs wrote into the file stays', () => {
  const file = runnerFile('GITHUB_OUTPUT');
  appendFileSync(file.path, 'other=1\n');
  new Outputs(process.env, NEVER).set({ outcome: 'passed' });
  expect(file.values()).toEqual({ other: '1', outcome: 'passed' });
});
