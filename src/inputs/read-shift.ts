import type { ShiftPlan, Stage } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { checkEntityName } from './entity-names.js';
import type { Inputs } from './fields.js';
import { ENDPOINT_TIMEOUT_SECONDS, SHIFT_INTERVAL_SECONDS, SHIFT_STEPS } from './limits.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { parseDuration, parseInteger, parseNumber } from './quantities.js';
import { requiredName } from './read-endpoint.js';
import type { Variants } from './read-variants.js';
import { parseShiftGates } from './shift-gates.js';

/** What the inputs of a shift are checked against. */
export interface ShiftSurroundings {
  readonly stages: readonly Stage[];
  /** Of `endpoint-name`. */
  readonly name: string | undefined;
  /** Of `rollback-alarms`. */
  readonly alarms: readonly string[];
  readonly variants: Variants;
}

const DEFAULT_INTERVAL = 300;
const DEFAULT_TIMEOUT = 3600;

/**
 * How the traffic moves between the variants of a live endpoint.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readShift(
  inputs: Inputs,
  { stages, name, alarms, variants }: ShiftSurroundings,
): ShiftPlan | undefined {
  const runs = stages.includes('shift');
  const field = inputs('shift-weights');
  if (runs && !field.given) {
    field.problem(
      'The stage `shift` needs the weights to reach.',
      'Set `shift-weights`, for example `blue=0` and `green=1` on two lines.',
    );
  }
  const weights = readWeights(field);
  if (runs && stages.includes('deploy') && inputs('variants').given) {
    checkVariants(
      field,
      weights,
      variants.drafts.map((draft) => draft.name),
    );
  }
  const steps = parseInteger(inputs('shift-steps'), SHIFT_STEPS, 1);
  const intervalSeconds = parseDuration(inputs('shift-interval'), SHIFT_INTERVAL_SECONDS, DEFAULT_INTERVAL);
  const gates = parseShiftGates(inputs('shift-gates'));
  if (!runs) return undefined;
  const waiting = steps * intervalSeconds;
  const timeout = inputs('endpoint-timeout');
  const limits = { min: 1, max: ENDPOINT_TIMEOUT_SECONDS.max };
  // What is wrong with it by itself is said with the endpoint.
  const timeoutSeconds = timeout.failed
    ? DEFAULT_TIMEOUT
    : parseDuration(timeout, limits, DEFAULT_TIMEOUT + waiting);
  if (timeout.given && !timeout.failed && timeoutSeconds <= waiting) {
    timeout.problem(
      `Is over before the steps of \`shift-steps\` are (${steps} × ${intervalSeconds} s).`,
      `Set more than ${waiting} seconds.`,
    );
  }
  return {
    endpointName: requiredName(inputs, name, 'shift'),
    weights,
    steps,
    intervalSeconds,
    alarms,
    gates,
    timeoutSeconds,
  };
}

function readWeights(field: Field): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const [name, text] of parseMap(field, { trim: true })) {
    checkEntityName(field, name, 'a variant');
    const part = field.part(name, text);
    if (text === '')
      part.problem('The variant has no weight.', 'Write for example `1`, or `0` for none of the traffic.');
    weights.set(name, parseNumber(part, { min: 0, max: 1_000_000 }, 0));
  }
  if (weights.size > 0 && !field.failed && [...weights.values()].every((weight) => weight === 0)) {
    field.problem('No variant would get any traffic.', 'Give one of them a weight above 0.');
  }
  return weights;
}

function checkVariants(field: Field, weights: ReadonlyMap<string, number>, names: readonly string[]): void {
  for (const name of weights.keys()) {
    if (names.includes(name)) continue;
    field.problem(
      '`variants` has no variant of this name.',
      `${suggestion(name, names)}It has ${names.map((one) => `\`${one}\``).join(', ')}.`,
      name,
    );
  }
}
