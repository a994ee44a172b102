import type { ExceptionRow } from '../row.js';
import { inputOf } from '../row.js';
import { named } from '../text.js';

/** A mapping by this name holds hyperparameters: `hp["epochs"]`, `hyperparameters["epochs"]`, `params["epochs"]`. */
const HYPERPARAMETERS =
  /\b(?:\w{0,40}hyper_?param\w{0,40}|hps?|hparams?|(?:train(?:ing)?_)?params)\s{0,4}\[/i;
/** The line reads a variable, or it is os.py itself, which raises the `KeyError` of a variable that is not set. */
const ENVIRONMENT = /\benviron\s{0,4}\[/;
const OS_MODULE = /(?:^<frozen os>|\/os\.py)$/;

/** Without the quotation marks that Python puts around a key. */
const key = (message: string): string => named(/^(['"])(.*)\1$/.exec(message.trim())?.[2] ?? message, 80);

/**
 * What Python's own exceptions mean when no line of the program's output says more: the type tells what kind of
 * mistake it is, the message which name, file or key. The more specific first; the last one takes all others.
 */
export const EXCEPTION_ROWS: readonly ExceptionRow[] = [
  {
    id: 'P43',
    class: 'python-name-undefined',
    where: 'container log',
    type: /^(?:NameError|UnboundLocalError)$/,
    cause: 'The program uses a name that is not defined at that line.',
    fix: 'Correct the spelling of the name, or import it or assign it before this line.',
    specific: ({ message }) => {
      const name = /(?:name|variable) '(\w{1,80})'/.exec(message)?.[1];
      if (name === undefined) return {};
      const meant = /Did you mean: '([\w.]{1,80})'/.exec(message)?.[1];
      const forgot = /Did you forget to import '([\w.]{1,80})'/.exec(message)?.[1];
      const fix =
        forgot !== undefined
          ? `Add \`import ${forgot}\` to the file.`
          : meant !== undefined
            ? `Write \`${meant}\` in place of \`${name}\` if that is what is meant; otherwise import or assign \`${name}\` before this line.`
            : `Correct the spelling of \`${name}\`, or import it or assign it before this line.`;
      return { cause: `The program uses the name \`${name}\`, which is not defined at that line.`, fix };
    },
    source: '[code] CPython: ceval.c, traceback.py',
  },
  {
    id: 'P44',
    class: 'python-import-failed',
    where: 'container log',
    type: /^(?:ImportError|ModuleNotFoundError)$/,
    cause:
      'A module could not be imported: it is not where Python looks for it, or it fails while it is loaded.',
    fix: 'Add the package to requirements.txt and rebuild the image; `COPY` a module of your own beside the program, import it by its full name, or start the program as a module (`python -m package.train`).',
    source: '[inf] CPython messages',
  },
  {
    id: 'P45',
    class: 'program-file-missing',
    where: 'container log',
    type: /^(?:FileNotFoundError|NotADirectoryError|IsADirectoryError)$/,
    cause: 'The program opens a file or folder that is not there, or is of the other kind.',
    fix: 'Correct the path, or `COPY` the file into the image. Data arrives in /opt/ml/input/data/<channel>; a path that does not begin with / is looked for in the `WORKDIR`.',
    specific: ({ message }) => {
      const path = /['"]([^'"]{1,200})['"]\s{0,2}$/.exec(message)?.[1];
      if (path === undefined) return {};
      const shown = named(path);
      const cause = `The program opens \`${shown}\`, which is not there, or is a folder where a file should be, or the reverse.`;
      if (path.startsWith('/')) return { cause };
      return {
        cause,
        fix: `\`COPY\` \`${shown}\` into the image and open it by its full path: a path that does not begin with / is looked for in the \`WORKDIR\`. Data arrives in /opt/ml/input/data/<channel>.`,
      };
    },
    source: '[doc] the layout of /opt/ml; [inf] CPython messages',
  },
  {
    id: 'P46',
    class: 'program-file-not-permitted',
    where: 'container log',
    type: /^(?:PermissionError|OSError)$/,
    applies: ({ type, message }) => type === 'PermissionError' || message.includes('Read-only file system'),
    cause: 'The program may not read or write a file, or start a program.',
    fix: 'Write to /tmp, /opt/ml/model or /opt/ml/output/data; give the file the right owner and mode in the Dockerfile (`RUN chmod`, `COPY --chown`), or remove `USER`.',
    specific: ({ message }) => {
      const path = /['"]([^'"]{1,200})['"]\s{0,2}$/.exec(message)?.[1];
      return path === undefined ? {} : { cause: `The program may not use \`${named(path)}\`.` };
    },
    source: '[inf] CPython messages',
  },
  {
    id: 'P47',
    class: 'hyperparameter-missing',
    where: 'container log',
    type: /^KeyError$/,
    applies: ({ code }) => HYPERPARAMETERS.test(code),
    cause: 'The program reads a hyperparameter that was not given.',
    fix: 'Add it to `hyperparameters` (one `name=value` a line), or give it a default in the program (`.get(name, default)`).',
    specific: ({ message }, failure) => {
      const name = key(message);
      return {
        cause: `The program reads the hyperparameter \`${name}\`, which was not given.`,
        fix: `Add \`${name}=…\` to ${inputOf(failure, 'hyperparameters')}, or give it a default in the program (\`.get("${name}", …)\`).`,
      };
    },
    source: '[doc] hyperparameters.json',
  },
  {
    id: 'P48',
    class: 'environment-variable-missing',
    where: 'container log',
    type: /^KeyError$/,
    applies: ({ code, file }) => ENVIRONMENT.test(code) || OS_MODULE.test(file),
    cause: 'The program reads an environment variable that is not set.',
    fix: 'Set it with `environment`, or with `ENV` in the Dockerfile, or give it a default in the program (`os.environ.get(name, default)`).',
    specific: ({ message }) => {
      const name = key(message);
      return {
        cause: `The program reads the environment variable \`${name}\`, which is not set.`,
        fix: `Set it with \`environment\` (\`${name}=…\`), or with \`ENV\` in the Dockerfile, or give it a default in the program (\`os.environ.get("${name}", …)\`).`,
      };
    },
    source: '[doc] the platform’s environment',
  },
  {
    id: 'P49',
    class: 'python-key-missing',
    where: 'container log',
    type: /^(?:KeyError|IndexError|LookupError)$/,
    cause: 'The program looks up a key, a column or a position that is not there.',
    fix: 'Compare what the line looks up with what is there: the columns of the data’s header, the names in `hyperparameters`, the fields of the request; or give a default (`.get(name, default)`).',
    specific: ({ type, message }) =>
      type === 'KeyError' && message !== ''
        ? { cause: `The program looks up \`${key(message)}\`, which is not there.` }
        : {},
    source: '[inf] CPython messages',
  },
  {
    id: 'P50',
    class: 'python-attribute-missing',
    where: 'container log',
    type: /^AttributeError$/,
    cause: 'The program uses an attribute or a method that the object does not have.',
    fix: 'Correct the name; when it is right, another version of the package is in the image than the one you wrote for: pin it in requirements.txt.',
    specific: ({ message }) => {
      if (message.includes("'NoneType' object"))
        return {
          cause: 'The program uses an attribute of a value that is `None`.',
          fix: 'Find where the value comes from: a search that found nothing, a setting that was not given, a function without `return`.',
        };
      const [, module, name] = /module '([\w.]{1,80})' has no attribute '(\w{1,80})'/.exec(message) ?? [];
      return module === undefined || name === undefined
        ? {}
        : { cause: `The module \`${module}\` has no \`${name}\`.` };
    },
    source: '[inf] CPython messages',
  },
  {
    id: 'P51',
    class: 'python-type-error',
    where: 'container log',
    type: /^TypeError$/,
    cause:
      'The program calls a function with arguments that it does not take, or computes with values of the wrong type.',
    fix: 'Compare the call with the function’s signature in the version that the image has (pin it in requirements.txt), and convert values first: every hyperparameter arrives as a string.',
    source: '[doc] hyperparameters.json: all values are strings; [inf] CPython messages',
  },
  {
    id: 'P52',
    class: 'python-value-error',
    where: 'container log',
    type: /^(?:ValueError|ZeroDivisionError|OverflowError|FloatingPointError|UnicodeDecodeError|(?:json\.decoder\.|simplejson\.errors\.)?JSONDecodeError|(?:\w{1,40}\.){0,8}(?:ParserError|InvalidParameterError|EmptyDataError))$/,
    cause: 'The program was given a value that it cannot work with.',
    fix: 'Look at the value in the message: it comes from the data of a channel, from a hyperparameter, or from the line’s own computation.',
    source: '[inf] CPython messages',
  },
  {
    id: 'P53',
    class: 'python-assertion-failed',
    where: 'container log',
    type: /^AssertionError$/,
    cause: 'An `assert` of the program, or of a package that it calls, does not hold.',
    fix: 'Read the condition in the traceback’s line: it names what the program takes for granted, and what the data or the settings do not keep.',
    source: '[inf] CPython messages',
  },
  {
    id: 'P54',
    class: 'python-exception',
    where: 'container log',
    type: /^/,
    cause: 'The program raised an exception that it does not handle.',
    fix: 'Follow the traceback to the line of the program that raised it.',
    source: '[inf] CPython: an uncaught exception ends the program with exit code 1',
  },
];
