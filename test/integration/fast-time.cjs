/**
 * Preloaded (NODE_OPTIONS=--require) into the action's main: where it waits, time passes twenty times as fast, so that
 * no test takes the minute that AWS's own figures need. FAST_STAGES: only when the step's `stages` are these.
 * AHEAD_SECONDS: how late it is when it begins.
 */
const timers = require('node:timers/promises');
const { syncBuiltinESMExports } = require('node:module');

const SPEED = 20;
const { FAST_STAGES, INPUT_STAGES, AHEAD_SECONDS } = process.env;
if (/[\\/]dist[\\/]index\.js$/.test(process.argv[1] ?? '') && INPUT_STAGES === FAST_STAGES) {
  const now = Date.now;
  const sleep = timers.setTimeout;
  let ahead = Number(AHEAD_SECONDS ?? 0) * 1000;
  // What signs requests makes dates without it: those stay true.
  Date.now = () => now() + ahead;
  timers.setTimeout = async (milliseconds, ...others) => {
    const until = Date.now() + milliseconds;
    const result = await sleep(milliseconds / SPEED, ...others);
    ahead = Math.max(ahead, until - now());
    return result;
  };
  syncBuiltinESMExports();
}
