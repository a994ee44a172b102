import type { Failure } from '../plan.js';

const NAMES: Readonly<Record<string, string>> = { win32: 'Windows', darwin: 'macOS' };

/**
 * Why the action does not begin on this system; undefined on Linux. SageMaker runs Linux containers, and what tells
 * how it runs them (named pipes, signals, owners and modes of files) is Linux's own.
 */
export function unsupportedRunner(platform: NodeJS.Platform): Failure | undefined {
  if (platform === 'linux') return undefined;
  const name = NAMES[platform] ?? platform;
  return {
    class: 'runner-not-supported',
    message: `This action runs on Linux; this runner’s system is ${name}. Nothing was run.`,
    fix: 'Give the job a Linux runner with Docker: `runs-on: ubuntu-latest`. What only other systems can do belongs into a job of its own.',
  };
}
