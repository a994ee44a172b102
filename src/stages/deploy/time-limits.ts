const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Attempts of one call; the stage makes it again and again by itself. */
export const ATTEMPTS = 3;

/** Of a call whose time is short. */
export const HASTY_ATTEMPTS = 2;

/** After a cancel the stages have 4 s (run.ts): a change that is on its way may arrive, then it is taken back. */
export const CHANGE_GRACE_MS = 1_200;
export const UNDO_MS = 2_300;

/** What was changed just now may be seen so much later only. */
export const UNSEEN_MS = 30 * SECOND;

/** Others have changed the endpoint at the same time: it is looked at again. */
export const LOOK_AGAIN_MS = 2 * SECOND;

/** Instances that auto-scaling adds to a proven endpoint are there by then. */
export const SCALED_MS = 10 * MINUTE;

/** An endpoint that is deleted is gone within a minute or two. */
export const DELETE_MS = 10 * MINUTE;
