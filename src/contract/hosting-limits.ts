/**
 * What the platform gives a hosting container. [doc] your-algorithms-inference-code.md
 */

export const SERVER_PORT = 8080;
/** Seconds until the first 200 of GET /ping. */
export const START_WINDOW_SECONDS = 480;
/** Seconds for each GET /ping, for the container's whole life. */
export const PING_LIMIT_SECONDS = 2;
/** Seconds for the answer to one request. */
export const INVOCATION_LIMIT_SECONDS = 60;
/** Seconds between SIGTERM and SIGKILL at scale-in and updates. */
export const STOP_GRACE_SECONDS = 30;
