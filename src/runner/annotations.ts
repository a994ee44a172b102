import { type AnnotationProperties, error, notice, warning } from '@actions/core';
import type { Annotation } from '../plan.js';

const COMMANDS = { error, warning, notice };

/**
 * Writes annotations as the runner's commands. Only outside of the log's guard do they count: release it first.
 * One with a place that is not in the repository stays an annotation, without the place.
 */
export function annotate(annotations: readonly Annotation[]): void {
  for (const { level, title, message, location } of annotations) {
    const properties: AnnotationProperties = { title };
    if (location !== undefined) {
      properties.file = location.path;
      properties.startLine = location.line;
      if (location.endLine !== undefined) properties.endLine = location.endLine;
    }
    COMMANDS[level](message, properties);
  }
}
