import { AwsError } from '../../service.js';

/** What is wrong with a value, each with its place: `/intended_uses/risk_rating: …`. */
type Check = (value: unknown, path: string) => readonly string[];

const says = (path: string, what: string): readonly string[] => [`${path || '/'}: ${what}`];

const text =
  (most?: number, least = 0): Check =>
  (value, path) => {
    if (typeof value !== 'string') return says(path, 'must be a string');
    if (most !== undefined && value.length > most) {
      return says(path, `has ${value.length} characters, at most ${most} are allowed`);
    }
    return value.length < least
      ? says(path, `has ${value.length} characters, at least ${least} are needed`)
      : [];
  };

const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) =>
    typeof value === 'string' && values.includes(value)
      ? []
      : says(path, `must be one of ${values.join(', ')}, not ${JSON.stringify(value)}`);

const number =
  (least = Number.NEGATIVE_INFINITY): Check =>
  (value, path) => {
    if (typeof value !== 'number') return says(path, 'must be a number');
    return value < least ? says(path, `must be at least ${least}, not ${value}`) : [];
  };

const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : says(path, 'must be true or false'));

const list =
  (item: Check, most = Number.POSITIVE_INFINITY, least = 0): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return says(path, 'must be a list');
    if (value.length > most) return says(path, `has ${value.length} items, at most ${most} are allowed`);
    if (value.length < least) return says(path, `has ${value.length} items, at least ${least} are needed`);
    return value.flatMap((entry, index) => item(entry, `${path}/${index}`));
  };

/** @param other what members must be that are not among `members`; absent: there may be none */
const object =
  (members: Readonly<Record<string, Check>>, required: readonly string[] = [], other?: Check): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return says(path, 'must be an object');
    }
    return [
      ...required
        .filter((name) => !Object.hasOwn(value, name))
        .flatMap((name) => says(path, `lacks ${name}`)),
      ...Object.entries(value).flatMap(([name, entry]) => {
        const check = Object.hasOwn(members, name) ? members[name] : other;
        return check === undefined
          ? says(path, `has no member ${name}; it has: ${Object.keys(members).join(', ')}`)
          : check(entry, `${path}/${name}`);
      }),
    ];
  };

const anything: Check = () => [];

const anyOf =
  (...checks: readonly Check[]): Check =>
  (value, path) => {
    const problems = checks.map((check) => check(value, path));
    return problems.some((found) => found.length === 0) ? [] : (problems[0] ?? []);
  };

const images = object({ container_image: list(text(1024), 15) });
const axis = text(63);
const axes = list(axis);

/** @param type of the member `type`, which decides what the value is */
const metric = (type: Check, value: Check, x: Check, y: Check): Check =>
  object({ name: text(255, 1), notes: text(1024), type, value, x_axis_name: x, y_axis_name: y }, [
    'name',
    'type',
    'value',
  ]);
const METRICS: Readonly<Record<string, Check>> = {
  linear_graph: metric(oneOf('linear_graph'), list(list(number(), 2, 2), undefined, 1), axis, axis),
  bar_chart: metric(oneOf('bar_chart'), list(number(), undefined, 1), axes, axis),
  matrix: metric(oneOf('matrix'), list(list(number(), 20, 1), 20, 1), axes, axes),
};
const simpleMetric = metric(
  oneOf('number', 'string', 'boolean', ...Object.keys(METRICS)),
  anyOf(number(), text(63), flag),
  axis,
  axis,
);
const evaluationMetric: Check = (value, path) =>
  (METRICS[String((value as { readonly type?: unknown } | null)?.type)] ?? simpleMetric)(value, path);

const trainingMetrics = list(
  object({ name: text(255, 1), notes: text(1024), value: number() }, ['name', 'value']),
  50,
);
const hyperParameters = (least: number, ...required: readonly string[]) =>
  list(object({ name: text(255, 1), value: text(255, least) }, ['name', ...required]), 100);

/** What a card of its own and the card of a model package have in common. */
const sections = (parameters: Check) => ({
  intended_uses: object({
    purpose_of_model: text(2048),
    intended_uses: text(2048),
    factors_affecting_model_efficiency: text(2048),
    risk_rating: oneOf('High', 'Medium', 'Low', 'Unknown'),
    explanations_for_risk_rating: text(2048),
  }),
  business_details: object({
    business_problem: text(2048),
    business_stakeholders: text(2048),
    line_of_business: text(2048),
  }),
  training_details: object({
    objective_function: object({
      function: object({ function: oneOf('Maximize', 'Minimize'), facet: text(63), condition: text(63) }),
      notes: text(1024),
    }),
    training_observations: text(1024),
    training_job_details: object({
      training_arn: text(1024),
      training_datasets: list(text(1024), 15),
      training_environment: images,
      training_metrics: trainingMetrics,
      user_provided_training_metrics: trainingMetrics,
      hyper_parameters: parameters,
      user_provided_hyper_parameters: parameters,
    }),
  }),
  evaluation_details: list(
    object(
      {
        name: text(63, 1),
        evaluation_observation: text(2096),
        evaluation_job_arn: text(256),
        datasets: list(text(1024), 10),
        metadata: object({}, [], text(1024)),
        metric_groups: list(
          object(
            { name: text(63, 1), metric_data: list(evaluationMetric) },
            ['name', 'metric_data'],
            anything,
          ),
        ),
      },
      ['name'],
    ),
  ),
  additional_information: object({
    ethical_considerations: text(2048),
    caveats_and_recommendations: text(2048),
    custom_details: object({}, [], text(1024)),
  }),
});

/**
 * A model card of its own: the schema in the SageMaker Python SDK (sagemaker-core, model_card_schema.json), with
 * the members of `model_overview` and `model_package_details` that version 2 of the SDK and CloudFormation have too.
 */
export const cardSchema: Check = object({
  model_overview: object({
    model_id: text(1024),
    model_name: text(1024),
    model_description: text(1024),
    model_version: number(1),
    problem_type: text(),
    algorithm_type: text(1024),
    model_creator: text(1024),
    model_owner: text(1024),
    model_artifact: list(text(1024), 15),
    inference_environment: images,
  }),
  model_package_details: object({
    model_package_description: text(1024),
    model_package_arn: text(2048, 1),
    created_by: object({ user_profile_name: text(63) }),
    model_package_status: oneOf('Pending', 'InProgress', 'Completed', 'Failed', 'Deleting'),
    model_approval_status: oneOf('Approved', 'Rejected', 'PendingManualApproval'),
    approval_description: text(1024),
    model_package_group_name: text(63),
    model_package_name: text(63),
    model_package_version: number(1),
    domain: text(),
    task: text(),
    source_algorithms: list(
      object({ algorithm_name: text(170), model_data_url: text(1024) }, ['algorithm_name']),
      1,
      1,
    ),
    inference_specification: object(
      {
        containers: list(
          object({ image: text(255), model_data_url: text(1024), nearest_model_name: text() }, ['image']),
          15,
          1,
        ),
      },
      ['containers'],
    ),
  }),
  ...sections(hyperParameters(0)),
});

/** The card inside a model package: "Model package model card schema" in the SageMaker developer guide. */
export const packageCardSchema: Check = object({
  model_overview: object({ model_creator: text(1024), model_artifact: list(text(1024), 15) }),
  ...sections(hyperParameters(1, 'value')),
});

/**
 * @param content of a request: a JSON string
 * @throws AwsError ValidationException that names every wrong member; the wording is ours
 */
export function validateCard(content: string, schema: Check): void {
  let card: unknown;
  try {
    card = JSON.parse(content);
  } catch {
    throw new AwsError('ValidationException', 'The content of the model card is not JSON.');
  }
  const problems = schema(card, '');
  if (problems.length > 0) {
    throw new AwsError(
      'ValidationException',
      `The content of the model card does not satisfy the model card JSON schema: ${problems.join('; ')}`,
    );
  }
}
