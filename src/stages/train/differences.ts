import type { CreateTrainingJobRequest, DescribeTrainingJobResponse } from '../../aws/training-jobs.js';
import { differingPaths, type Json } from './deep-merge.js';

/** Fields whose values are told: no secret stands in them. */
const TOLD = /^(?:AlgorithmSpecification\.TrainingImage|RoleArn|(?:ResourceConfig|StoppingCondition)\.\w+)$/;

/**
 * What is otherwise in a job than in the request for it, its name and tags aside: `ResourceConfig.InstanceType
 * (ml.m5.xlarge, not ml.m5.large)`. Of most fields only the path: their values may be secrets.
 */
export function differencesOf(
  request: CreateTrainingJobRequest,
  job: DescribeTrainingJobResponse,
): readonly string[] {
  const { TrainingJobName: _, Tags: __, ...content } = request;
  return differingPaths(content as Json, job).map((path) => {
    const [is, asked] = [valueAt(job, path), valueAt(request, path)];
    return TOLD.test(path) && isPlain(is) && isPlain(asked) ? `${path} (${is}, not ${asked})` : path;
  });
}

const valueAt = (whole: unknown, path: string): unknown =>
  path.split('.').reduce((value, key) => (Object(value) as Json)[key], whole);

const isPlain = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';
