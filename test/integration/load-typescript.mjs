/** Lets Node run the sources as they are: an import of `x.js` means `x.ts` where there is no `x.js`. */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(url)))
        return { url: url.href, format: 'module-typescript', shortCircuit: true };
    }
    return next(specifier, context);
  },
});
