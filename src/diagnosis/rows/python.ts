import type { CatalogueRow } from '../row.js';
import { named } from '../text.js';

/** Packages whose name is not the module's; for all others the guess is the module's own name. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['sklearn', 'scikit-learn'],
  ['cv2', 'opencv-python-headless'],
  ['PIL', 'pillow'],
  ['yaml', 'PyYAML'],
  ['skimage', 'scikit-image'],
  ['bs4', 'beautifulsoup4'],
  ['dateutil', 'python-dateutil'],
  ['dotenv', 'python-dotenv'],
  ['sagemaker_training', 'sagemaker-training'],
  ['sagemaker_inference', 'sagemaker-inference'],
  ['multipart', 'python-multipart'],
  ['google', 'the google-… package that you use'],
]);

/** What Python's imports and native libraries say; nothing of it is SageMaker's own. */
export const PYTHON_ROWS: readonly CatalogueRow[] = [
  {
    id: 'P21',
    class: 'python-module-missing',
    where: 'container log',
    pattern:
      /(?:ModuleNotFoundError|ImportError): No module named ['"]?([\w.-]+)|: No module named ([\w.-]+)$/,
    cause: 'A Python module that the program imports is not in the image.',
    fix: 'Add its package to what the image installs (its requirements file, or `pip install` in the Dockerfile) and rebuild the image. When it is a file of yours, `COPY` it into the image and set `PYTHONPATH` or `WORKDIR` so that Python finds it.',
    specific: (groups) => {
      const module = named(groups[1] ?? groups[2], 80);
      const top = module.split('.')[0] ?? module;
      const known = PACKAGES.get(top) ?? top;
      return {
        cause: `The Python module \`${module}\` is not in the image, or not where Python looks for it.`,
        fix: `Add ${known.startsWith('the ') ? known : `\`${known}\``} to what the image installs (its requirements file, or \`pip install\` in the Dockerfile) and rebuild the image. When \`${top}\` is a file or folder of yours, \`COPY\` it into the image and set \`PYTHONPATH\` or \`WORKDIR\` so that Python finds it.`,
      };
    },
    source: '[code] toolkit errors.py quotes it; CPython message',
  },
  {
    id: 'P22',
    class: 'python-import-mismatch',
    where: 'container log',
    pattern: /ImportError: cannot import name ['"]?(\w+)['"]?(?: from ['"]?([\w.]+))?/,
    cause:
      'A Python module was found and lacks a name that is imported from it: its version does not fit, or a file of yours hides it.',
    fix: 'Pin versions that fit each other in requirements.txt, and give your own files names that no package has.',
    specific: (groups) => ({
      cause: `${groups[2] === undefined ? 'A module' : `The module \`${named(groups[2], 80)}\``} has no \`${named(groups[1], 60)}\`: its version does not fit the code that imports it, or a file of yours hides it.`,
    }),
    source: '[inf] CPython message',
  },
  {
    id: 'P23',
    class: 'numpy-abi-mismatch',
    where: 'container log',
    pattern:
      /numpy\.dtype size changed|compiled using NumPy 1\.x cannot be run in|module compiled against (?:ABI|API) version|numpy\.core\.multiarray failed to import/,
    cause: 'A compiled package was built against another major version of NumPy than the image has.',
    fix: 'Pin NumPy in requirements.txt (`numpy<2` for older packages), or upgrade the package that was built against the old one.',
    source: '[inf] NumPy’s messages',
  },
  {
    id: 'P24',
    class: 'shared-library-missing',
    where: 'container log',
    pattern:
      /([\w.+-]+\.so[\d.]*): cannot open shared object file|version [`'"]((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)['"`] not found|Error loading shared library ([\w.+-]+\.so[\d.]*)/,
    cause: 'A native library that a package needs is not in the image, or is too old.',
    fix: 'Install the system package that holds it (for example `apt-get install -y libgomp1 libgl1`), or use a newer base image.',
    specific: (groups) => {
      if (groups[2] !== undefined)
        return {
          cause: `A binary needs \`${named(groups[2], 40)}\`, which is newer than the image’s C or C++ library.`,
          fix: 'Use a newer base image, or install the packages inside this image rather than copying them from another one.',
        };
      return { cause: `The native library \`${named(groups[1] ?? groups[3], 80)}\` is not in the image.` };
    },
    source: '[inf] messages of the dynamic loader',
  },
  {
    id: 'P25',
    class: 'python-syntax-error',
    where: 'container log',
    pattern: /(?:^|\s)((?:SyntaxError|IndentationError|TabError): .+)$/,
    cause: 'Python cannot parse a file of the program.',
    fix: 'Correct the line; when it is right for your Python, the image’s is older: compare `python --version` in the image.',
    source: '[inf] CPython message',
  },
];
