import { AwsError } from '../../aws/aws-error.js';
import type { ModelCard, ModelRegistry } from '../../aws/model-registry.js';
import type { ModelCardPlan } from '../../plan.js';
import { isPartOf } from '../train/deep-merge.js';
import type { JobClock } from '../train/job-clock.js';
import type { SteadyConnection } from './steady-connection.js';

/** How often the card is looked at, when somebody else changes it at the same time. */
const MOST_TRIES = 6;
const WAIT_MS = 2_000;

export interface WantedCard {
  readonly name: string;
  readonly status: ModelCardPlan['status'];
  /** JSON by the model-card schema. */
  readonly content: string;
  readonly tags: ReadonlyMap<string, string>;
}

export interface WrittenCard {
  readonly card: ModelCard;
  readonly change: 'created' | 'updated' | 'unchanged';
}

/**
 * Makes the card, or a new version of the one that is there. One that says the same already stays as it is, with
 * the status that somebody gave it.
 *
 * @throws AwsError, CanceledError
 */
export async function writeCard(
  aws: SteadyConnection<ModelRegistry>,
  { name, status, content, tags }: WantedCard,
  clock: JobClock,
  signal: AbortSignal,
): Promise<WrittenCard> {
  let change: WrittenCard['change'] = 'unchanged';
  for (let tries = 1; ; tries += 1) {
    const card = await aws.call((registry) => registry.describeCard(name, signal));
    const written = change !== 'unchanged';
    try {
      if (card !== undefined && (written || saysAll(card.content, content))) {
        if (written && card.status !== status) {
          await aws.call((registry) => registry.updateCardStatus(name, status, signal));
        }
        return { card: written ? { ...card, status } : card, change };
      }
      if (card !== undefined) {
        await aws.call((registry) => registry.updateCardContent(name, content, signal));
        change = 'updated';
        continue;
      }
      if (!written) {
        await aws.call((registry) => registry.createCard({ name, status, content }, tags, signal));
        change = 'created';
        continue;
      }
      // AWS has made it, and does not show it yet.
      if (tries >= MOST_TRIES) return { card: { name, arn: '', version: 1, status, content }, change };
    } catch (error) {
      // Somebody else changes it, or this very call was answered before and the answer lost: it is looked at again.
      const again = error instanceof AwsError && error.kind === 'conflict' && tries < MOST_TRIES;
      if (!again) throw error;
    }
    await clock.sleep(WAIT_MS * tries, signal);
  }
}

/** Whether a card has all of this content: AWS may add members of its own. */
function saysAll(card: string, content: string): boolean {
  try {
    return isPartOf(JSON.parse(content), JSON.parse(card));
  } catch {
    return false;
  }
}
