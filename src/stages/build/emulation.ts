import type { Situation } from './situation.js';

/** What to do when a program is for another processor. */
export function emulationAdvice({ plan, isNativePlatform }: Situation): string {
  return isNativePlatform
    ? `The program is not for ${plan.platform}: use a base image and binaries for that platform. A script needs a first line such as \`#!/bin/sh\`.`
    : `This machine cannot run ${plan.platform} by itself. Add \`- uses: docker/setup-qemu-action@v3\` before this step (slow), or use a runner of that architecture${plan.platform === 'linux/arm64' ? ', such as `ubuntu-24.04-arm`' : ''}.`;
}
