import { describe, expect, test } from '@jest/globals';
import { parseDockerfile } from '../../../../src/stages/build/dockerfile.js';
import { type BuildStep, locateStep } from '../../../../src/stages/build/locate-step.js';

const ONE_STAGE = 'ARG V\nFROM python:3.11\nENV A=1\nWORKDIR /x\nCOPY a b\nRUN c\nCMD d\n';
const TWO_STAGES = 'FROM python:3.11 AS base\nRUN a\nFROM base\nENV B=1\nRUN b\nCOPY c d\n';

const lineOf = (text: string, step: BuildStep) => locateStep(parseDockerfile(text), step)?.line;
const numbered = (title: string, number: number, total: number, stage?: string): BuildStep => ({
  title,
  count: { by: 'stage', number, total, ...(stage !== undefined && { stage }) },
});

describe('BuildKit’s steps', () => {
  test('are what makes a layer, and the FROM that pulls', () => {
    expect(lineOf(ONE_STAGE, numbered('FROM docker.io/library/python:3.11', 1, 4))).toBe(2);
    expect(lineOf(ONE_STAGE, numbered('WORKDIR /x', 2, 4))).toBe(4);
    expect(lineOf(ONE_STAGE, numbered('RUN c', 4, 4))).toBe(6);
  });

  test('are counted in each stage, by its name or number', () => {
    expect(lineOf(TWO_STAGES, numbered('RUN a', 2, 2, 'base'))).toBe(2);
    // A stage on top of another one pulls nothing, so its first step is its first layer.
    expect(lineOf(TWO_STAGES, numbered('RUN b', 1, 2, 'stage-1'))).toBe(5);
    expect(lineOf(TWO_STAGES, numbered('COPY c d', 2, 2, 'stage-1'))).toBe(6);
  });

  test('that the base image brings by ONBUILD stand for its FROM', () => {
    expect(lineOf(ONE_STAGE, numbered('RUN of the base image', 2, 6))).toBe(2);
    expect(lineOf(ONE_STAGE, numbered('RUN c', 6, 6))).toBe(6);
  });

  test('of another kind than the counted instruction have no line rather than a wrong one', () => {
    expect(lineOf(ONE_STAGE, numbered('RUN c', 3, 4))).toBeUndefined();
    expect(lineOf(ONE_STAGE, numbered('RUN c', 2, 2, 'elsewhere'))).toBeUndefined();
  });
});

test('the classic builder’s steps are all instructions of the file', () => {
  expect(lineOf(ONE_STAGE, { title: 'RUN c', count: { by: 'file', number: 6 } })).toBe(6);
  // The labels of the command line are a step too, behind the last.
  expect(lineOf(ONE_STAGE, { title: 'LABEL x=1', count: { by: 'file', number: 8 } })).toBeUndefined();
});

describe('a step that pulls an image', () => {
  const metadata = (image: string) => ({ title: `[internal] load metadata for ${image}` });

  test('is found by the image’s name, short or long', () => {
    expect(lineOf(ONE_STAGE, metadata('docker.io/library/python:3.11'))).toBe(2);
    const text =
      'FROM scratch\nCOPY --from=busybox /a /b\nRUN --mount=type=bind,from=ghcr.io/a/b:1,target=/x c';
    expect(lineOf(text, metadata('docker.io/library/busybox:latest'))).toBe(2);
    expect(lineOf(text, metadata('ghcr.io/a/b:1'))).toBe(3);
    expect(lineOf(text, { title: 'FROM docker.io/library/busybox:latest' })).toBe(2);
  });

  test('may be the only one whose name is made of build arguments', () => {
    expect(lineOf('ARG V=1\nFROM a:1\nFROM b:$V', metadata('docker.io/library/b:1'))).toBe(3);
    expect(lineOf('ARG V=1\nFROM a:$V\nFROM b:$V', metadata('docker.io/library/b:1'))).toBeUndefined();
  });
});
