import { describe, expect, test } from '@jest/globals';
import type { SmokeRun } from '../../../../src/plan.js';
import { chooseRuns } from '../../../../src/stages/smoke-test/choose-runs.js';

const offers = (training: boolean, hosting: boolean) => ({
  training: { offered: training, reason: 'Nothing in the image trains.' },
  hosting: { offered: hosting, reason: 'Nothing in the image serves.' },
});
const SAMPLE = new Map([['train', '/repository/data']]);

function chosen(
  runs: 'auto' | readonly SmokeRun[],
  image = offers(true, true),
  channels: ReadonlyMap<string, string> = SAMPLE,
): readonly string[] {
  const choices = chooseRuns({ runs, channels }, image);
  return Object.entries(choices).flatMap(([run, choice]) => (choice.chosen ? [run] : []));
}

describe('which runs are made', () => {
  test('auto: train, broken input and serve', () => {
    expect(chosen('auto')).toEqual(['train', 'broken-input', 'serve']);
  });

  test('auto, an image that only trains: nothing is served, and the reason is the image’s', () => {
    expect(chosen('auto', offers(true, false))).toEqual(['train', 'broken-input']);
    expect(chooseRuns({ runs: 'auto', channels: SAMPLE }, offers(true, false)).serve).toEqual({
      chosen: false,
      why: 'Nothing in the image serves.',
    });
  });

  test('auto, an image that only serves: no run trains', () => {
    expect(chosen('auto', offers(false, true))).toEqual(['serve']);
    expect(chooseRuns({ runs: 'auto', channels: SAMPLE }, offers(false, true)).stop).toEqual({
      chosen: false,
      why: 'Nothing in the image trains.',
    });
  });

  test('without channels there is no input to break', () => {
    expect(chosen('auto', offers(true, true), new Map())).toEqual(['train', 'serve']);
    expect(chosen(['train', 'broken-input'], offers(true, true), new Map())).toEqual(['train']);
  });

  test('runs that are named are made whatever the image seems to offer', () => {
    expect(chosen(['serve'], offers(true, false))).toEqual(['serve']);
    expect(chosen(['stop'], offers(false, true))).toEqual(['stop']);
  });

  test('runs that are not named say so', () => {
    expect(chooseRuns({ runs: ['serve'], channels: SAMPLE }, offers(true, true)).train).toEqual({
      chosen: false,
      why: '`smoke-runs` does not name `train`.',
    });
  });
});
