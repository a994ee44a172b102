import type { ModelCardPlan, SourceRecord } from '../../plan.js';
import { tagValue } from '../pinning-tags.js';
import type { TrainingFacts } from './trained-by.js';

/** What the run knows of a model, for its card. */
export interface CardFacts {
  readonly source: SourceRecord;
  readonly group: string;
  readonly imageUri: string;
  readonly modelArtifacts: string;
  readonly metricsReport?: string;
  readonly training?: TrainingFacts;
}

/** The version that a card is about, once there is one. */
export interface CardVersion {
  readonly arn: string;
  readonly version?: number;
  readonly approvalStatus: string;
  /** ISO 8601. */
  readonly registeredAt: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Limits of the model-card schema. [doc] model cards, JSON schema */
const LONGEST = { field: 1024, name: 255, value: 255, card: 100_000 };
const MOST = { datasets: 15, metrics: 50, hyperparameters: 100 };

/**
 * The card of the group: the author's sections word for word, with what the run knows filled in. Where both say
 * something of the same fact (which image, which artifact, which data) the run is right; everything else is the
 * author's.
 *
 * @returns JSON by the model-card schema
 */
export function cardContent(card: ModelCardPlan, facts: CardFacts, version: CardVersion): string {
  const author = card.content;
  const overview = sectionOf(author, 'model_overview');
  // A card is tied to a model package or to a model of another kind, not to both.
  const tied = overview['model_id'] === undefined;
  return JSON.stringify({
    ...author,
    model_overview: {
      model_name: facts.group.slice(0, LONGEST.field),
      ...creator(facts),
      ...overview,
      ...(version.version !== undefined && { model_version: version.version }),
      model_artifact: [facts.modelArtifacts.slice(0, LONGEST.field)],
      inference_environment: { container_image: [facts.imageUri.slice(0, LONGEST.field)] },
    },
    ...common(author, facts, version),
    ...(tied && {
      model_package_details: {
        model_package_arn: version.arn,
        model_package_group_name: facts.group,
        ...(version.version !== undefined && { model_package_version: version.version }),
        model_approval_status: version.approvalStatus,
      },
    }),
  });
}

/**
 * The card inside of the version itself: the same, as far as its smaller schema goes.
 *
 * @returns JSON by the model-package model-card schema
 */
export function packageCardContent(card: ModelCardPlan, facts: CardFacts): string {
  const { model_overview: _, model_package_details: __, ...author } = card.content;
  const overview = sectionOf(card.content, 'model_overview');
  return JSON.stringify({
    ...author,
    model_overview: {
      ...creator(facts),
      ...(typeof overview['model_creator'] === 'string' && { model_creator: overview['model_creator'] }),
      model_artifact: [facts.modelArtifacts.slice(0, LONGEST.field)],
    },
    ...common(author, facts),
  });
}

/** Whether the API takes a card of this length. */
export const fitsCard = (content: string): boolean => content.length <= LONGEST.card;

const creator = ({ source }: CardFacts): Json =>
  source.actor === undefined ? {} : { model_creator: source.actor.slice(0, LONGEST.field) };

/** The sections that both kinds of cards have. */
function common(author: Json, facts: CardFacts, version?: CardVersion): Json {
  const { training } = facts;
  const details = sectionOf(author, 'training_details');
  const additional = sectionOf(author, 'additional_information');
  const evaluation = training === undefined ? undefined : evaluationOf(training, facts);
  return {
    ...(training !== undefined && {
      training_details: {
        ...details,
        training_job_details: {
          ...sectionOf(details, 'training_job_details'),
          ...jobDetails(training, facts),
        },
      },
    }),
    ...(evaluation !== undefined && {
      evaluation_details: [...listOf(author['evaluation_details']), evaluation],
    }),
    additional_information: {
      ...additional,
      custom_details: { ...sectionOf(additional, 'custom_details'), ...provenance(facts, version) },
    },
  };
}

function jobDetails(training: TrainingFacts, { imageUri }: CardFacts): Json {
  const { arn, channels, metrics, hyperparameters, image } = training;
  return {
    ...(arn !== '' && { training_arn: arn.slice(0, LONGEST.field) }),
    ...(channels.length > 0 && {
      training_datasets: channels.slice(0, MOST.datasets).map(({ uri }) => uri.slice(0, LONGEST.field)),
    }),
    training_environment: { container_image: [(image ?? imageUri).slice(0, LONGEST.field)] },
    ...(metrics.length > 0 && { training_metrics: metrics.slice(0, MOST.metrics).map(metricOf) }),
    ...(hyperparameters.size > 0 && {
      hyper_parameters: [...hyperparameters]
        .filter(([name, value]) => name !== '' && value !== '')
        .slice(0, MOST.hyperparameters)
        .map(([name, value]) => ({ name: short(name, LONGEST.name), value: short(value, LONGEST.value) })),
    }),
  };
}

const metricOf = ({ name, value }: { readonly name: string; readonly value: number }) => ({
  name: short(name, LONGEST.name),
  value,
});

/** The job's metrics as an evaluation, with its gates, and what it was compared with. */
function evaluationOf(training: TrainingFacts, { metricsReport }: CardFacts): Json | undefined {
  const { name, arn, metrics, gates, baseline } = training;
  if (metrics.length === 0) return undefined;
  const group = (title: string, values: TrainingFacts['metrics']) => ({
    name: title,
    metric_data: values.map((metric) => ({ ...metricOf(metric), type: 'number' })),
  });
  return {
    name: `Metrics of ${name}`.slice(0, 63),
    ...(arn.length > 0 && arn.length <= 256 && { evaluation_job_arn: arn }),
    metric_groups: [
      group('final metrics', metrics),
      ...(baseline === undefined ? [] : [group('baseline', baseline.metrics)]),
    ],
    metadata: Object.fromEntries(
      [
        ...gates.map(({ metric, operator, value, actual, passed }, index) => [
          `gate_${index + 1}`,
          `${metric} ${operator} ${value}: ${passed ? 'passed' : 'failed'} (${actual ?? 'no value'})`,
        ]),
        ...(baseline === undefined ? [] : [['baseline', `${baseline.jobName} of ${baseline.ref}`]]),
        ...(metricsReport === undefined ? [] : [['metrics_report', metricsReport]]),
      ].map(([key, value]) => [key, short(String(value), LONGEST.field)]),
    ),
  };
}

/** Who, when, which code, which run. */
function provenance({ source, imageUri, group, training }: CardFacts, version?: CardVersion): Json {
  const { repository, commit, ref, runUrl, actor, workflow } = source;
  const entries: Readonly<Record<string, string | undefined>> = {
    repository,
    commit,
    ref,
    workflow,
    run_url: runUrl,
    registered_by: actor,
    registered_at: version?.registeredAt,
    image: imageUri,
    training_job: training?.name,
    training_data: training?.channels.map(({ name, uri }) => `${name}: ${uri}`).join('\n'),
    model_package_group: group,
    model_package_arn: version?.arn,
    approval_status: version?.approvalStatus,
  };
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) => (value ? [[name, short(value, LONGEST.field)]] : [])),
  );
}

/** An object member; empty when there is none. A member of another kind is the API's to refuse. */
function sectionOf(content: Json, name: string): Json {
  const section: unknown = content[name];
  return typeof section === 'object' && section !== null && !Array.isArray(section) ? (section as Json) : {};
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const short = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;

/** The entries of `custom_details` that say of the source what metadata spell with fewer characters. */
const SPELLED = { actor: 'registered_by', workflow: 'workflow', ref: 'ref' } as const;

/** The source as the card of this very version spells it (`dependabot[bot]`, not `dependabot_bot_`). */
export function spelledIn(content: string, arn: string, source: SourceRecord): SourceRecord {
  const custom = customDetails(parsed(content));
  if (custom['model_package_arn'] !== arn) return source;
  const spelled = Object.entries(SPELLED).flatMap(([fact, entry]) => {
    const text = custom[entry];
    const same =
      typeof text === 'string' && tagValue(text) === tagValue(source[fact as keyof typeof SPELLED] ?? '');
    return same ? [[fact, text] as const] : [];
  });
  return { ...source, ...Object.fromEntries(spelled) };
}

const customDetails = (card: Json): Json =>
  sectionOf(sectionOf(card, 'additional_information'), 'custom_details');

/** Empty when it is no JSON object. */
function parsed(content: string): Json {
  try {
    return sectionOf({ card: JSON.parse(content) as unknown }, 'card');
  } catch {
    return {};
  }
}

/** A decision on a version, as its card tells it. */
export interface Decision {
  readonly description: string;
  /** ISO 8601. */
  readonly at: string;
  readonly actor?: string;
  readonly runUrl?: string;
}

/**
 * A card with the decision on its version filled in, all else as it stands.
 *
 * @param content JSON by the model-card schema
 * @returns undefined when the card is about another version, or cannot be read
 */
export function approvedCard(
  content: string,
  version: {
    readonly ModelPackageArn?: string | undefined;
    readonly ModelApprovalStatus?: string | undefined;
  },
  { description, at, actor, runUrl }: Decision,
): string | undefined {
  const card = parsed(content);
  const additional = sectionOf(card, 'additional_information');
  const custom = customDetails(card);
  const tied = sectionOf(card, 'model_package_details');
  const { ModelPackageArn: arn, ModelApprovalStatus: status } = version;
  if (arn === undefined || status === undefined) return undefined;
  if (tied['model_package_arn'] !== arn && custom['model_package_arn'] !== arn) return undefined;
  return JSON.stringify({
    ...card,
    ...(Object.keys(tied).length > 0 && {
      model_package_details: {
        ...tied,
        model_approval_status: status,
        approval_description: short(description, LONGEST.field),
      },
    }),
    additional_information: {
      ...additional,
      custom_details: {
        ...custom,
        approval_status: status,
        ...(actor && { decided_by: short(actor, LONGEST.field) }),
        decided_at: at,
        ...(runUrl && { decision_run_url: short(runUrl, LONGEST.field) }),
      },
    },
  });
}
