import {
  ANY,
  ANYTHING,
  list,
  map,
  number,
  type Shape,
  type Structure,
  structure,
  text,
  word,
} from './request-shape.js';

const SHORT = text(1024);
const LONG = text(2048);
const NAME = text(255, 1);

const TRAINING_METRIC = structure({ 'name*': NAME, 'value*': number(), notes: SHORT });
const HYPERPARAMETER = structure({ 'name*': NAME, 'value*': text(255, 1) });
const ENVIRONMENT = structure({ container_image: list(SHORT, 15) });

const METRIC = structure({
  'name*': NAME,
  'type*': word('number', 'string', 'boolean', 'linear_graph', 'bar_chart', 'matrix'),
  // A number, text, a list of numbers or of lists of them, as the type says.
  'value*': ANYTHING,
  notes: SHORT,
  x_axis_name: ANYTHING,
  y_axis_name: ANYTHING,
});

const EVALUATION: Structure = structure({
  'name*': text(63, 1),
  evaluation_observation: text(2096),
  evaluation_job_arn: text(256),
  datasets: list(SHORT, 10),
  metadata: map(ANY, 255, 1024),
  metric_groups: list(structure({ 'name*': text(63, 1), 'metric_data*': list(METRIC) })),
});

/**
 * What the author of a model card may write, [doc] the model-card JSON schema of SageMaker, which takes no other
 * fields; names as the SageMaker SDK's `sagemaker.model_card` has them too.
 */
export const MODEL_CARD_SECTIONS = {
  model_overview: structure({
    model_id: SHORT,
    model_name: SHORT,
    model_description: SHORT,
    model_version: number(1),
    problem_type: SHORT,
    algorithm_type: SHORT,
    model_creator: SHORT,
    model_owner: SHORT,
    model_artifact: list(SHORT, 15),
    inference_environment: ENVIRONMENT,
  }),
  intended_uses: structure({
    purpose_of_model: LONG,
    intended_uses: LONG,
    factors_affecting_model_efficiency: LONG,
    risk_rating: word('High', 'Medium', 'Low', 'Unknown'),
    explanations_for_risk_rating: LONG,
  }),
  business_details: structure({
    business_problem: LONG,
    business_stakeholders: LONG,
    line_of_business: LONG,
  }),
  training_details: structure({
    training_observations: SHORT,
    objective_function: structure({
      function: structure({
        function: word('Maximize', 'Minimize'),
        facet: text(63),
        condition: text(63),
      }),
      notes: SHORT,
    }),
    training_job_details: structure({
      training_arn: SHORT,
      training_datasets: list(SHORT, 15),
      training_environment: ENVIRONMENT,
      training_metrics: list(TRAINING_METRIC, 50),
      user_provided_training_metrics: list(TRAINING_METRIC, 50),
      hyper_parameters: list(HYPERPARAMETER, 100),
      user_provided_hyper_parameters: list(HYPERPARAMETER, 100),
    }),
  }),
  evaluation_details: list(EVALUATION),
  additional_information: structure({
    ethical_considerations: LONG,
    caveats_and_recommendations: LONG,
    custom_details: map(ANY, 255, 1024),
  }),
} as const satisfies Readonly<Record<string, Shape>>;

export type Section = keyof typeof MODEL_CARD_SECTIONS;

export const SECTIONS = Object.keys(MODEL_CARD_SECTIONS) as readonly Section[];

/** The whole of it. */
export const MODEL_CARD_SCHEMA: Structure = {
  kind: 'structure',
  fields: MODEL_CARD_SECTIONS,
  required: [],
};

/** The field of a section that its own text goes into. */
export const MAIN_FIELDS: Readonly<Record<Exclude<Section, 'evaluation_details'>, string>> = {
  model_overview: 'model_description',
  intended_uses: 'intended_uses',
  business_details: 'business_problem',
  training_details: 'training_observations',
  additional_information: 'caveats_and_recommendations',
};

/** Names of the fields of a section; the items of `evaluation_details` have names of their own. */
export const fieldsOf = (section: Section): readonly string[] => {
  const shape = MODEL_CARD_SECTIONS[section];
  return shape.kind === 'structure' ? Object.keys(shape.fields) : [];
};
