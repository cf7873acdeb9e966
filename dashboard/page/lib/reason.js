/* Failures in words. */

/**
 * The reason of anything that was thrown, in words.
 * @param {unknown} error
 * @returns {string}
 */
export const reason = (error) => (error instanceof Error ? error.message : String(error));
