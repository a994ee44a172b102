import { info } from '@actions/core';
import { createDocker } from './docker/docker.js';
import { annotate } from './runner/annotations.js';
import { readSource } from './runner/source.js';
import { waitForReader } from './runner/standard-output.js';
import { readRunState } from './runner/state.js';
import { cleanUp } from './stages/clean-up.js';

/** GitHub ends a canceled job, with the steps that are still running in it, after five minutes. [doc] */
const CREATION_MS = 4 * 60_000;

/**
 * Entry point of the action's post part: the second chance to clean up, after a cancel that left too little time,
 * a crash or a kill of main. Says nothing when all is well. It never fails the job, whose result main has given.
 *
 * @returns the exit code
 */
export async function post(): Promise<number> {
  waitForReader(process.stdout);
  const state = readRunState(process.env);
  if (state === undefined) return 0;
  const problems = await cleanUp(createDocker(process.env), state, undefined, {
    source: readSource(process.env),
    waitForCreation: CREATION_MS,
    say: info,
  });
  annotate(problems.map((message) => ({ level: 'warning', title: 'Cleaning up', message })));
  return 0;
}
