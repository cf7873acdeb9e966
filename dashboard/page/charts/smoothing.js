export const smoothing = { percent: 25 };
