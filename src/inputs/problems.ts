/** One mistake in the inputs, written for the person who has to put it right. */
export interface InputProblem {
  /** Name of the input as the workflow writes it, for example `smoke-channels`. */
  readonly input: string;
  /** The value, or the part of it, that is wrong. `***` for secrets. May hold untrusted text. */
  readonly value: string;
  /** What is wrong with it: the rule that it breaks. */
  readonly rule: string;
  /** What to do. */
  readonly fix: string;
}

const SHOWN = 200;
const MOST_PER_INPUT = 10;

/** Collects every mistake, so that all can be shown together. */
export class Problems {
  readonly #found: InputProblem[] = [];
  readonly #left = new Map<string, number>();

  add(problem: InputProblem): void {
    const left = this.#left.get(problem.input) ?? MOST_PER_INPUT;
    this.#left.set(problem.input, left - 1);
    // The same mistake on each of 500 lines is one mistake: the first few show it.
    if (left <= 0) return;
    this.#found.push({ ...problem, value: shorten(problem.value) });
  }

  get found(): readonly InputProblem[] {
    const more = [...this.#left].filter(([, left]) => left < 0);
    return [
      ...this.#found,
      ...more.map(([input, left]) => ({
        input,
        value: '',
        rule: `Has ${-left} more mistakes like these.`,
        fix: 'Correct the ones above first.',
      })),
    ];
  }
}

/** One input as given: its name, its text, and where to report what is wrong with it. */
export class Field {
  #failed = false;

  constructor(
    readonly name: string,
    /** The text as given, with Windows' line ends made `\n`; empty when the input is not given. */
    readonly text: string,
    private readonly problems: Problems,
    /** Nothing of the value may be shown. */
    readonly secret = false,
    private readonly report?: (rule: string, fix: string, value: string) => void,
  ) {}

  get given(): boolean {
    return this.text.trim() !== '';
  }

  /** Whether a mistake was reported. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Reports a mistake. Text from the input goes into `value` alone, which is hidden for secrets. */
  problem(rule: string, fix: string, value: string = this.text.trim()): undefined {
    this.#failed = true;
    if (this.report) {
      this.report(rule, fix, value);
      return undefined;
    }
    this.problems.add({ input: this.name, value: this.secret ? '***' : value, rule, fix });
    return undefined;
  }

  /** A value of a map in this input: its mistakes are mistakes of this input, shown with the key before them. */
  part(key: string, text: string): Field {
    return new Field(this.name, text, this.problems, this.secret, (rule, fix, value) => {
      this.problem(rule, fix, value === '' ? key : `${key}=${value}`);
    });
  }
}

function shorten(value: string): string {
  if (value.length <= SHOWN) return value;
  return `${value.slice(0, SHOWN).toWellFormed()}… (${value.length} characters)`;
}
