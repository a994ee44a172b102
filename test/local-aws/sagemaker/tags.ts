import type {
  AddTagsCommandInput,
  DeleteTagsCommandInput,
  ListTagsCommandInput,
  Tag,
} from '@aws-sdk/client-sagemaker';
import { AwsError } from '../service.js';

/** The tags of everything that SageMaker keeps, by ARN: what `AddTags`, `DeleteTags` and `ListTags` see. */
export class Tags {
  readonly #byArn = new Map<string, Map<string, string>>();

  /** A resource has come into being; only from now on can it be tagged. */
  create(arn: string, tags: readonly Tag[] = []): void {
    this.#byArn.set(arn, toMap(tags));
  }

  /** The resource is gone. */
  remove(arn: string): void {
    this.#byArn.delete(arn);
  }

  /** The tags of a resource, in the order of their coming; none when there is no such resource. */
  of(arn: string): Tag[] {
    return [...(this.#byArn.get(arn) ?? [])].map(([Key, Value]) => ({ Key, Value }));
  }

  add({ ResourceArn = '', Tags = [] }: AddTagsCommandInput): { Tags: Tag[] } {
    const tags = this.#get(ResourceArn);
    for (const [key, value] of toMap(Tags)) {
      tags.set(key, value);
    }
    return { Tags: this.of(ResourceArn) };
  }

  delete({ ResourceArn = '', TagKeys = [] }: DeleteTagsCommandInput): object {
    const tags = this.#get(ResourceArn);
    for (const key of TagKeys) {
      tags.delete(key);
    }
    return {};
  }

  list({ ResourceArn = '' }: ListTagsCommandInput): { Tags: Tag[] } {
    this.#get(ResourceArn);
    return { Tags: this.of(ResourceArn) };
  }

  #get(arn: string): Map<string, string> {
    const tags = this.#byArn.get(arn);
    if (tags === undefined) {
      // [obs] A27: not found has no code of its own.
      throw new AwsError('ValidationException', 'Requested resource not found.');
    }
    return tags;
  }
}

function toMap(tags: readonly Tag[]): Map<string, string> {
  return new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
