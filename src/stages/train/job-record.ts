import { trainingJobPage, trainingLogsPage } from '../../aws/console-links.js';
import {
  type CreateTrainingJobRequest,
  type DescribeTrainingJobResponse,
  finalMetricsOf,
} from '../../aws/training-jobs.js';
import type { BaselineRecord, JobPlan, JobRecord } from '../../plan.js';
import { type Cost, costOf } from '../../report/cost.js';
import type { Followed } from './follow.js';
import { judgeGates } from './judge-gates.js';
import { machinesOf } from './machines.js';
import { shownRequest } from './training-request.js';
import { transitionsOf } from './transitions.js';

/** Everything that is known of a job at some moment. */
export interface JobFacts {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly joined: boolean;
  readonly request: CreateTrainingJobRequest;
  readonly overridden: readonly string[];
  readonly plan: JobPlan;
  /** As it was seen last. */
  readonly job?: DescribeTrainingJobResponse;
  readonly followed?: Followed;
  readonly price?: { readonly hourly: number; readonly source: string };
  readonly baseline?: BaselineRecord;
  /** Why the action stopped it, when following it did not. */
  readonly stoppedBecause?: string;
}

export function jobRecord(facts: JobFacts): JobRecord {
  const { name, region, request, job, followed } = facts;
  const machines = machinesOf(job?.ResourceConfig ?? request.ResourceConfig);
  const finalMetrics = finalMetricsOf(job ?? {});
  const series = followed?.series.filter(({ values }) => values.length > 0);
  const stoppedBecause = facts.stoppedBecause ?? followed?.stopped?.because;
  const cost = costOfJob(facts);
  const isOver = /^(?:Completed|Failed|Stopped)$/.test(job?.TrainingJobStatus ?? '');
  const consoleUrl = trainingJobPage(region, name);
  const logsUrl = trainingLogsPage(region, name);
  return {
    name,
    arn: facts.arn,
    region,
    status: followed?.end === 'lost' ? 'Unknown' : (job?.TrainingJobStatus ?? 'InProgress'),
    ...(job?.SecondaryStatus && { secondaryStatus: job.SecondaryStatus }),
    ...(job?.FailureReason && { failureReason: job.FailureReason }),
    instanceType: machines.type,
    instanceCount: machines.count,
    spot: job?.EnableManagedSpotTraining ?? request.EnableManagedSpotTraining ?? false,
    ...imageOf(job ?? request),
    joined: facts.joined,
    ...(stoppedBecause !== undefined && { stoppedBecause }),
    ...(followed?.stopped?.kind === 'stop-when' && { stoppedEarly: true }),
    transitions: job === undefined ? [] : transitionsOf(job),
    ...(job?.TrainingTimeInSeconds !== undefined && { trainingSeconds: job.TrainingTimeInSeconds }),
    ...(job?.BillableTimeInSeconds !== undefined && { billableSeconds: job.BillableTimeInSeconds }),
    ...(job?.ModelArtifacts?.S3ModelArtifacts && { modelArtifacts: job.ModelArtifacts.S3ModelArtifacts }),
    finalMetrics,
    ...(series !== undefined && { series }),
    ...(facts.baseline && { baseline: facts.baseline }),
    // Judged once, when the last value is known.
    gates: isOver ? judgeGates(facts.plan.metricGates, { finalMetrics, ...(series && { series }) }) : [],
    ...(cost && { cost }),
    request: shownRequest(request),
    ...(facts.overridden.length > 0 && { overridden: facts.overridden }),
    logTail: followed?.tail.lines ?? [],
    ...(followed?.tail.host !== undefined && { logTailHost: followed.tail.host }),
    ...(followed?.tail.beforeRestart && { logTailBeforeRestart: true }),
    ...(consoleUrl !== undefined && { consoleUrl }),
    ...(logsUrl !== undefined && { logsUrl }),
  };
}

/** Absent for a job of one of SageMaker's own algorithms. */
function imageOf({ AlgorithmSpecification }: Pick<DescribeTrainingJobResponse, 'AlgorithmSpecification'>) {
  const { TrainingImage } = AlgorithmSpecification ?? {};
  return TrainingImage === undefined ? {} : { image: TrainingImage };
}

function costOfJob({ job, price, request }: JobFacts): Cost | undefined {
  if (job?.BillableTimeInSeconds === undefined || price === undefined) return undefined;
  const { count } = machinesOf(job.ResourceConfig ?? request.ResourceConfig);
  return costOf(job.BillableTimeInSeconds, count, price.hourly, price.source);
}
