/**
 * Preloaded (NODE_OPTIONS=--require) into the action's main by tests that run it as a runner does: writes down which
 * inputs it was given, as it sees them itself. script/used-inputs.mjs makes a table of it. RECORD_USE: the folder.
 */
const { appendFileSync, existsSync, mkdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const { RECORD_USE, INPUT_STAGES, GITHUB_OUTPUT } = process.env;
if (RECORD_USE && /[\\/]dist[\\/]index\.js$/.test(process.argv[1] ?? '')) {
  const inputs = Object.entries(process.env)
    .filter(([name, value]) => name.startsWith('INPUT_') && value !== '')
    .map(([name]) => name.slice('INPUT_'.length).toLowerCase());
  const stages = (INPUT_STAGES || (process.env['INPUT_IMAGE-URI'] ? 'smoke-test' : 'build, smoke-test'))
    .split(/[\s,]+/)
    .filter(Boolean);
  process.on('exit', () => {
    // What is refused is not used.
    const outputs = existsSync(GITHUB_OUTPUT ?? '') ? readFileSync(GITHUB_OUTPUT, 'utf8') : '';
    if (/^invalid-input$/m.test(outputs)) return;
    mkdirSync(RECORD_USE, { recursive: true });
    appendFileSync(join(RECORD_USE, 'used.jsonl'), `${JSON.stringify({ inputs, stages })}\n`);
  });
}
