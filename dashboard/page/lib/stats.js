export const stats = {
  draws: 0,
  lastDrawMs: 0,
  drawMs: 0,
  reconnects: 0,
  connected: false,
  runs: {},
  onDrawn: null,
};
