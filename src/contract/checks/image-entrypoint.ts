import { type CheckDefinition, failed, passed } from './check.js';

const SHELLS = /^(\/usr)?(\/bin\/)?(ba|da|a|z)?sh$/;

export const imageEntrypoint: CheckDefinition = {
  id: 'image-entrypoint',
  group: 'image',
  severity: 'warning',
  title: 'The ENTRYPOINT has the exec form and is not tini',
  proves: 'The program gets the argument `train` or `serve`, and the signals that SageMaker sends.',
  why: 'With the shell form the program runs under `/bin/sh -c`: the argument is not passed to it and SIGTERM does not reach it. AWS asks not to use tini, which “gets confused by the train and serve arguments”.',
  fix: 'Write ENTRYPOINT as a JSON array, for example `ENTRYPOINT ["python", "/opt/program/main.py"]`, without tini.',
  source: '[doc] your-algorithms-training-algo-dockerfile.md, your-algorithms-inference-code.md',
  judged: 'always',
  judge({ image }) {
    const [program = '', ...words] = image.entrypoint;
    const shown = JSON.stringify(image.entrypoint);
    if (program === '') {
      return passed('The image has no ENTRYPOINT: `train` and `serve` are looked up on PATH.');
    }
    // The option -c may come after others: SHELL ["/bin/bash", "-o", "pipefail", "-c"].
    if (SHELLS.test(program) && words.slice(0, -1).some((word) => /^-[a-z]*c$/.test(word))) {
      return failed(`ENTRYPOINT has the shell form: ${shown}.`);
    }
    if (/(^|\/)tini(-static)?$/.test(program)) {
      return failed(`ENTRYPOINT starts tini: ${shown}.`);
    }
    return passed(`ENTRYPOINT ${shown}.`);
  },
};
