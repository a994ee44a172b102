import type { ModelCardPlan } from '../plan.js';
import { findPath } from './paths.js';
import type { Field } from './problems.js';

export function readModelCard(field: Field, workspace: string): ModelCardPlan | undefined {
  const file = field.given
    ? findPath(field, workspace, field.text.trim(), { kind: 'file', what: 'model card' })
    : undefined;
  return file && { path: file.path, status: 'Draft', content: {} };
}
