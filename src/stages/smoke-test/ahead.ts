/** Something that is made before it is needed, and let go of when it turns out not to be. */
export class Ahead<Thing extends { discard(): void }> {
  #made: Promise<Thing> | undefined;
  #taken = false;

  constructor(private readonly make: () => Promise<Thing>) {}

  /** Begins to make it, once. What goes wrong is told to whoever takes it. */
  begin(): Promise<Thing> {
    this.#made ??= this.make();
    this.#made.catch(() => {});
    return this.#made;
  }

  take(): Promise<Thing> {
    this.#taken = true;
    return this.begin();
  }

  /** Lets go of it, unless it was never begun or somebody has taken it. Never rejects. */
  async drop(): Promise<void> {
    if (this.#made !== undefined && !this.#taken) {
      await this.#made.then(
        (thing) => thing.discard(),
        () => {},
      );
    }
  }
}
