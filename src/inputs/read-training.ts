import type { InputMode, TrainingPlan } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { readEnvironment } from './limited-maps.js';
import { COMMAND, characters, LINE_END } from './limits.js';
import { parseMetricDefinitions } from './metric-definitions.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';
import { parseBoolean, parseChoice } from './quantities.js';

/** What a training job gives its container. */
export function readTraining(inputs: Inputs): TrainingPlan {
  const entrypoint = readCommand(inputs('entrypoint'), true);
  const args = readCommand(inputs('arguments'), false);
  // What is wrong with the type is said where the platform is decided.
  const type = inputs('instance-type').text.trim();
  return {
    instanceType: type === '' ? 'ml.m5.xlarge' : type,
    inputMode: parseChoice<InputMode>(inputs('input-mode'), ['File', 'FastFile', 'Pipe'], 'File', suggestion),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(args === undefined ? {} : { arguments: args }),
    environment: readEnvironment(inputs('environment')),
    metricDefinitions: parseMetricDefinitions(inputs('metric-definitions')),
    networkIsolation: parseBoolean(inputs('network-isolation'), false),
    toolkitEnvironment: parseBoolean(inputs('toolkit-environment'), false),
  };
}

function readCommand(field: Field, isProgram: boolean): readonly string[] | undefined {
  if (!field.given) return undefined;
  const { items, form } = parseList(field);
  if (items.length === 0 || items.length > COMMAND.items) {
    field.problem(
      `SageMaker takes 1 to ${COMMAND.items} words; these are ${items.length}.`,
      'Write one word a line.',
      '',
    );
  }
  for (const [index, item] of items.entries()) {
    if (characters(item) > COMMAND.item) {
      field.problem(`A word has at most ${COMMAND.item} characters.`, 'Move long values into a file.', item);
    }
    if (LINE_END.test(item)) {
      field.problem(
        'A word of a container’s command is one line in SageMaker.',
        'Move the lines into a file.',
        item,
      );
    }
    // No shell splits these words: `--epochs 3` in one line would reach the program as one argument. In a YAML
    // list the writer put the limits of a word himself.
    const looksUnsplit = isProgram && index === 0 ? /\S\s+\S/ : /^--?[A-Za-z][\w-]*\s+\S/;
    if (form === 'lines' && looksUnsplit.test(item)) {
      const words = item.split(/\s+/).map((word) => JSON.stringify(word));
      field.problem(
        'Are several words in one line; they would reach the container as a single one.',
        `Write one word a line, or a list: \`[${words.join(', ')}]\`. If it is one word, put it into such a list.`,
        item,
      );
    }
  }
  return items;
}
