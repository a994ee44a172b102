import { basename } from 'node:path';

/**
 * The bundle's entry: `dist/index.js` is main, `dist/post.js`, which only imports it, is post. The name tells them
 * apart and not a saved state, because a main that was killed early, or could not write its state, must not make
 * post do main's work again. Each loads its own code only.
 */
const isPost = basename(process.argv[1] ?? '') === 'post.js';
const exitCode = isPost ? await (await import('./post.js')).post() : await (await import('./main.js')).main();

// What may still be open, such as connections that were kept alive, is of no use to anybody.
process.exit(exitCode);
