export const shortcutTargets = { runs: null };
