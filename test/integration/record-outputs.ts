import { appendFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const TOOLS = resolve(__dirname, '../../.tools/test/used');

/** Variables with which the action's main writes down which inputs it was given: see record-use.cjs. */
export const recordsUse = (project: 'integration' | 'end-to-end'): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--require=${join(__dirname, 'record-use.cjs')}`,
  RECORD_USE: join(TOOLS, project),
});

/** Writes down which outputs a run has set to something. */
export function recordOutputs(
  project: 'integration' | 'end-to-end',
  outputs: Readonly<Record<string, string>>,
): void {
  const folder = join(TOOLS, project);
  const set = Object.keys(outputs).filter((name) => !['', '[]', '{}'].includes(outputs[name] ?? ''));
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, 'used.jsonl'), `${JSON.stringify({ outputs: set })}\n`);
}
