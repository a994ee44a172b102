import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { resourceConfigJson } from '../../../src/contract/opt-ml.js';
import { type ToolkitRequest, toolkitEnvironment } from '../../../src/contract/toolkit-environment.js';
import { temporaryFolder } from '../inputs/workspace.js';

const request = (changes: Partial<ToolkitRequest> = {}): ToolkitRequest => ({
  entrypoint: ['python', 'train.py'],
  hyperparameters: new Map([['epochs', '10']]),
  channels: ['train', 'test'],
  inputMode: 'File',
  hostCount: 2,
  instanceType: 'ml.c5.xlarge',
  environment: new Map(),
  ...changes,
});
const withHyperparameters = (entries: Readonly<Record<string, string>>) =>
  toolkitEnvironment(request({ hyperparameters: new Map(Object.entries(entries)) }));

/**
 * What sagemaker-training 5.1.4 gave the same job (`Environment().to_env_vars()`, its base folder /opt/ml), but
 * for what only the instance knows: SM_CURRENT_HOST, SM_RESOURCE_CONFIG, SM_NUM_*.
 */
const TOOLKIT: Readonly<Record<string, string>> = {
  SM_CHANNELS: '["test","train"]',
  SM_CHANNEL_TEST: '/opt/ml/input/data/test',
  SM_CHANNEL_TRAIN: '/opt/ml/input/data/train',
  SM_CURRENT_INSTANCE_GROUP: 'homogeneousCluster',
  SM_CURRENT_INSTANCE_GROUP_HOSTS: '["algo-1","algo-2"]',
  SM_CURRENT_INSTANCE_TYPE: 'ml.c5.xlarge',
  SM_DISTRIBUTION_INSTANCE_GROUPS: '[]',
  SM_HOSTS: '["algo-1","algo-2"]',
  SM_HPS: '{"epochs":10}',
  SM_HP_EPOCHS: '10',
  SM_INPUT_CONFIG_DIR: '/opt/ml/input/config',
  SM_INPUT_DATA_CONFIG:
    '{"test":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"},' +
    '"train":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"}}',
  SM_INPUT_DIR: '/opt/ml/input',
  SM_INSTANCE_GROUPS: '["homogeneousCluster"]',
  SM_INSTANCE_GROUPS_DICT:
    '{"homogeneousCluster":{"hosts":["algo-1","algo-2"],"instance_group_name":"homogeneousCluster","instance_type":"ml.c5.xlarge"}}',
  SM_IS_HETERO: 'false',
  SM_LOG_LEVEL: '20',
  SM_MODEL_DIR: '/opt/ml/model',
  SM_MODULE_DIR: '/opt/ml/code',
  SM_NETWORK_INTERFACE_NAME: 'eth0',
  SM_OUTPUT_DATA_DIR: '/opt/ml/output/data',
  SM_OUTPUT_DIR: '/opt/ml/output',
  SM_OUTPUT_INTERMEDIATE_DIR: '/opt/ml/output/intermediate',
  SM_USER_ARGS: '["--epochs","10"]',
};

/** hyperparameter → SM_HP_* and the argument, as the toolkit of the same version makes them. */
const VALUES: readonly (readonly [value: string, variable: string, argument: string])[] = [
  ['10', '10', '10'],
  ['1.0', '1.0', '1.0'],
  ['1e-5', '1e-05', '1e-05'],
  ['12345678901234567890', '12345678901234567890', '12345678901234567890'],
  ['true', 'true', 'True'],
  ['false', 'false', 'False'],
  ['null', '', ''],
  ['', '', ''],
  ['adam', 'adam', 'adam'],
  ['"adam"', 'adam', 'adam'],
  ['007', '007', '007'],
  ['größe', 'größe', 'größe'],
  ['-Infinity', '-Infinity', '-inf'],
  ['[1, 2.50, "it\'s", null, true]', '[1,2.5,"it\'s",null,true]', '[1, 2.5, "it\'s", None, True]'],
  [
    '{"b": 1, "a": ["x"], "c": null, "d": {"z": 1.0, "y": true}}',
    '{"a":["x"],"b":1,"c":null,"d":{"y":true,"z":1.0}}',
    "a=['x'],b=1,c=None,d={'z': 1.0, 'y': True}",
  ],
];

describe('The environment is the one that sagemaker-training-toolkit makes', () => {
  test('in names and formats', () => {
    const { environment, omitted } = toolkitEnvironment(request());
    expect(Object.fromEntries([...environment].sort())).toEqual(TOOLKIT);
    expect(omitted).toEqual([]);
  });

  test.each(VALUES)('for a hyperparameter %j', (value, variable, argument) => {
    const made = withHyperparameters({ x1: value });
    expect(made.environment.get('SM_HP_X1')).toBe(variable);
    expect(made.arguments).toEqual(['--x1', argument]);
  });

  test('in the order of the arguments, and the dash of a short name', () => {
    const { arguments: words, environment } = withHyperparameters({
      zeta: '1',
      k: '3',
      Z: 'upper',
      alpha_beta: '2',
    });
    expect(words).toEqual(['-Z', 'upper', '--alpha_beta', '2', '-k', '3', '--zeta', '1']);
    expect(environment.get('SM_USER_ARGS')).toBe('["-Z","upper","--alpha_beta","2","-k","3","--zeta","1"]');
    expect(environment.get('SM_HPS')).toBe('{"Z":"upper","alpha_beta":2,"k":3,"zeta":1}');
  });

  test('without the hyperparameters that are the toolkit’s own', () => {
    const made = withHyperparameters({ sagemaker_program: 'train.py', epochs: '1' });
    expect(made.arguments).toEqual(['--epochs', '1']);
    expect(made.environment.get('SM_HPS')).toBe('{"epochs":1}');
    expect([...made.environment.keys()].join()).not.toContain('SAGEMAKER');
  });

  test('with hosts sorted as text', () => {
    const { environment } = toolkitEnvironment(request({ hostCount: 11 }));
    expect(environment.get('SM_HOSTS')).toMatch(/^\["algo-1","algo-10","algo-11","algo-2",/);
  });

  test('in Pipe mode too', () => {
    const { environment } = toolkitEnvironment(request({ inputMode: 'Pipe' }));
    expect(environment.get('SM_INPUT_DATA_CONFIG')).toContain('"TrainingInputMode":"Pipe"');
  });
});

describe('What the request cannot carry', () => {
  test('is left out and named: names with other characters', () => {
    const {
      environment,
      omitted,
      arguments: words,
    } = toolkitEnvironment(
      request({ channels: ['my-data'], hyperparameters: new Map([['learning-rate', '0.1']]) }),
    );
    expect([...environment.keys()].filter((name) => /-/.test(name))).toEqual([]);
    expect(omitted).toEqual([
      'SM_CHANNEL_MY-DATA: the request takes only letters, digits and _ in names',
      'SM_HP_LEARNING-RATE: the request takes only letters, digits and _ in names',
    ]);
    // The program gets it all the same.
    expect(words).toEqual(['--learning-rate', '0.1']);
  });

  test('is left out and named: values of more than 512 characters', () => {
    const fits = withHyperparameters({ note: 'x'.repeat(200) });
    expect(fits.omitted).toEqual([]);
    const { environment, omitted } = toolkitEnvironment(
      request({ hyperparameters: new Map([['note', 'x'.repeat(513)]]), arguments: [] }),
    );
    expect(environment.has('SM_HP_NOTE')).toBe(false);
    expect(omitted).toContain('SM_HP_NOTE: 513 characters, the request takes 512');
    expect(
      toolkitEnvironment(
        request({ hyperparameters: new Map([['note', 'x'.repeat(512)]]), arguments: [] }),
      ).environment.get('SM_HP_NOTE'),
    ).toHaveLength(512);
  });

  test('is left out and named: arguments of more than 256 characters, and more than 100 of them', () => {
    const long = withHyperparameters({ note: 'x'.repeat(257), epochs: '1' });
    expect(long.arguments).toEqual(['--epochs', '1']);
    expect(long.omitted).toContain('argument --note: 257 characters, the request takes 256');
    const many = toolkitEnvironment(
      request({ hyperparameters: new Map(Array.from({ length: 51 }, (_, at) => [`h${at + 100}`, '1'])) }),
    );
    expect(many.arguments).toHaveLength(100);
    expect(many.omitted).toContain('argument --h150: the request takes 100 words');
  });

  test('is left out and named: more than 100 variables, of which the user’s own come first', () => {
    const own = new Map(Array.from({ length: 98 }, (_, at) => [`OWN_${at}`, '1']));
    const { environment, omitted } = toolkitEnvironment(request({ environment: own }));
    expect(environment.size).toBe(100);
    expect([...own.keys()].every((name) => environment.has(name))).toBe(true);
    expect(omitted).toHaveLength(Object.keys(TOOLKIT).length - 2);
    expect(omitted[0]).toMatch(/^SM_\w+: the request takes 100 variables$/);
  });

  test('never is a variable that the user set: that one wins', () => {
    const { environment } = toolkitEnvironment(
      request({ environment: new Map([['SM_MODEL_DIR', '/elsewhere']]) }),
    );
    expect(environment.get('SM_MODEL_DIR')).toBe('/elsewhere');
  });
});

describe('The command', () => {
  test('is the image’s or the request’s program behind a shell, or `train` from PATH', () => {
    const { entrypoint } = toolkitEnvironment(request());
    expect(entrypoint.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(entrypoint.slice(-2)).toEqual(['python', 'train.py']);
    expect(toolkitEnvironment(request({ entrypoint: [] })).entrypoint.at(-1)).toBe('train');
  });

  test('has the request’s own arguments in place of the hyperparameters', () => {
    const made = toolkitEnvironment(request({ arguments: ['--fast'] }));
    expect(made.arguments).toEqual(['--fast']);
    expect(made.environment.get('SM_USER_ARGS')).toBe('["--fast"]');
  });

  test('has no arguments at all when there are none: the API takes no empty list', () => {
    expect(toolkitEnvironment(request({ hyperparameters: new Map() }))).not.toHaveProperty('arguments');
  });

  test('keeps to what CreateTrainingJob takes: at most 256 characters an item', () => {
    for (const item of toolkitEnvironment(request()).entrypoint) {
      expect([item, item.length]).toEqual([item, expect.any(Number)]);
      expect(item.length).toBeLessThanOrEqual(256);
      expect(item).not.toContain('\n');
    }
  });
});

/** Shells of this machine that an image's /bin/sh may be. */
const SHELLS = [['sh'], ['dash'], ['bash', '--norc', '--posix'], ['busybox', 'sh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', ':']).status === 0,
);

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))(
  'Run by %s, the command',
  (_, shell) => {
    /** Runs it with this resourceconfig.json, and tells what the program got. */
    function run(
      resourceConfig: string | undefined,
      program: readonly string[],
      args: readonly string[] = [],
    ) {
      const folder = temporaryFolder();
      if (resourceConfig !== undefined) {
        writeFileSync(join(folder, 'resourceconfig.json'), resourceConfig);
      }
      const { entrypoint } = toolkitEnvironment(request({ entrypoint: program }));
      const [, ...words] = entrypoint.map((word) => word.replaceAll('/opt/ml/input/config', folder));
      const [interpreter = '', ...options] = shell;
      return execFileSync(interpreter, [...options, ...words, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], KEPT: 'as it was' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    }

    const config = resourceConfigJson('algo-2', ['algo-1', 'algo-2'], 'ml.c5.xlarge');

    test.each([
      ['as the platform writes it', config],
      ['with a newline at its end', `${config}\n`],
      ['with blanks behind the colons', config.replaceAll('":', '": ')],
    ])('says which host it is, from a file %s', (_form, text) => {
      const lines = run(text, ['env']).split('\n');
      expect(lines).toContain('SM_CURRENT_HOST=algo-2');
      expect(lines).toContain('CURRENT_HOST=algo-2');
      expect(lines).toContain(`SM_RESOURCE_CONFIG=${text.trim()}`);
      expect(lines).toContain('SM_NUM_NEURONS=0');
      expect(lines.find((line) => line.startsWith('SM_NUM_CPUS='))).toMatch(/=[1-9]\d*$/);
      expect(lines.find((line) => line.startsWith('SM_NUM_GPUS='))).toMatch(/=\d+$/);
      expect(lines).toContain('KEPT=as it was');
    });

    test('hands arguments on as they are, and none of its own', () => {
      const args = ['--name', 'two words', '--glob', '*', '--money', '$HOME', '--quote', `"'`, '--empty', ''];
      expect(run(config, ['printf', '[%s]\\n'], args).split('\n').slice(0, -1)).toEqual(
        args.map((arg) => `[${arg}]`),
      );
    });

    test('is replaced by the program, so that signals reach it', () => {
      const parent = run(config, ['sh', '-c', 'echo $PPID']).trim();
      expect(parent).toBe(`${process.pid}`);
    });

    test('starts the program also where the file cannot be read', () => {
      expect(run(undefined, ['printf', 'started'])).toBe('started');
    });
  },
);

test('At least one shell was there to try', () => {
  expect(SHELLS.length).toBeGreaterThan(0);
});
